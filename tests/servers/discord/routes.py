"""What each REST route does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.servers.discord import limits, messages
from tests.servers.discord.faults import error
from tests.servers.discord.interactions import Exchange
from tests.servers.discord.rest import Call, Handler, check, check_message, nothing, reply
from tests.servers.discord.world import (
    ATTACH_FILES,
    EMBED_LINKS,
    JSON,
    MANAGE_MESSAGES,
    READ_HISTORY,
    SEND_IN_THREADS,
    SEND_MESSAGES,
    VIEW_CHANNEL,
    Channel,
)

if TYPE_CHECKING:
    from tests.servers.discord.server import DiscordServer


# --- the application ------------------------------------------------------------------------


async def me(server: DiscordServer, call: Call) -> web.Response:
    return reply(server.bot.payload() | {"verified": True, "mfa_enabled": True, "email": None})


async def application(server: DiscordServer, call: Call) -> web.Response:
    owner = server.users.get("owner") or server.bot
    return reply(
        {
            "id": server.app_id,
            "name": "FAQ",
            "icon": None,
            "description": "Answers questions",
            "bot_public": True,
            "bot_require_code_grant": False,
            "owner": owner.payload(),
            "verify_key": "0" * 64,
            "team": None,
            "flags": server.app_flags,
            "interactions_endpoint_url": None,
            "integration_types_config": {"0": {}, "1": {}},
            "approximate_guild_count": len(server.guilds),
        }
    )


async def gateway(server: DiscordServer, call: Call) -> web.Response:
    return reply({"url": server.gateway_url})


async def gateway_bot(server: DiscordServer, call: Call) -> web.Response:
    limit = {"total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 1}
    return reply(
        {"url": server.gateway_url, "shards": server.shards, "session_start_limit": limit}
    )


async def my_guilds(server: DiscordServer, call: Call) -> web.Response:
    listed = []
    for guild in server.guilds:
        if guild.installed:
            permissions = int(guild.roles[guild.bot_role]["permissions"])
            about = {"id": guild.id, "name": guild.name, "icon": None, "owner": False}
            listed.append(about | {"permissions": str(permissions), "features": []})
    return reply(listed)


async def user(server: DiscordServer, call: Call) -> web.Response:
    found = server.users.get(call.at["user_id"])
    return reply(found.payload()) if found else error(404, 10013, "Unknown User")


async def member(server: DiscordServer, call: Call) -> web.Response:
    found = server.users.get(call.at["user_id"])
    for guild in server.guilds:
        if found and guild.id == call.at["guild_id"]:
            return reply(guild.member_payload(found))
    return error(404, 10007, "Unknown Member")


# --- commands -------------------------------------------------------------------------------


async def read_commands(server: DiscordServer, call: Call) -> web.Response:
    localised = call.seen.query.get("with_localizations", "").lower() in ("1", "true")
    return reply(server.commands.told(call.at.get("guild_id"), localised=localised))


async def write_commands(server: DiscordServer, call: Call) -> web.Response:
    scope = call.at.get("guild_id")
    if scope and scope not in {g.id for g in server.guilds if g.installed}:
        return error(403, 50001, "Missing Access")
    wrong = check(server, call, limits.commands(call.body))
    return wrong or reply(server.commands.replace(scope, call.body))


async def add_command(server: DiscordServer, call: Call) -> web.Response:
    wrong = check(server, call, limits.commands([call.body]))
    return wrong or reply(server.commands.upsert(call.at.get("guild_id"), call.body), 201)


# --- channels and messages ------------------------------------------------------------------


async def open_dm(server: DiscordServer, call: Call) -> web.Response:
    person = server.users.get(str(call.body.get("recipient_id")))
    return reply(server.dm(person).payload()) if person else error(400, 50033, "Invalid Recipient")


async def read_channel(server: DiscordServer, call: Call) -> web.Response:
    channel, refusal = _visible(server, call)
    return refusal or reply(channel.payload())


async def typing(server: DiscordServer, call: Call) -> web.Response:
    _, refusal = _visible(server, call, SEND_MESSAGES)
    return refusal or nothing()


async def send(server: DiscordServer, call: Call) -> web.Response:
    channel, refusal = _visible(server, call, SEND_MESSAGES)
    refusal = refusal or _may_send(server, channel, call) or check_message(server, call)
    if refusal:
        return refusal
    reference, wanted = None, call.body.get("message_reference")
    if wanted:
        reference = server.messages.get(str(wanted["message_id"]))
        if reference is None and wanted.get("fail_if_not_exists", True):
            what = {"code": "REPLIES_UNKNOWN_MESSAGE", "message": "Unknown message"}
            return error(
                400, 50035, "Invalid Form Body", {"message_reference": {"_errors": [what]}}
            )
    made = await server.post(
        channel, server.bot, call.body, files=call.files, reference=reference
    )
    return reply(made)


async def read_messages(server: DiscordServer, call: Call) -> web.Response:
    channel, refusal = _visible(server, call, READ_HISTORY)
    if refusal:
        return refusal
    here = [m for m in server.messages.values() if m["channel_id"] == channel.id]
    return reply(here[::-1][: int(call.seen.query.get("limit", 50))])


async def read_message(server: DiscordServer, call: Call) -> web.Response:
    _, refusal = _visible(server, call, READ_HISTORY)
    found = server.messages.get(call.at["message_id"])
    return refusal or (reply(found) if found else _unknown_message())


async def edit_message(server: DiscordServer, call: Call) -> web.Response:
    _, refusal = _visible(server, call)
    found = server.messages.get(call.at["message_id"])
    if refusal or found is None:
        return refusal or _unknown_message()
    if found["author"]["id"] != server.bot.id:
        return error(403, 50005, "Cannot edit a message authored by another user")
    wrong = check_message(server, call, partial=True)
    return wrong or reply(await server.edit(found, call.body, call.files))


async def delete_message(server: DiscordServer, call: Call) -> web.Response:
    channel, refusal = _visible(server, call)
    found = server.messages.get(call.at["message_id"])
    if refusal or found is None:
        return refusal or _unknown_message()
    if found["author"]["id"] != server.bot.id and not _bot_may(channel, MANAGE_MESSAGES):
        return error(403, 50013, "Missing Permissions")
    await server.delete(found)
    return nothing()


def _visible(server: DiscordServer, call: Call, needed: int = 0) -> tuple[Channel, Any]:
    """The channel of the path, and why the bot may not act there (else None)."""
    channel = server.channel(call.at["channel_id"])
    if channel is None:
        return Channel(0), error(404, 10003, "Unknown Channel")
    if channel.private:
        closed = channel.recipients[0].dm_closed and bool(needed & SEND_MESSAGES)
        return channel, error(403, 50007, "Cannot send messages to this user") if closed else None
    assert channel.guild is not None
    if not channel.guild.installed or not _bot_may(channel, VIEW_CHANNEL):
        return channel, error(403, 50001, "Missing Access")
    if needed == SEND_MESSAGES and channel.is_thread:
        needed = SEND_IN_THREADS
    if not _bot_may(channel, needed):
        return channel, error(403, 50013, "Missing Permissions")
    return channel, None


def _bot_may(channel: Channel, needed: int) -> bool:
    if channel.guild is None:
        return True
    return channel.guild.permissions_of(channel.guild.bot, channel) & needed == needed


def _may_send(server: DiscordServer, channel: Channel, call: Call) -> web.Response | None:
    if call.body.get("message_reference") and not _bot_may(channel, READ_HISTORY):
        return error(400, 160002, "Cannot reply without permission to read message history")
    if call.files and not _bot_may(channel, ATTACH_FILES):
        return error(403, 50013, "Missing Permissions")
    if call.body.get("embeds") and not _bot_may(channel, EMBED_LINKS):
        return error(403, 50013, "Missing Permissions")
    return None


def _unknown_message() -> web.Response:
    return error(404, 10008, "Unknown Message")


# --- interactions ---------------------------------------------------------------------------


async def callback(server: DiscordServer, call: Call) -> web.Response:
    exchange = server.exchanges.get(call.at["token"])
    if exchange is None or exchange.id != call.at["interaction_id"] or exchange.late:
        return error(404, 10062, "Unknown interaction")
    if exchange.response is not None:
        return error(400, 40060, "Interaction has already been acknowledged.")
    wrong = check(server, call, limits.callback(call.body, call.files))
    if wrong:
        return wrong
    kind, data = call.body["type"], call.body.get("data") or {}
    exchange.files = dict(call.files)
    shown: JSON | None = None
    if kind in (4, 5):
        loading = messages.LOADING if kind == 5 else 0
        data = data | {"flags": (data.get("flags") or 0) | loading}
        shown = await _post_for(server, exchange, data, call.files)
    elif kind in (6, 7):
        shown = exchange.source
        if kind == 7 and shown is not None:
            shown = await server.edit(shown, data, call.files)
    exchange.respond(call.body, shown)
    return reply(exchange.callback_answer())


async def followup(server: DiscordServer, call: Call) -> web.Response:
    exchange = server.exchanges.get(call.at["token"])
    if exchange is None or exchange.expired or exchange.response is None:
        return error(404, 10015, "Unknown Webhook")
    wrong = check_message(server, call)
    if wrong:
        return wrong  # type: ignore[no-any-return]
    if exchange.original and exchange.original["flags"] & messages.LOADING:
        made = await _fill(server, exchange.original, call)
    else:
        made = await _post_for(server, exchange, call.body, call.files)
    exchange.followups.append(made)
    exchange.settle()
    return reply(made)


async def read_answer(server: DiscordServer, call: Call) -> web.Response:
    found = _answer_of(server, call)
    return reply(found) if found else _unknown_message()


async def edit_answer(server: DiscordServer, call: Call) -> web.Response:
    found = _answer_of(server, call)
    if found is None:
        return _unknown_message()
    wrong = check_message(server, call, partial=True)
    if wrong:
        return wrong  # type: ignore[no-any-return]
    made = await _fill(server, found, call)
    server.exchanges[call.at["token"]].settle()
    return reply(made)


async def delete_answer(server: DiscordServer, call: Call) -> web.Response:
    found = _answer_of(server, call)
    if found is None:
        return _unknown_message()
    await server.delete(found)
    return nothing()


async def _fill(server: DiscordServer, message: JSON, call: Call) -> JSON:
    message["flags"] &= ~messages.LOADING
    if message not in server.sent.items:
        server.sent.append(message)
    server.exchanges[call.at["token"]].files |= call.files
    return await server.edit(message, call.body, call.files)


async def _post_for(
    server: DiscordServer, exchange: Exchange, data: JSON, files: dict[str, bytes]
) -> JSON:
    metadata = messages.interaction_metadata(
        exchange.id, exchange.kind, exchange.user, user_app=exchange.user_app
    )
    extra: JSON = {
        "webhook_id": server.app_id,
        "application_id": server.app_id,
        "interaction_metadata": metadata,
        "type": messages.CHAT_INPUT,
    }
    if exchange.source is not None:
        extra["message_reference"] = {
            "type": 0,
            "message_id": exchange.source["id"],
            "channel_id": exchange.channel.id,
        }
    return await server.post(exchange.channel, server.bot, data, files=files, extra=extra)


def _answer_of(server: DiscordServer, call: Call) -> JSON | None:
    exchange = server.exchanges.get(call.at["token"])
    if exchange is None or exchange.expired or exchange.response is None:
        return None
    if call.at["message_id"] == "@original":
        found = exchange.original
        return found if found and found["id"] in server.messages else None
    return server.messages.get(call.at["message_id"])


_COMMANDS = "/applications/{application_id}/commands"
_GUILD_COMMANDS = "/applications/{application_id}/guilds/{guild_id}/commands"
_MESSAGE = "/channels/{channel_id}/messages/{message_id}"
_ANSWER = "/webhooks/{webhook_id}/{token}/messages/{message_id}"

TABLE: list[tuple[str, str, Handler]] = [
    ("GET", "/users/@me", me),
    ("GET", "/users/@me/guilds", my_guilds),
    ("POST", "/users/@me/channels", open_dm),
    ("GET", "/users/{user_id}", user),
    ("GET", "/guilds/{guild_id}/members/{user_id}", member),
    ("GET", "/oauth2/applications/@me", application),
    ("GET", "/applications/@me", application),
    ("GET", "/gateway", gateway),
    ("GET", "/gateway/bot", gateway_bot),
    *[
        entry
        for route in (_COMMANDS, _GUILD_COMMANDS)
        for entry in (
            ("GET", route, read_commands),
            ("PUT", route, write_commands),
            ("POST", route, add_command),
        )
    ],
    ("POST", "/interactions/{interaction_id}/{token}/callback", callback),
    ("POST", "/webhooks/{webhook_id}/{token}", followup),
    ("GET", _ANSWER, read_answer),
    ("PATCH", _ANSWER, edit_answer),
    ("DELETE", _ANSWER, delete_answer),
    ("GET", "/channels/{channel_id}", read_channel),
    ("POST", "/channels/{channel_id}/typing", typing),
    ("GET", "/channels/{channel_id}/messages", read_messages),
    ("POST", "/channels/{channel_id}/messages", send),
    ("GET", _MESSAGE, read_message),
    ("PATCH", _MESSAGE, edit_message),
    ("DELETE", _MESSAGE, delete_message),
]
