"""What pydantic finds wrong, in words: line, reason and remedy, and the nearest known key."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.knowledge.strict_yaml import Document, Fault, KeyPath

GATHERED = ("texts", "labels")
"""Fields that exist in the models only; in the files the languages stand one level up."""
MAX_SHOWN = 60
"""Characters of a wrong value that a message repeats."""


def explain(
    error: ValidationError, model: type[BaseModel], name: str, document: Document
) -> list[Fault]:
    """Turn pydantic's errors into faults with a line, a reason and a remedy."""
    faults = []
    for details in error.errors(include_url=False):
        path = tuple(part for part in details["loc"] if part not in GATHERED)
        faults.append(Fault(name, document.line(path), _sentence(details, path, model)))
    return faults


def _sentence(details: ErrorDetails, path: KeyPath, model: type[BaseModel]) -> str:
    where = f"`{'.'.join(str(part) for part in path)}`" if path else "the file"
    kind, got = details["type"], details.get("input")
    if kind == "extra_forbidden":
        return _unknown_key(str(path[-1]), details["loc"], model)
    if kind == "missing":
        return f"{where} is missing; add it"
    if kind == "value_error":
        reason = str(details.get("ctx", {}).get("error", details["msg"]))
        return f"{where}: {reason}" if path else reason
    if kind == "string_type" and isinstance(got, dict):
        return f"{where} must be a text; put it in quotes, since it contains `: `"
    if kind == "string_pattern_mismatch":
        remedy = _FORMS.get(str(path[-1]), "has a character that is not allowed here")
    else:
        remedy = _REMEDIES.get(kind, details["msg"])
    shown = f" (found {_short(got)})" if isinstance(got, str | None) else ""
    return f"{where} {remedy}{shown}"


_REMEDIES = {
    "string_type": "must be a text",
    "string_too_short": "must not be empty",
    "string_too_long": "is too long; shorten it",
    "too_long": "has too many items; remove some",
    "too_short": "needs at least one item",
    "list_type": "must be a list, one `- item` per line",
    "dict_type": "must be a block of `key: value` lines",
    "model_type": "must be a block of `key: value` lines",
    "model_attributes_type": "must be a block of `key: value` lines",
    "date_from_datetime_parsing": "must be a day of the calendar such as 2026-11-01",
    "date_parsing": "must be a day of the calendar such as 2026-11-01",
    "date_type": "must be a day of the calendar such as 2026-11-01",
    "float_parsing": "must be a plain number such as 5576000",
    "float_type": "must be a plain number such as 5576000",
    "finite_number": "must be a finite number",
    "enum": "must be one of confirmed, claimed, disputed",
    "literal_error": "must be one of linear, log",
}
_FORMS = {
    "id": "must not contain spaces, `:`, `/` or `\\`",
    "category": "must not contain `:`, `/` or `\\`",
    "url": "must be a full address that begins with https:// or http://",
    "date": "must be a date such as 2025, 2025-01 or 2025-01-29",
    "language": "must be a language code such as en",
}


def _unknown_key(key: str, loc: KeyPath, model: type[BaseModel]) -> str:
    known = sorted(_known_keys(model, loc[:-1]))
    near = get_close_matches(key.casefold(), known, n=1, cutoff=0.5)
    if near:
        return f"unknown key `{_cut(key)}`; did you mean `{near[0]}`?"
    names = ", ".join(f"`{name}`" for name in known)
    return f"unknown key `{_cut(key)}`; known here are {names}"


def _known_keys(model: type[BaseModel], parents: KeyPath) -> set[str]:
    """The keys that the (possibly nested) model at `parents` knows."""
    current: Any = model
    for part in parents:
        field_info = current.model_fields.get(str(part))
        current = (_inner_model(field_info.annotation) if field_info else None) or current
    names = {info.alias or name for name, info in current.model_fields.items()}
    return names - set(GATHERED) | ({"en", "fr"} if names & set(GATHERED) else set())


def _inner_model(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _inner_model(argument)
        if found is not None:
            return found
    return None


def _short(value: object) -> str:
    return "nothing" if value is None else f"`{_cut(str(value))}`"


def _cut(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"
