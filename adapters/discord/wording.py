"""Parts of an answer in words: standing and date, sources, figures."""

from __future__ import annotations

from collections.abc import Sequence

from bot.figures import format_value
from bot.knowledge.messages import Messages
from bot.models import Answer, Source


def standing_line(answer: Answer, messages: Messages) -> str:
    """Standing and date in words, and whether the answer is due for review."""
    parts = []
    if answer.standing is not None:
        word = messages.text(f"standing.{answer.standing}", answer.locale)
        parts.append(word[:1].upper() + word[1:])
    day = messages.format_date(answer.as_of, answer.locale) if answer.as_of else ""
    if day:
        parts.append(messages.text("label.as_of", answer.locale, date=day))
    line = " · ".join(parts)
    if answer.review_due:
        line += "\n⚠ " + messages.text("label.review_due", answer.locale, date=day)
    return line.strip()


def source_links(sources: Sequence[Source], limit: int) -> str:
    """Sources as links, one a line: by publisher and title, or by publisher where space is short.

    Only lines that fit whole into `limit` characters are there.
    """
    for titled in (True, False):
        lines = [_link(source, titled=titled) for source in sources]
        if len("\n".join(lines)) <= limit:
            break
    return _fit(lines, limit) if sources else ""


def source_addresses(sources: Sequence[Source], limit: int) -> str:
    """Sources with their addresses written out, for plain text; as many as fit."""
    lines = [f"- {_name(source)}: <{source.url}>" for source in sources if source.url]
    return _fit(lines, limit)


def alt_text(answer: Answer, messages: Messages) -> str:
    """The figures in words."""
    if answer.figures is None:
        return ""
    unit, locale = answer.figures.unit, answer.locale
    values = (
        f"{figure.labels.get(locale, '')}: {format_value(figure.value, unit, locale, messages)}"
        for figure in answer.figures.values
    )
    return "; ".join(values)


def _link(source: Source, *, titled: bool) -> str:
    name = _name(source, titled=titled)
    if not source.url:
        return name
    address = source.url.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
    return f"[{name}]({address})"


def _name(source: Source, *, titled: bool = True) -> str:
    """Publisher, title and year, with nothing in it that would end a Markdown link early."""
    year = f" ({source.date[:4]})" if source.date else ""
    title = f": {source.title}" if titled and source.title else ""
    return f"{source.publisher}{title}".replace("[", "(").replace("]", ")") + year


def _fit(lines: Sequence[str], limit: int) -> str:
    """As many whole lines as fit."""
    kept, length = [], 0
    for line in lines:
        length += len(line) + 1
        if length - 1 > limit:
            break
        kept.append(line)
    return "\n".join(kept)
