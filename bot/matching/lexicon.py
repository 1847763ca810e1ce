"""From a text to what the scorers compare: stems, concepts of the glossary, names, numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.knowledge import Glossary
from bot.text import fold, stem, words

MAX_PHRASE = 4
"""Words of the longest glossary phrase that is looked for."""
PRONOUN = "it"
"""Stands for what goes without saying, in either language: the encoder knows it well."""
NEGATIONS = frozenset(
    {
        "not",
        "no",
        "never",
        "without",
        "nor",
        "cannot",
        "non",
        "pas",
        "jamais",
        "sans",
        "aucun",
        "aucune",
        "ni",
        "isn",
        "aren",
        "don",
        "doesn",
        "didn",
        "wasn",
        "won",
        "can't",
    }
)


@dataclass(frozen=True)
class Analysis:
    """A text taken apart."""

    text: str
    words: tuple[str, ...]
    """Folded words in order."""
    stems: tuple[str, ...]
    """Stem, or `@name` for a name of the glossary; in order."""
    concepts: frozenset[str]
    """`=concept` for each group of synonyms that occurs."""
    names: frozenset[str]
    """Canonical names that occur."""
    numbers: frozenset[str]
    """Tokens that hold a digit and are not part of a name."""
    negated: bool

    @cached_property
    def ngrams(self) -> tuple[str, ...]:
        """Character n-grams of its words, computed once."""
        return tuple(ngrams(self.words))


def ngrams(found: Iterable[str]) -> Iterator[str]:
    """Character n-grams of 3 to 5 within each word, its edges marked by a space."""
    for word in found:
        padded = f" {word} "
        for size in (3, 4, 5):
            for at in range(len(padded) - size + 1):
                yield padded[at : at + size]


class Lexicon:
    """The glossary, ready to be found in texts."""

    def __init__(self, glossary: Glossary) -> None:
        self._names: dict[tuple[str, ...], str] = {}
        for name, spellings in glossary.names.items():
            for spelling in (name, *spellings):
                key = tuple(words(spelling))
                if key:
                    self._names.setdefault(key, name)
        self._concepts = _concepts(glossary.synonyms)
        self._name_lengths = _lengths(self._names)
        self._concept_lengths = _lengths(self._concepts)

    def analyse(self, text: str) -> Analysis:
        """Take a text apart. Names win over words, the longest first."""
        found = words(text)
        names: set[str] = set()
        parts: list[str] = []
        plain: list[str] = []
        at = 0
        while at < len(found):
            name, length = self._name_at(found, at)
            if name is None:
                parts.append(stem(found[at]))
                plain.append(found[at])
            else:
                names.add(name)
                parts.append(f"@{name}")
            at += length
        return Analysis(
            text=text,
            words=tuple(found),
            stems=tuple(parts),
            concepts=frozenset(self._concepts_in(tuple(stem(word) for word in found))),
            names=frozenset(names),
            numbers=frozenset(word for word in plain if any(map(str.isdigit, word))),
            negated=any(word in NEGATIONS for word in found),
        )

    def without_names(self, text: str) -> str:
        """The folded words of a text that are not part of a name."""
        found = words(text)
        kept: list[str] = []
        at = 0
        while at < len(found):
            name, length = self._name_at(found, at)
            if name is None:
                kept.append(found[at])
            at += length
        return " ".join(kept)

    def with_pronoun(self, text: str, names: Collection[str]) -> str:
        """The folded words of a text with `it` in place of these names; as it is without them."""
        found = words(text)
        put: list[str] = []
        replaced = False
        at = 0
        while at < len(found):
            name, length = self._name_at(found, at)
            if name not in names:
                put += found[at : at + length]
            elif put[-1:] != [PRONOUN]:
                put.append(PRONOUN)
            replaced = replaced or name in names
            at += length
        return " ".join(put) if replaced else text

    def _name_at(self, found: list[str], at: int) -> tuple[str | None, int]:
        for length in self._name_lengths.get(found[at], ()):
            name = self._names.get(tuple(found[at : at + length]))
            if name is not None:
                return name, length
        return None, 1

    def _concepts_in(self, stems: tuple[str, ...]) -> Iterable[str]:
        for at, first in enumerate(stems):
            for length in self._concept_lengths.get(first, ()):
                yield from self._concepts.get(stems[at : at + length], ())

    @property
    def known_words(self) -> frozenset[str]:
        """Folded words of all names."""
        return frozenset(word for key in self._names for word in key)

    @property
    def phrases(self) -> tuple[str, ...]:
        """Canonical names, for completion."""
        return tuple(dict.fromkeys(self._names.values()))


def _concepts(synonyms: Mapping[str, tuple[str, ...]]) -> dict[tuple[str, ...], tuple[str, ...]]:
    found: dict[tuple[str, ...], set[str]] = {}
    for concept, phrases in synonyms.items():
        for phrase in phrases:
            key = tuple(stem(word) for word in words(phrase))
            if 0 < len(key) <= MAX_PHRASE:
                found.setdefault(key, set()).add(f"={fold(concept)}")
    return {key: tuple(sorted(names)) for key, names in found.items()}


def _lengths(phrases: Iterable[tuple[str, ...]]) -> dict[str, tuple[int, ...]]:
    """Lengths of the phrases that begin with a word, longest first."""
    lengths: dict[str, set[int]] = {}
    for phrase in phrases:
        lengths.setdefault(phrase[0], set()).add(len(phrase))
    return {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}
