"""The Web API: one function per method, in Slack's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from tests.servers.slack import limits
from tests.servers.slack.world import (
    APP,
    BOT,
    BOT_USER,
    JSON,
    TEAM,
    Channel,
    Message,
    User,
    new_id,
    walk,
)

if TYPE_CHECKING:
    from tests.servers.slack.server import SlackServer

Method = Callable[["SlackServer", JSON], JSON]
METHODS: dict[str, tuple[str, Method]] = {}
"""By name: the scope that a method needs, and the method."""


class ApiError(Exception):
    """`ok: false` with a code."""

    def __init__(self, code: str, **extra: object) -> None:
        super().__init__(code)
        self.answer = {"ok": False, "error": code, **extra}


def method(name: str, scope: str = "") -> Callable[[Method], Method]:
    def register(function: Method) -> Method:
        METHODS[name] = (scope, function)
        return function

    return register


def call(server: SlackServer, name: str, body: JSON, token: str) -> JSON:
    """The answer to one call; `server` changes as Slack would."""
    if name not in METHODS:
        return {"ok": False, "error": "unknown_method", "req_method": name}
    scope, function = METHODS[name]
    try:
        _authorise(server, name, token, scope)
        return {"ok": True, **function(server, body)}
    except ApiError as error:
        return error.answer


def _authorise(server: SlackServer, name: str, token: str, scope: str) -> None:
    wanted = server.app_token if name == "apps.connections.open" else server.bot_token
    if not token:
        raise ApiError("not_authed")
    if token in server.revoked:
        raise ApiError("token_revoked")
    if token != wanted:
        other = token in (server.app_token, server.bot_token)
        raise ApiError("not_allowed_token_type" if other else "invalid_auth")
    if scope and scope not in server.scopes:
        raise ApiError("missing_scope", needed=scope, provided=",".join(sorted(server.scopes)))


def check(server: SlackServer, breaches: Iterator[str], code: str = "invalid_blocks") -> None:
    """Refuse what breaks a limit, and note it."""
    found = list(breaches)
    server.violations += found
    if found:
        raise ApiError(code, response_metadata={"messages": [f"[ERROR] {one}" for one in found]})


def check_files(server: SlackServer, blocks: list[JSON]) -> None:
    """An image must be a file of this bot that Slack has finished with."""
    for part in walk(blocks):
        if part.get("type") == "image" and "slack_file" in part:
            file = server.files.get(part["slack_file"].get("id", ""))
            if file is None or not file.get("complete") or file["refusals"] > 0:
                if file:
                    file["refusals"] -= 1
                raise ApiError("invalid_blocks", errors=["invalid slack file"])


def _conversation(server: SlackServer, channel_id: str) -> Channel:
    if channel_id.startswith("U") and channel_id in server.users:
        return server.dm(server.users[channel_id])
    channel = server.channels.get(channel_id)
    if channel is None:
        raise ApiError("channel_not_found")
    return channel


def _writable(server: SlackServer, body: JSON) -> Channel:
    channel = _conversation(server, str(body.get("channel", "")))
    if channel.archived:
        raise ApiError("is_archived")
    if not channel.member:
        raise ApiError("not_in_channel")
    return channel


def _own(server: SlackServer, body: JSON, failure: str) -> Message:
    channel = _conversation(server, str(body.get("channel", "")))
    for message in server.messages:
        if message.channel is channel and message.ts == body.get("ts") and not message.deleted:
            if message.author != BOT_USER:
                raise ApiError(failure)
            return message
    raise ApiError("message_not_found")


@method("auth.test")
def _auth_test(_server: SlackServer, _body: JSON) -> JSON:
    return {"url": "https://lab.slack.com/", "team": "Lab", "user": "aifaq", "team_id": TEAM,
            "user_id": BOT_USER, "bot_id": BOT, "is_enterprise_install": False}


@method("apps.connections.open", "")
def _connections_open(server: SlackServer, _body: JSON) -> JSON:
    return {"url": server.sockets.ticket()}


@method("chat.postMessage", "chat:write")
def _post(server: SlackServer, body: JSON) -> JSON:
    channel = _writable(server, body)
    blocks = body.get("blocks") or []
    check(server, limits.message(body | {"blocks": blocks}))
    check_files(server, blocks)
    if body.get("unfurl_links") is not False or body.get("unfurl_media") is not False:
        server.violations.append("chat.postMessage: links unfurl")
    message = server.post(channel, BOT_USER, body | {"blocks": blocks})
    return {"channel": channel.id, "ts": message.ts, "message": message.wire()}


@method("chat.update", "chat:write")
def _update(server: SlackServer, body: JSON) -> JSON:
    message = _own(server, body, "cant_update_message")
    blocks = body.get("blocks") or []
    check(server, limits.message(body | {"blocks": blocks}, update=True), "msg_too_long")
    check_files(server, blocks)
    server.change(message, body | {"blocks": blocks})
    return {"channel": message.channel.id, "ts": message.ts, "text": message.text}


@method("chat.delete", "chat:write")
def _delete(server: SlackServer, body: JSON) -> JSON:
    message = _own(server, body, "cant_delete_message")
    server.delete(message)
    return {"channel": message.channel.id, "ts": message.ts}


@method("chat.postEphemeral", "chat:write")
def _post_ephemeral(server: SlackServer, body: JSON) -> JSON:
    channel = _writable(server, body)
    user = server.users.get(str(body.get("user")))
    if user is None:
        raise ApiError("user_not_in_channel")
    blocks = body.get("blocks") or []
    check(server, limits.message(body | {"blocks": blocks}))
    check_files(server, blocks)
    message = server.post(channel, BOT_USER, body | {"blocks": blocks}, to=user)
    return {"message_ts": message.ts}


@method("users.info", "users:read")
def _users_info(server: SlackServer, body: JSON) -> JSON:
    user = server.users.get(str(body.get("user")))
    if user is None:
        raise ApiError("user_not_found")
    told: JSON = {"id": user.id, "team_id": TEAM, "name": user.name, "is_bot": False,
                  "is_admin": user.is_admin, "is_owner": False, "deleted": False}
    if str(body.get("include_locale")).lower() in ("1", "true"):
        told["locale"] = user.locale
    return {"user": told}


@method("usergroups.users.list", "usergroups:read")
def _group_members(server: SlackServer, body: JSON) -> JSON:
    members = server.groups.get(str(body.get("usergroup")))
    if members is None:
        raise ApiError("no_such_subteam")
    return {"users": members}


@method("conversations.info", "channels:read")
def _conversations_info(server: SlackServer, body: JSON) -> JSON:
    channel = _conversation(server, str(body.get("channel")))
    return {"channel": {"id": channel.id, "name": channel.name, "is_member": channel.member,
                        "is_archived": channel.archived, "is_im": channel.user is not None}}


@method("conversations.open", "im:write")
def _conversations_open(server: SlackServer, body: JSON) -> JSON:
    user = server.users.get(str(body.get("users")))
    if user is None:
        raise ApiError("user_not_found")
    return {"channel": {"id": server.dm(user).id}}


@method("conversations.replies", "channels:history")
def _conversations_replies(server: SlackServer, body: JSON) -> JSON:
    channel = _conversation(server, str(body.get("channel")))
    root = body.get("ts")
    found = [message for message in server.messages
             if message.channel is channel and root in (message.ts, message.thread_ts)]
    return {"messages": [message.wire() for message in found], "has_more": False}


@method("reactions.add", "reactions:write")
def _reactions_add(server: SlackServer, body: JSON) -> JSON:
    server.reactions.append((str(body.get("channel")), str(body.get("timestamp")),
                             str(body.get("name"))))
    return {}


@method("assistant.threads.setSuggestedPrompts", "assistant:write")
def _set_prompts(server: SlackServer, body: JSON) -> JSON:
    channel = _conversation(server, str(body.get("channel_id")))
    prompts = body.get("prompts")
    check(server, limits.prompts(body | {"prompts": prompts}), "invalid_arguments")
    server.prompts[channel.id] = prompts
    return {}


# --- views ----------------------------------------------------------------------------------


def _view(server: SlackServer, body: JSON, user: User, old: JSON | None = None) -> JSON:
    told = body.get("view")
    assert isinstance(told, dict)
    check(server, limits.view(told), "invalid_arguments")
    check_files(server, told["blocks"])
    server.number_blocks(told["blocks"])
    view = {"private_metadata": "", "callback_id": "", **told,
            "id": old["id"] if old else new_id("V"), "team_id": TEAM, "app_id": APP,
            "bot_id": BOT, "hash": new_id("h"), "state": {"values": {}}, "user": user.id}
    server.views[view["id"]] = view
    server.shown_views.append(view)
    return {"view": view}


@method("views.open")
def _views_open(server: SlackServer, body: JSON) -> JSON:
    return _view(server, body, server.spend_trigger(str(body.get("trigger_id"))))


@method("views.update")
def _views_update(server: SlackServer, body: JSON) -> JSON:
    old = server.views.get(str(body.get("view_id")))
    if old is None:
        raise ApiError("not_found")
    if body.get("hash") and body["hash"] != old["hash"]:
        raise ApiError("hash_conflict")
    return _view(server, body, server.users[old["user"]], old)


@method("views.publish")
def _views_publish(server: SlackServer, body: JSON) -> JSON:
    user = server.users.get(str(body.get("user_id")))
    if user is None:
        raise ApiError("invalid_arguments")
    answer = _view(server, body, user, server.homes.get(user.id))
    server.homes[user.id] = answer["view"]
    return answer


# --- files ----------------------------------------------------------------------------------


@method("files.getUploadURLExternal", "files:write")
def _upload_url(server: SlackServer, body: JSON) -> JSON:
    if not str(body.get("length", "")).isdigit() or not body.get("filename"):
        raise ApiError("invalid_arguments")
    file_id = new_id("F")
    server.files[file_id] = {"id": file_id, "name": body["filename"], "alt": body.get("alt_txt"),
                             "length": int(str(body["length"])), "refusals": server.file_refusals}
    return {"file_id": file_id, "upload_url": f"{server.url}/upload/{file_id}"}


@method("files.completeUploadExternal", "files:write")
def _complete_upload(server: SlackServer, body: JSON) -> JSON:
    told = body.get("files")
    assert isinstance(told, list)
    for one in told:
        file = server.files.get(one.get("id"))
        if file is None or len(file.get("data", b"")) != file["length"]:
            raise ApiError("file_not_found")
        file |= {"complete": True, "title": one.get("title"), "channel": body.get("channel_id")}
    return {"files": [{"id": one["id"], "title": one.get("title"), "mimetype": ""}
                      for one in told]}


@method("files.delete", "files:write")
def _delete_file(server: SlackServer, body: JSON) -> JSON:
    if server.files.pop(str(body.get("file")), None) is None:
        raise ApiError("file_not_found")
    return {}

