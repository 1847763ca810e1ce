"""The signals: each says, for every candidate entry, how well it fits the question in one respect.

All of them are small and independent; what they are worth together is learned (see `fusion`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Protocol

import numpy as np

from bot.matching.classifier import EntryClassifier
from bot.matching.corpus import Answers, Bools, Corpus, Floats, Ints
from bot.matching.index import TermIndex, Vector
from bot.matching.lexicon import Analysis, ngrams
from bot.matching.query import Query

SAME = 0.95
"""Cosine from which a question counts as the very `not:` phrasing."""


class Scorer(Protocol):
    """One signal."""

    name: str
    """As `explain` and the calibration file call it."""

    def score(self, query: Query, entries: Ints) -> Floats:
        """Value for each of the entry numbers, shape (len(entries),); higher fits better."""
        ...


class Retriever(ABC):
    """A signal that is computed for all entries at once, and can therefore propose candidates."""

    name: str

    @abstractmethod
    def all_scores(self, query: Query) -> Floats:
        """Value for every entry, shape (entries,)."""

    def every(self, query: Query) -> Floats:
        """The same, computed once for a question."""
        if self.name not in query.cache:
            query.cache[self.name] = self.all_scores(query)
        return query.cache[self.name]

    def score(self, query: Query, entries: Ints) -> Floats:
        """Value for each of the entry numbers."""
        return self.every(query)[entries]


def word_terms(analysis: Analysis) -> list[str]:
    """Stems, pairs of neighbouring stems, and concepts of the glossary."""
    pairs = [f"{a}_{b}" for a, b in zip(analysis.stems, analysis.stems[1:], strict=False)]
    return [*analysis.stems, *pairs, *analysis.concepts]


def unit_terms(analysis: Analysis) -> list[str]:
    """Stems and concepts, without pairs."""
    return [*analysis.stems, *analysis.concepts]


class WordScorer(Retriever):
    """Cosine of stemmed words, concepts and word pairs to the entry's nearest variant."""

    name = "words"

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self.index = TermIndex(word_terms(analysis) for analysis in corpus.analyses)

    def vector(self, query: Query) -> Vector:
        """The question's vector in the index."""
        if self.name not in query.vectors:
            query.vectors[self.name] = self.index.vector(word_terms(query.analysis))
        return query.vectors[self.name]

    def all_scores(self, query: Query) -> Floats:
        return self._corpus.best_per_entry(self.index.scores_of(self.vector(query)))


class CharacterScorer(Retriever):
    """Cosine of character n-grams to the entry's nearest variant: typos and inflections."""

    name = "characters"

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self.index = TermIndex(ngrams(analysis.words) for analysis in corpus.analyses)

    def vector(self, query: Query) -> Vector:
        """The question's vector in the index."""
        if self.name not in query.vectors:
            query.vectors[self.name] = self.index.vector(query.analysis.ngrams)
        return query.vectors[self.name]

    def variant_scores(self, query: Query) -> Floats:
        """Cosine to every variant, shape (variants,)."""
        key = "characters of variants"
        if key not in query.cache:
            query.cache[key] = self.index.scores_of(self.vector(query))
        return query.cache[key]

    def all_scores(self, query: Query) -> Floats:
        return self._corpus.best_per_entry(self.variant_scores(query))


class ProfileScorer(Retriever):
    """Cosine of words to all variants of an entry taken together."""

    name = "profile"

    def __init__(self, corpus: Corpus) -> None:
        self.index = TermIndex(
            [
                term
                for analysis in corpus.analyses[corpus.rows(number)]
                for term in unit_terms(analysis)
            ]
            for number in range(len(corpus.entries))
        )

    def all_scores(self, query: Query) -> Floats:
        return self.index.scores(unit_terms(query.analysis))


class AnswerScorer(Retriever):
    """Cosine of words to the answers' own text: what nobody thought of as a question."""

    name = "answer"

    def __init__(self, answers: Answers) -> None:
        self.index = TermIndex(
            [term for analysis in own for term in unit_terms(analysis)] for own in answers
        )

    def all_scores(self, query: Query) -> Floats:
        return self.index.scores(unit_terms(query.analysis))


class ClassifierScorer(Retriever):
    """What a linear classifier over all variants says of the question."""

    name = "classifier"

    def __init__(
        self, classifier: EntryClassifier, words: WordScorer, characters: CharacterScorer
    ) -> None:
        self._classifier = classifier
        self._words = words
        self._characters = characters

    def all_scores(self, query: Query) -> Floats:
        return self._classifier.scores(
            self._words.vector(query), self._characters.vector(query), query.vector
        )


