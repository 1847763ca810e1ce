"""The languages side by side, and French signs as French readers expect them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.lint.base import Base, likeness
from bot.lint.finding import Finding, Severity
from bot.models import Entry

UNEVEN_FACTOR = 2.0
UNEVEN_LEAST = 6
"""Variants that the poorer language lacks before the difference is worth a word."""

AROUND = 12
"""Characters shown on both sides of a wrong sign."""

_NO_BREAK = "\u00a0\u202f"
_HIGH_SIGN = re.compile(rf"(?<![{_NO_BREAK};:?!.…(]) ?[;:?!](?=[\s)»*]|$)")
_QUOTE_OPEN = re.compile(rf"«(?![{_NO_BREAK}])")
_QUOTE_CLOSE = re.compile(rf"(?<![{_NO_BREAK}])»")
_STRAIGHT = re.compile(r'"')
_FRENCH = (
    (_HIGH_SIGN, "put a no-break space (U+00A0) before `{sign}`"),
    (_QUOTE_OPEN, "put a no-break space (U+00A0) after `«`"),
    (_QUOTE_CLOSE, "put a no-break space (U+00A0) before `»`"),
    (_STRAIGHT, "quote with « … » instead of straight quotes"),
)


def check_parity(base: Base) -> Iterator[Finding]:
    """Every entry speaks every language of the base, about as richly, in words of its own."""
    wanted = base.knowledge.locales
    for entry in base.entries:
        for locale in wanted:
            if locale not in entry.texts:
                message = f"the language `{locale}` is missing; other entries have it"
                yield base.warning(entry.path, (), "missing-language", message)
        yield from _uneven(base, entry)
        yield from _untranslated(base, entry)


def _uneven(base: Base, entry: Entry) -> Iterator[Finding]:
    counts = {locale: len(text.variants) for locale, text in entry.texts.items()}
    most = max(counts.values())
    for locale, count in counts.items():
        if most >= UNEVEN_FACTOR * count and most - count >= UNEVEN_LEAST:
            message = f"`{locale}` has {count} variants where another language has {most}; add some"
            yield base.warning(entry.path, (locale, "variants"), "uneven-variants", message)


def _untranslated(base: Base, entry: Entry) -> Iterator[Finding]:
    first, *others = entry.texts
    for locale in others:
        for key in ("question", "answer"):
            texts = (getattr(entry.texts[first], key), getattr(entry.texts[locale], key))
            if likeness(texts[0]) == likeness(texts[1]) != ():
                message = f"the {key} is the same as in `{first}`; translate it"
                yield base.error(entry.path, (locale, key), "untranslated", message)


def check_french(base: Base) -> Iterator[Finding]:
    """No-break spaces and quotation marks, in what is shown; variants imitate plain typing."""
    for entry, locale, text in base.texts:
        if locale != "fr":
            continue
        for key, shown in (("question", text.question), ("answer", text.answer)):
            for before, sign, after, remedy in _faulty_signs(shown):
                context = f"{before}{sign}{after}".strip()
                line = base.line_with(
                    entry.path, (locale, key), context, before + sign, sign + after
                )
                message = f"{remedy.format(sign=sign.strip())} in « {context} »"
                yield Finding(entry.path, line, Severity.WARNING, "french-typography", message)


def _faulty_signs(shown: str) -> Iterator[tuple[str, str, str, str]]:
    """Each wrong sign with what is before and after it in its paragraph, and what to do."""
    for paragraph in shown.split("\n"):
        for pattern, remedy in _FRENCH:
            for match in pattern.finditer(paragraph):
                before = paragraph[max(0, match.start() - AROUND) : match.start()]
                after = paragraph[match.end() : match.end() + AROUND]
                yield before.lstrip(), match[0], after.rstrip(), remedy
