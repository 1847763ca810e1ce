"""Registered commands: kept per scope, told back as Discord tells them, looked up to be used."""

from __future__ import annotations

from typing import Any

from tests.servers.discord.world import JSON, snowflake

DEFAULTS: JSON = {
    "type": 1,
    "default_member_permissions": None,
    "nsfw": False,
    "options": [],
    "contexts": None,
    "integration_types": [0],
}
MENU = {"user": 2, "message": 3}


class Commands:
    """The commands of an application, by scope (None: global, else a guild id)."""

    def __init__(self, app_id: str) -> None:
        self._app_id = app_id
        self.scopes: dict[str | None, list[JSON]] = {}
        self.writes = 0
        """How often commands were written."""

    def replace(self, scope: str | None, bodies: list[JSON]) -> list[JSON]:
        self.writes += 1
        self.scopes[scope] = [self._stored(body, scope) for body in bodies]
        return self.scopes[scope]

    def upsert(self, scope: str | None, body: JSON) -> JSON:
        self.writes += 1
        stored = self._stored(body, scope)
        kept = [c for c in self.scopes.get(scope, []) if _key(c) != _key(stored)]
        self.scopes[scope] = [*kept, stored]
        return stored

    def told(self, scope: str | None, *, localised: bool) -> list[JSON]:
        """As read back: localisations only when asked for."""
        listed = self.scopes.get(scope, [])
        return [c if localised else _without_localisations(c) for c in listed]

    def find(self, name: str, kind: int, guild_id: str | None) -> JSON:
        """The command a person would find under `name`; AssertionError when there is none."""
        listed = self.scopes.get(None, []) + self.scopes.get(guild_id, [])
        for command in listed:
            if (command["name"], command["type"]) == (name, kind):
                return command
        names = sorted(c["name"] for c in listed)
        raise AssertionError(f"no command {name!r} of type {kind} is registered, only {names}")

    def _stored(self, body: JSON, scope: str | None) -> JSON:
        known = {_key(c): c["id"] for c in self.scopes.get(scope, [])}
        stored = DEFAULTS | {"description": ""} | body
        stored["type"] = body.get("type") or 1
        permissions = body.get("default_member_permissions")
        stored["default_member_permissions"] = None if permissions is None else str(permissions)
        stored["options"] = [_option(option) for option in body.get("options") or []]
        stored |= {"application_id": self._app_id, "version": snowflake()}
        stored["id"] = known.get(_key(stored)) or snowflake()
        return stored | ({"guild_id": scope} if scope else {})


def _key(command: JSON) -> tuple[str, int]:
    return command["name"], command.get("type") or 1


def _option(option: JSON) -> JSON:
    """Discord leaves out what is false or empty."""
    kept = {k: v for k, v in option.items() if v not in (None, False, [], {}) or k == "description"}
    if "options" in kept:
        kept["options"] = [_option(inner) for inner in kept["options"]]
    return kept


def _without_localisations(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_localisations(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {k: v for k, v in node.items() if not k.endswith("_localizations")}
    return {key: _without_localisations(value) for key, value in kept.items()}