class CoverageScorer:
    """Share of the question's weight that the entry's variants or answer account for."""

    name = "coverage"

    def __init__(self, corpus: Corpus, answers: Answers, words: TermIndex) -> None:
        self._words = words
        self._entries = len(corpus.entries)
        owners: dict[str, list[int]] = {}
        for number, own in enumerate(answers):
            analyses = (*corpus.analyses[corpus.rows(number)], *own)
            for term in {term for analysis in analyses for term in unit_terms(analysis)}:
                owners.setdefault(term, []).append(number)
        self._owners = {term: np.array(own, dtype=np.intp) for term, own in owners.items()}
        """Numbers of the entries that know a term."""

    def score(self, query: Query, entries: Ints) -> Floats:
        known = np.zeros(self._entries, dtype=np.float32)
        total = 0.0
        for term in dict.fromkeys(query.analysis.stems):
            weight = self._words.weight(term)
            total += weight
            if term in self._owners:
                known[self._owners[term]] += weight
        covered: Floats = known[entries] / np.float32(total or 1.0)
        return covered


class AgreementScorer(ABC):
    """Particulars of the question that an entry should mention as well.

    Minus the share of them that the entry mentions nowhere.
    """

    name: str

    def __init__(self, corpus: Corpus, answers: Answers) -> None:
        self._known = [
            frozenset().union(
                *map(self.particulars, (*corpus.analyses[corpus.rows(number)], *own))
            )
            for number, own in enumerate(answers)
        ]

    @abstractmethod
    def particulars(self, analysis: Analysis) -> frozenset[str]:
        """What counts as one."""

    def score(self, query: Query, entries: Ints) -> Floats:
        wanted = self.particulars(query.analysis)
        if not wanted:
            return np.zeros(len(entries), dtype=np.float32)
        return _floats(-len(wanted - self._known[number]) / len(wanted) for number in entries)


class NameScorer(AgreementScorer):
    """Names and versions must agree: GPT-4 is not GPT-5, R1 is not V3."""

    name = "names"

    def particulars(self, analysis: Analysis) -> frozenset[str]:
        return analysis.names


class NumberScorer(AgreementScorer):
    """So should numbers, which say less: people ask about their own 24 GB, or a year."""

    name = "numbers"

    def particulars(self, analysis: Analysis) -> frozenset[str]:
        return analysis.numbers


class NegationScorer:
    """Minus one when exactly one of the question and the entry's nearest variant is negated."""

    name = "negation"

    def __init__(self, corpus: Corpus, characters: CharacterScorer) -> None:
        self._corpus = corpus
        self._characters = characters
        self._negated = np.array([analysis.negated for analysis in corpus.analyses], dtype=bool)

    def score(self, query: Query, entries: Ints) -> Floats:
        near = self._characters.variant_scores(query)
        rows = [self._corpus.rows(int(number)) for number in entries]
        nearest = [int(near[own].argmax()) + own.start for own in rows]
        differs: Floats = -(self._negated[nearest] != query.analysis.negated).astype(np.float32)
        return differs


class ExclusionScorer:
    """How much nearer the question is to a `not:` phrasing of the entry than to its variants."""

    name = "exclusion"

    def __init__(self, corpus: Corpus, characters: CharacterScorer) -> None:
        self._characters = characters
        self._entries = len(corpus.entries)
        self._owners = np.array([number for number, _ in corpus.exclusions], dtype=np.intp)
        self._index = TermIndex(
            corpus.lexicon.analyse(text).ngrams for _, text in corpus.exclusions
        )

    def excluded(self, query: Query) -> Bools:
        """The entries of which the question is a `not:` phrasing, shape (entries,)."""
        nearest = self._nearest(query)
        # An entry's own wording wins over a `not:` phrasing that differs by a short word.
        found: Bools = (nearest > SAME) & (nearest > self._characters.every(query))
        return found

    def score(self, query: Query, entries: Ints) -> Floats:
        own = self._characters.score(query, entries)
        pushed: Floats = -np.maximum(0.0, self._nearest(query)[entries] - own)
        return pushed

    def _nearest(self, query: Query) -> Floats:
        """Cosine to the nearest `not:` phrasing of each entry, shape (entries,)."""
        if self.name not in query.cache:
            nearest = np.zeros(self._entries, dtype=np.float32)
            if len(self._owners):
                np.maximum.at(nearest, self._owners, self._index.scores(query.analysis.ngrams))
            query.cache[self.name] = nearest
        return query.cache[self.name]


def _floats(values: Iterable[float]) -> Floats:
    return np.fromiter(values, dtype=np.float32)
