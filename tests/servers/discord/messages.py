"""Messages: how a body becomes a stored message, and who is pinged by it."""

from __future__ import annotations

import re

from tests.servers.discord.world import JSON, Channel, User, now_iso, snowflake

EPHEMERAL, LOADING = 1 << 6, 1 << 7
MENTION = re.compile(r"<@!?(\d+)>")
ROLE_MENTION = re.compile(r"<@&(\d+)>")
DEFAULT, REPLY, CHAT_INPUT, CONTEXT_MENU = 0, 19, 20, 23


def build(
    channel: Channel,
    author: User,
    body: JSON,
    *,
    files: dict[str, bytes] | None = None,
    users: dict[str, User],
    reference: JSON | None = None,
    cdn: str = "",
) -> JSON:
    """A message as Discord would store and send it."""
    content = body.get("content") or ""
    replied = reference["author"]["id"] if reference else None
    mentioned = [users[i] for i in dict.fromkeys(MENTION.findall(content)) if i in users]
    if replied and _pings_replied(body) and replied in users:
        mentioned += [users[replied]] if users[replied] not in mentioned else []
    message: JSON = {
        "id": snowflake(),
        "channel_id": channel.id,
        "type": REPLY if reference else DEFAULT,
        "author": author.payload(),
        "content": content,
        "timestamp": now_iso(),
        "edited_timestamp": None,
        "tts": bool(body.get("tts")),
        "mention_everyone": "@everyone" in pings(body, author),
        "mentions": [user.payload() for user in mentioned],
        "mention_roles": ROLE_MENTION.findall(content),
        "attachments": attachments(body, files or {}, cdn),
        "embeds": [_embed(embed, body, cdn) for embed in body.get("embeds") or []],
        "components": body.get("components") or [],
        "pinned": False,
        "flags": body.get("flags") or 0,
    }
    if channel.guild_id:
        message["guild_id"] = channel.guild_id
        message["member"] = _partial_member(channel, author)
    if body.get("nonce") is not None:
        message["nonce"] = body["nonce"]
    if reference:
        message["message_reference"] = {
            "type": 0,
            "message_id": reference["id"],
            "channel_id": channel.id,
        } | ({"guild_id": channel.guild_id} if channel.guild_id else {})
        inner = {k: v for k, v in reference.items() if k != "referenced_message"}
        message["referenced_message"] = inner
    return message


def change(message: JSON, body: JSON, files: dict[str, bytes], cdn: str) -> None:
    """Edit a stored message in place; what `body` does not name stays."""
    for key in ("content", "embeds", "components", "flags"):
        if key in body:
            empty = {"content": "", "flags": 0}.get(key, [])
            message[key] = body[key] or empty
    if "attachments" in body or files:
        kept = {str(a["id"]) for a in body.get("attachments") or [] if "filename" not in a}
        old = [a for a in message["attachments"] if a["id"] in kept]
        message["attachments"] = old + attachments(body, files, cdn)
    message["edited_timestamp"] = now_iso()


def attachments(body: JSON, files: dict[str, bytes], cdn: str) -> list[JSON]:
    described = {a.get("filename"): a.get("description") for a in body.get("attachments") or []}
    return [
        {
            "id": snowflake(),
            "filename": name,
            "size": len(data),
            "url": f"{cdn}/{name}",
            "proxy_url": f"{cdn}/{name}",
            "content_type": "image/png" if name.endswith(".png") else "application/octet-stream",
            "description": described.get(name),
        }
        for name, data in files.items()
    ]


def _embed(embed: JSON, body: JSON, cdn: str) -> JSON:
    image = embed.get("image")
    if image and image["url"].startswith("attachment://"):
        name = image["url"].removeprefix("attachment://")
        return embed | {"image": {"url": f"{cdn}/{name}"}}
    return embed


def _pings_replied(body: JSON) -> bool:
    allowed = body.get("allowed_mentions")
    if allowed is None:
        return True
    return bool(allowed.get("replied_user", False))


def pings(body: JSON, author: User) -> list[str]:
    """Who a message notifies: user ids, role ids, `@everyone`, `reply`."""
    content, allowed = body.get("content") or "", body.get("allowed_mentions")
    parse = {"users", "roles", "everyone"} if allowed is None else set(allowed.get("parse") or [])
    allowed = allowed or {}
    found: list[str] = []
    for kind, pattern in (("users", MENTION), ("roles", ROLE_MENTION)):
        listed = {str(i) for i in allowed.get(kind) or []}
        found += [i for i in pattern.findall(content) if kind in parse or i in listed]
    if "everyone" in parse and re.search(r"@(everyone|here)\b", content):
        found.append("@everyone")
    if body.get("message_reference") and _pings_replied(body):
        found.append("reply")
    return found


def _partial_member(channel: Channel, author: User) -> JSON:
    assert channel.guild is not None
    member = channel.guild.member_payload(author)
    member.pop("user")
    return member


def interaction_metadata(interaction_id: str, kind: int, user: User, *, user_app: bool) -> JSON:
    """What a message that answers an interaction says about it."""
    return {
        "id": interaction_id,
        "type": kind,
        "user": user.payload(),
        "authorizing_integration_owners": {"1" if user_app else "0": user.id},
    }
