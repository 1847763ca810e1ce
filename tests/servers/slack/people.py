"""What people do in Slack, as one call each: talk, use commands, click, pick, open the home tab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.servers.slack.record import Ack, Call, Log
from tests.servers.slack.world import (
    APP,
    BOT_USER,
    JSON,
    TEAM,
    Channel,
    Message,
    User,
    elements,
    new_id,
    new_ts,
)

if TYPE_CHECKING:
    from tests.servers.slack.sockets import Sockets


class People:
    """Mixin of the server: each method is one thing that a person does."""

    if TYPE_CHECKING:
        calls: Log[Call]
        messages: Log[Message]
        shown_views: Log[JSON]
        sockets: Sockets
        homes: dict[str, JSON]

        def dm(self, user: User) -> Channel: ...
        def post(self, channel: Channel, author: str, body: JSON, *, to: User | None = None
                 ) -> Message: ...
        def trigger(self, user: User) -> str: ...
        def response_url(self, channel: Channel, user: User, message: Message | None = None
                         ) -> str: ...
        async def send_event(self, event: JSON, *, event_id: str | None = None, **headers: str
                             ) -> Ack: ...
        async def deliver(self, kind: str, payload: JSON, **kw: Any) -> Ack: ...

    # --- talking ----------------------------------------------------------------------------

    def say(
        self, channel: Channel, user: User, text: str, *, thread: Message | str | None = None
    ) -> Message:
        """A message that the bot is not told of by itself."""
        root = (thread.thread_ts or thread.ts) if isinstance(thread, Message) else thread
        return self.post(channel, user.id, {"text": text, "thread_ts": root})

    @staticmethod
    def event_of(message: Message, kind: str = "message", **extra: Any) -> JSON:
        """The event that tells of a message; `kind` is `message` or `app_mention`."""
        event = message.wire() | {"type": kind, "channel": message.channel.id,
                                  "event_ts": message.ts, "client_msg_id": new_id("m")}
        if kind == "message":
            event["channel_type"] = "im" if message.channel.user else "channel"
        return event | extra

    async def ask(
        self, channel: Channel, user: User, question: str, *, thread: Message | str | None = None
    ) -> Message:
        """A message that mentions the bot."""
        message = self.say(channel, user, f"<@{BOT_USER}> {question}", thread=thread)
        await self.send_event(self.event_of(message, "app_mention"))
        return message

    async def write(
        self, user: User, text: str, *, thread: Message | str | None = None
    ) -> Message:
        """A direct message to the bot."""
        message = self.say(self.dm(user), user, text, thread=thread)
        await self.send_event(self.event_of(message))
        return message

    async def command(
        self, channel: Channel, user: User, text: str = "", *, name: str = "/faq"
    ) -> Ack:
        """A slash command."""
        return await self.deliver("slash_commands", {
            "token": "unused", "team_id": TEAM, "team_domain": "lab", "channel_id": channel.id,
            "channel_name": channel.name, "user_id": user.id, "user_name": user.name,
            "command": name, "text": text, "api_app_id": APP, "is_enterprise_install": "false",
            "response_url": self.response_url(channel, user), "trigger_id": self.trigger(user),
        })

    async def shortcut(
        self, user: User, callback_id: str, *, message: Message | None = None
    ) -> Ack:
        """A global shortcut; with a message, a message shortcut."""
        payload: JSON = {
            "type": "shortcut", "token": "unused", "action_ts": new_ts(), "team": self._team(),
            "user": self._user(user), "callback_id": callback_id, "trigger_id": self.trigger(user),
        }
        if message:
            payload |= {
                "type": "message_action", "message_ts": message.ts, "message": message.wire(),
                "channel": self._channel(message.channel),
                "response_url": self.response_url(message.channel, user),
            }
        return await self.deliver("interactive", payload)

    async def open_home(self, user: User, tab: str = "home") -> Ack:
        """A visit to the app's home or messages tab."""
        event = {"type": "app_home_opened", "user": user.id, "channel": self.dm(user).id,
                 "tab": tab, "event_ts": new_ts()}
        if tab == "home" and user.id in self.homes:
            event["view"] = self.homes[user.id]
        return await self.send_event(event)

    # --- clicking ---------------------------------------------------------------------------

    @staticmethod
    def find(blocks: list[JSON], label: str) -> tuple[JSON, str]:
        """The element whose action id or label begins with `label`, and its block's id."""
        for element, block_id in elements(blocks):
            shown = (element.get("text") or {}).get("text", "")
            if element["action_id"].startswith(label) or shown.startswith(label):
                return element, block_id
        known = [(e["action_id"], (e.get("text") or {}).get("text")) for e, _ in elements(blocks)]
        raise AssertionError(f"nothing to click on begins with {label!r}; there is {known}")

    async def click(
        self, where: Message | JSON, user: User, label: str, *, positive: bool = True,
        option: JSON | None = None,
    ) -> Ack:
        """A click on an element of a message or a view; `option` is what is picked in a select."""
        blocks = where.blocks if isinstance(where, Message) else where["blocks"]
        element, block_id = self.find(blocks, label)
        action = {"type": element["type"], "action_id": element["action_id"],
                  "block_id": block_id, "action_ts": new_ts()}
        if element["type"] == "feedback_buttons":
            button = element["positive_button" if positive else "negative_button"]
            action |= {"value": button["value"], "text": button["text"]}
        elif option is not None:
            action["selected_option"] = option
        else:
            action |= {key: element[key] for key in ("value", "text") if key in element}
        return await self.deliver("interactive", self._interaction(where, user, action))

    async def suggest(
        self, where: Message | JSON, user: User, label: str, typed: str
    ) -> list[JSON]:
        """What a type-ahead offers for what was typed."""
        blocks = where.blocks if isinstance(where, Message) else where["blocks"]
        element, block_id = self.find(blocks, label)
        payload: JSON = {"type": "block_suggestion", "action_id": element["action_id"],
                         "block_id": block_id, "value": typed, "user": self._user(user),
                         "team": self._team(), "api_app_id": APP, "token": "unused"}
        payload |= self._container(where)
        ack = await self.deliver("interactive", payload)
        found: list[JSON] = ack.payload.get("options", [])
        return found

    async def submit(self, view: JSON, user: User, values: JSON) -> Ack:
        """The submit button of a modal."""
        return await self.deliver("interactive", {
            "type": "view_submission", "team": self._team(), "user": self._user(user),
            "api_app_id": APP, "token": "unused", "trigger_id": self.trigger(user),
            "view": view | {"state": {"values": values}}, "response_urls": [],
        })

    def _interaction(self, where: Message | JSON, user: User, action: JSON) -> JSON:
        payload: JSON = {
            "type": "block_actions", "user": self._user(user), "team": self._team(),
            "api_app_id": APP, "token": "unused", "trigger_id": self.trigger(user),
            "actions": [action], **self._container(where),
        }
        if isinstance(where, Message):
            payload |= {"channel": self._channel(where.channel), "state": {"values": {}},
                        "response_url": self.response_url(where.channel, user, where)}
            if where.to is None:
                payload["message"] = where.wire()
        return payload

    @staticmethod
    def _container(where: Message | JSON) -> JSON:
        if not isinstance(where, Message):
            return {"container": {"type": "view", "view_id": where["id"]}, "view": where}
        container = {"type": "message", "message_ts": where.ts, "channel_id": where.channel.id,
                     "is_ephemeral": where.to is not None}
        if where.thread_ts:
            container["thread_ts"] = where.thread_ts
        return {"container": container}

    @staticmethod
    def _user(user: User) -> JSON:
        return {"id": user.id, "username": user.name, "name": user.name, "team_id": TEAM}

    @staticmethod
    def _team() -> JSON:
        return {"id": TEAM, "domain": "lab"}

    @staticmethod
    def _channel(channel: Channel) -> JSON:
        return {"id": channel.id, "name": channel.name}

    # --- waiting ----------------------------------------------------------------------------

    async def answers(
        self, asked: Message, *, count: int = 1, timeout: float = 8
    ) -> list[Message]:
        """The bot's messages in the thread of `asked` after it, public ones and private ones."""
        root = asked.thread_ts or asked.ts

        def is_answer(message: Message) -> bool:
            return (message.author == BOT_USER and message.ts > asked.ts
                    and message.channel is asked.channel and message.thread_ts in (root, None))

        return await self.messages.wait(is_answer, count=count, timeout=timeout)

    async def private(self, user: User, *, after: int = 0, timeout: float = 8) -> Message:
        """The first message that only `user` sees, from index `after` of `messages`."""
        found = await self.messages.wait(
            lambda message: message.to is user, after=after, timeout=timeout)
        return found[0]
