"""What entries refer to: sources, each other, and the numbers of their figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from bot.lint.base import Base
from bot.lint.finding import Finding
from bot.models import Entry, Figures

MAX_RELATED = 4


def check_sources(base: Base) -> Iterator[Finding]:
    """Every key is in the bibliography, and everything in the bibliography is used."""
    known = base.knowledge.sources
    used: set[str] = set()
    for entry in base.entries:
        used.update(entry.sources, _figure_sources(entry))
        for index, key in enumerate(entry.sources):
            if key not in known:
                message = _unknown(key, "sources.yaml", list(known))
                yield base.error(entry.path, ("sources", index), "unknown-source", message)
        yield from _repeated(base, entry, "sources", entry.sources)
    for key in known:
        if key not in used:
            message = f"no entry uses the source `{key}`; cite it or remove it"
            yield base.warning("sources.yaml", (key,), "unused-source", message)
    yield from _same_address(base)


def _same_address(base: Base) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for key, source in base.knowledge.sources.items():
        other = first.setdefault(source.url, key)
        if other != key:
            message = f"`{key}` has the address of `{other}`; keep one of them"
            yield base.warning("sources.yaml", (key, "url"), "same-address", message)


def check_related(base: Base) -> Iterator[Finding]:
    """Related entries exist, and are few and different; cycles are welcome."""
    for entry in base.entries:
        for index, other in enumerate(entry.related):
            place = ("related", index)
            found = base.knowledge.find(other)
            if found is None:
                message = _unknown(other, "this base", list(base.knowledge.entries))
                yield base.error(entry.path, place, "unknown-related", message)
            elif found.id == entry.id:
                message = "the entry is related to itself; name another one"
                yield base.error(entry.path, place, "related-to-itself", message)
            elif found.id != other:
                message = f"`{other}` is called `{found.id}` now; write that"
                yield base.warning(entry.path, place, "renamed-related", message)
        if len(entry.related) > MAX_RELATED:
            message = f"{len(entry.related)} related entries; keep the best {MAX_RELATED}"
            yield base.warning(entry.path, ("related",), "many-related", message)
        yield from _repeated(base, entry, "related", entry.related)


def check_figures(base: Base) -> Iterator[Finding]:
    """Figures can be drawn in every language of the entry and say where they are from."""
    for entry in base.entries:
        if entry.figures is not None:
            yield from _figures(base, entry, entry.figures)


def _figures(base: Base, entry: Entry, figures: Figures) -> Iterator[Finding]:
    for index, figure in enumerate(figures.values):
        place = ("figures", "values", index)
        if figure.source is not None and figure.source not in base.knowledge.sources:
            message = _unknown(figure.source, "sources.yaml", list(base.knowledge.sources))
            yield base.error(entry.path, place, "unknown-source", message)
        for locale in entry.texts:
            if locale not in figure.labels:
                message = f"the figure has no label `{locale}`; say what it is in that language"
                yield base.error(entry.path, place, "figure-label", message)
        if figures.scale == "log" and figure.value <= 0:
            message = f"{figure.value:g} cannot be drawn on a log scale; write `scale: linear`"
            yield base.error(entry.path, place, "log-scale", message)


def _figure_sources(entry: Entry) -> Iterator[str]:
    for figure in entry.figures.values if entry.figures else ():
        if figure.source is not None:
            yield figure.source


def _repeated(base: Base, entry: Entry, key: str, values: Sequence[str]) -> Iterator[Finding]:
    for value, count in Counter(values).items():
        if count > 1:
            message = f"`{value}` stands {count} times under `{key}`; once is enough"
            yield base.warning(entry.path, (key,), "repeated-key", message)


def _unknown(key: str, where: str, known: Sequence[str]) -> str:
    near = get_close_matches(key, known, n=1)
    remedy = f"did you mean `{near[0]}`?" if near else "add it there, or remove it here"
    return f"`{key}` is not in {where}; {remedy}"
