"""What people do in Discord, as one call each: talk, use commands, click, pick, fill in modals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.servers.discord.interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    MODAL,
    Exchange,
    option_type,
)
from tests.servers.discord.limits import walk
from tests.servers.discord.world import JSON, Channel, User

if TYPE_CHECKING:
    from tests.servers.discord.commands import Commands
    from tests.servers.discord.gateway import Gateway
    from tests.servers.discord.record import Log

MENU_MESSAGE = 3


class People:
    """Mixin of the server: each method is one thing that a person does."""

    if TYPE_CHECKING:
        app_id: str
        bot: User
        commands: Commands
        gateway: Gateway
        exchanges: dict[str, Exchange]
        sent: Log[JSON]
        messages: dict[str, JSON]

        async def post(self, channel: Channel, author: User, body: JSON, **kw: Any) -> JSON: ...

    # --- talking ----------------------------------------------------------------------------

    async def say(
        self,
        channel: Channel,
        user: User,
        content: str,
        *,
        reply_to: JSON | None = None,
        **extra: Any,
    ) -> JSON:
        """A message by `user`; `reply_to` makes it a reply that pings. `extra`: wire fields."""
        body: JSON = {"content": content}
        if reply_to is not None:
            body["message_reference"] = {"message_id": reply_to["id"]}
        return await self.post(channel, user, body, reference=reply_to, extra=extra)

    async def ask(self, channel: Channel, user: User, question: str) -> JSON:
        """A message that mentions the bot."""
        return await self.say(channel, user, f"{self.bot.mention} {question}")

    async def answers_to(self, message: JSON, *, count: int = 1, seconds: float = 8) -> list[JSON]:
        """The bot's replies to `message`."""

        def replies(made: JSON) -> bool:
            reference = made.get("message_reference") or {}
            return bool(reference.get("message_id") == message["id"])

        return await self.sent.wait(replies, count=count, seconds=seconds)

    async def answer_to(self, message: JSON, *, seconds: float = 8) -> JSON:
        return (await self.answers_to(message, seconds=seconds))[0]

    # --- commands ---------------------------------------------------------------------------

    async def command(
        self, channel: Channel, user: User, name: str, *, user_app: bool = False, **options: Any
    ) -> Exchange:
        """`/name option:value`; a subcommand as `"admin status"`. It must be registered."""
        data = self._command_data(channel, name, options)
        return await self._interact(Exchange(COMMAND, user, channel, data, user_app=user_app))

    async def complete(
        self, channel: Channel, user: User, name: str, option: str, typed: str, **others: Any
    ) -> list[JSON]:
        """The choices offered while `typed` stands in `option`."""
        data = self._command_data(channel, name, {option: typed, **others}, focused=option)
        return await (await self._interact(Exchange(AUTOCOMPLETE, user, channel, data))).choices()

    async def message_command(
        self, channel: Channel, user: User, name: str, message: JSON, *, user_app: bool = False
    ) -> Exchange:
        """A right-click on `message`, Apps, `name`."""
        command = self.commands.find(name, MENU_MESSAGE, channel.guild_id)
        data = {"id": command["id"], "name": name, "type": MENU_MESSAGE}
        resolved = {"messages": {message["id"]: message}}
        data |= {"target_id": message["id"], "resolved": resolved}
        return await self._interact(Exchange(COMMAND, user, channel, data, user_app=user_app))

    def _command_data(
        self, channel: Channel, name: str, options: JSON, *, focused: str | None = None
    ) -> JSON:
        first, *rest = name.split()
        command = self.commands.find(first, 1, channel.guild_id)
        known, groups = command["options"], []
        for word in rest:
            found = next((o for o in known if o["name"] == word), None)
            assert found is not None, f"/{name}: no subcommand {word!r}"
            groups.append((word, found["type"]))
            known = found.get("options", [])
        names = {option["name"] for option in known}
        required = {option["name"] for option in known if option.get("required")}
        assert set(options) <= names, f"/{name} has the options {names}, not {set(options)}"
        assert focused or required <= set(options), f"/{name} needs {required}"
        wire = [
            {"name": key, "type": option_type(value), "value": value}
            | ({"focused": True} if key == focused else {})
            for key, value in options.items()
        ]
        for word, kind in reversed(groups):
            wire = [{"name": word, "type": kind, "options": wire}]
        return {"id": command["id"], "name": first, "type": 1, "options": wire}

    # --- components -------------------------------------------------------------------------

    async def click(self, message: JSON, user: User, label: str, **kw: Any) -> Exchange:
        """Press the button of `message` whose label, emoji or custom_id contains `label`."""
        button = find_component(message, 2, label)
        data = {"custom_id": button["custom_id"], "component_type": 2, "id": 0}
        return await self._use(message, user, data, **kw)

    async def pick(
        self, message: JSON, user: User, value: str, *, select: str = "", **kw: Any
    ) -> Exchange:
        """Choose the option whose value or label is `value`, in the select matching `select`."""
        menu = find_component(message, 3, select, value)
        chosen = [o["value"] for o in menu["options"] if value in (o["value"], o["label"])]
        data = {"custom_id": menu["custom_id"], "component_type": 3, "values": chosen, "id": 0}
        return await self._use(message, user, data, **kw)

    async def press(self, message: JSON, user: User, custom_id: str, **kw: Any) -> Exchange:
        """Use a button that may no longer be shown, by its custom_id."""
        data = {"custom_id": custom_id, "component_type": 2, "id": 0}
        return await self._use(message, user, data, **kw)

    async def submit(self, modal: Exchange, values: dict[str, str]) -> Exchange:
        """Fill in the modal that `modal` was answered with: values by label or custom_id."""
        response = await modal.first()
        assert response["type"] == 9, response
        shown = response["data"]
        data = {"custom_id": shown["custom_id"], "components": _filled(shown, values)}
        made = Exchange(
            MODAL, modal.user, modal.channel, data, user_app=modal.user_app, source=modal.source
        )
        return await self._interact(made)

    async def _use(
        self, message: JSON, user: User, data: JSON, *, user_app: bool = False
    ) -> Exchange:
        channel = self.channel(message["channel_id"])  # type: ignore[attr-defined]
        made = Exchange(COMPONENT, user, channel, data, user_app=user_app, source=message)
        return await self._interact(made)

    async def _interact(self, exchange: Exchange) -> Exchange:
        self.exchanges[exchange.token] = exchange
        guild = exchange.channel.guild
        await self.gateway.dispatch(
            "INTERACTION_CREATE",
            exchange.payload(self.app_id),
            guild_id=guild.id if guild and guild.installed else None,
        )
        return exchange


