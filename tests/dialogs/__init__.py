"""Dialogs as data: what a person says or clicks, and what must come back.

Every adapter drives the same dialogs over its own wire, so that the platforms cannot drift apart.
One YAML file holds a list of dialogs:

    - name: a French cost question, then a follow-up
      knowledge: shipped          # the bundled base, or `small`: tests/dialogs/small
      turns:
        - say: "Combien a coûté l'entraînement de DeepSeek R1 ?"
          locale: fr              # the person's platform locale
          expect: {kind: answer, entry: deepseek-training-cost, locale: fr}
        - click: related 1        # or: suggestion 1, language fr, helpful, unhelpful, delete
          expect: {kind: answer, entry: [one-id, or-another]}
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.knowledge import BUNDLED

HERE = Path(__file__).parent
KNOWLEDGE = {"shipped": BUNDLED, "small": HERE / "small"}
KINDS = {"answer", "suggestions", "fallback", "smalltalk", "gone", "silent"}
CLICKS = {"suggestion", "related", "language", "helpful", "unhelpful", "delete"}


@dataclass(frozen=True)
class Click:
    """A control used on the bot's last message that shows something."""

    what: str
    """suggestion, related, language, helpful, unhelpful or delete."""
    which: str = ""
    """`1` is the first suggestion or related question; a language code for `language`."""

    @property
    def number(self) -> int:
        """Which one, counted from 0."""
        return int(self.which) - 1


@dataclass(frozen=True)
class Expected:
    """What must come back; an empty field is not looked at."""

    kind: str
    """answer, suggestions, fallback, smalltalk, gone, or silent: nothing is sent."""
    entries: tuple[str, ...] = ()
    """Ids of which the answered entry must be one."""
    locale: str = ""
    """Language of what is shown."""

    @property
    def entry(self) -> str | None:
        """The id, when only one is right."""
        return self.entries[0] if len(self.entries) == 1 else None

    def check(self, kind: str, entry: str | None = None, locale: str | None = None) -> None:
        """Assert that what was observed is what must come back."""
        assert kind == self.kind, f"expected {self}, got {kind} ({entry})"
        if self.entries:
            assert entry in self.entries, f"expected {self}, got {entry}"
        if self.locale and locale is not None:
            assert locale == self.locale, f"expected {self}, got language {locale}"


@dataclass(frozen=True)
class Turn:
    """One thing that the person does: exactly one of `say` and `click`."""

    say: str | None
    click: Click | None
    locale: str | None
    """The person's platform locale; that of the turn before when the file says none."""
    expect: Expected | None
    """None: it must not fail, and nothing more."""


@dataclass(frozen=True)
class Dialog:
    """One conversation with one person in one place."""

    name: str
    knowledge: Path
    turns: tuple[Turn, ...]

    def __str__(self) -> str:
        return self.name


def load_dialogs() -> list[Dialog]:
    """All dialogs of all files, in file order; pass `ids=str` to `pytest.mark.parametrize`."""
    dialogs = [
        _dialog(data)
        for path in sorted(HERE.glob("*.yaml"))
        for data in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]
    assert len({dialog.name for dialog in dialogs}) == len(dialogs), "two dialogs share a name"
    return dialogs


def _dialog(data: dict[str, Any]) -> Dialog:
    turns: list[Turn] = []
    for turn in data["turns"]:
        before = turns[-1].locale if turns else None
        turns.append(_turn(turn, turn.get("locale", before)))
    return Dialog(data["name"], KNOWLEDGE[data.get("knowledge", "shipped")], tuple(turns))


def _turn(data: dict[str, Any], locale: str | None) -> Turn:
    unknown = set(data) - {"say", "click", "locale", "expect"}
    assert not unknown, f"unknown keys {unknown} in a turn"
    assert ("say" in data) != ("click" in data), f"one of say and click is needed: {data}"
    return Turn(
        say=data.get("say"),
        click=_click(data["click"]) if "click" in data else None,
        locale=locale,
        expect=_expected(data["expect"]) if "expect" in data else None,
    )


def _click(text: str) -> Click:
    what, _, which = text.partition(" ")
    assert what in CLICKS, f"unknown click {text!r}"
    return Click(what, which)


def _expected(data: dict[str, Any]) -> Expected:
    entry = data.get("entry", ())
    assert data["kind"] in KINDS, f"unknown kind {data['kind']!r}"
    return Expected(
        kind=data["kind"],
        entries=(entry,) if isinstance(entry, str) else tuple(entry),
        locale=data.get("locale", ""),
    )
