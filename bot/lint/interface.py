"""The bot's own phrases: every language has every key, with the same placeholders."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from typing import Any

from bot.knowledge import BUNDLED, MAX_LIST_BYTES
from bot.knowledge.strict_yaml import read
from bot.lint.base import Base, Place
from bot.lint.finding import Finding, Severity
from bot.models import Locale

OPTIONAL = frozenset({"language.first_day"})
"""Grammar that only some languages need."""
REFERENCE = "en"

Phrases = Mapping[str, tuple[Place, Any]]
"""Dotted key -> its place and its value."""


def check_interface(base: Base) -> Iterator[Finding]:
    """Only the base's own `interface/`: what it lacks, the bundled one gives."""
    folder = base.knowledge.root / "interface"
    paths = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    phrases: dict[Locale, Phrases] = {}
    for path in paths:
        document = base.document(f"interface/{path.name}")
        for fault in document.faults:
            yield Finding(fault.path, fault.line, Severity.ERROR, "interface", fault.message)
        phrases[path.stem] = dict(_flat(document.data, ()))
    yield from _missing(base, phrases)
    yield from _placeholders(base, phrases)


def _missing(base: Base, phrases: Mapping[Locale, Phrases]) -> Iterator[Finding]:
    everything = {key: place for known in phrases.values() for key, (place, _) in known.items()}
    for locale, known in phrases.items():
        for key, place in everything.items():
            if key not in known and key not in OPTIONAL:
                message = f"the phrase `{key}` is missing; another language has it"
                path = f"interface/{locale}.yaml"
                yield base.error(path, place[:-1], "missing-phrase", message)


def _placeholders(base: Base, phrases: Mapping[Locale, Phrases]) -> Iterator[Finding]:
    reference = _reference()
    for known in phrases.values():
        for key, (_, phrase) in known.items():
            reference.setdefault(key, _fields(phrase) or frozenset())
    for locale, known in phrases.items():
        for key, (place, phrase) in known.items():
            found, wanted = _fields(phrase), reference[key]
            if found is None:
                message = f"`{key}` has a lone brace; write {{{{ or }}}} for a brace that is shown"
            elif found != wanted and phrase:  # an empty phrase is one that is not said
                message = f"`{key}` has {_named(found)} where {_named(wanted)} is filled in"
            else:
                continue
            yield base.error(f"interface/{locale}.yaml", place, "placeholders", message)


def _reference() -> dict[str, frozenset[str]]:
    """What the code fills in, as the bundled phrases show it."""
    name = f"interface/{REFERENCE}.yaml"
    bundled = read(BUNDLED / name, name, max_bytes=MAX_LIST_BYTES)
    return {key: _fields(phrase) or frozenset() for key, (_, phrase) in _flat(bundled.data, ())}


def _flat(data: Any, place: Place) -> Iterator[tuple[str, tuple[Place, Any]]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _flat(value, (*place, key))
    elif place:
        yield ".".join(map(str, place)), (place, data)


def _fields(phrase: Any) -> frozenset[str] | None:
    """The placeholders of a phrase or of a list of them; None if the braces do not close."""
    texts = phrase if isinstance(phrase, list) else [phrase]
    try:
        parsed = [part for text in texts for part in string.Formatter().parse(str(text or ""))]
    except ValueError:
        return None
    return frozenset(name for _, name, _, _ in parsed if name is not None)


def _named(fields: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(fields)) or "nothing"