def find_component(message: JSON, kind: int, label: str, value: str = "") -> JSON:
    """The component of `message` of `kind` that shows `label` (and offers `value`)."""
    shown = []
    for part in walk(message.get("components") or []):
        if part.get("type") != kind:
            continue
        names = [part.get("label"), part.get("custom_id"), part.get("placeholder")]
        names.append((part.get("emoji") or {}).get("name"))
        offered = {o[k] for o in part.get("options", []) for k in ("value", "label")}
        shown.append((names, sorted(offered)))
        if any(label in (name or "") for name in names) and (not value or value in offered):
            assert not part.get("disabled"), f"{label!r} is disabled"
            return part
    raise AssertionError(f"no component of type {kind} with {label!r} {value!r} among {shown}")


def _filled(modal: JSON, values: dict[str, str]) -> list[JSON]:
    """The components of a modal as submitted."""
    filled = []
    for outer in modal["components"]:
        inner = outer.get("component") or (outer.get("components") or [None])[0]
        if inner is None:
            continue
        keys = (outer.get("label"), inner.get("label"), inner.get("custom_id"))
        given = next((values[k] for k in keys if k in values), inner.get("value") or "")
        answer: JSON = {"type": inner["type"], "custom_id": inner["custom_id"], "id": 0}
        answer |= {"value": given} if inner["type"] == 4 else {"values": [given]}
        key = "component" if "component" in outer else "components"
        wrapped: Any = answer if key == "component" else [answer]
        filled.append({"type": outer["type"], "id": 0, key: wrapped})
    return filled
