"""The way from a question to its candidates."""

from __future__ import annotations

import numpy as np

from bot.knowledge import KnowledgeBase
from bot.matching.corpus import Floats, Ints, build_corpus
from bot.matching.fusion import DEFAULT, Calibration, logistic
from bot.matching.query import Query
from bot.matching.scorers import (
    AnswerScorer,
    CharacterScorer,
    CoverageScorer,
    ExclusionScorer,
    NameScorer,
    ProfileScorer,
    Retriever,
    Scorer,
    WordScorer,
)
from bot.matching.spelling import Speller
from bot.models import Candidate, Locale
from bot.text import MAX_QUESTION, clean, words

POOL = 24
"""Entries that each retriever proposes."""
TIE = 1e-4
"""A lead in score below this one is none."""


class Matcher:
    """Ranks the entries of one base; immutable once built."""

    def __init__(
        self,
        knowledge: KnowledgeBase,
        calibration: Calibration = DEFAULT,
        skip: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        self.corpus = corpus = build_corpus(knowledge, skip)
        self.calibration = calibration
        self._speller = Speller(_vocabulary(knowledge) | corpus.lexicon.known_words)
        self._words = WordScorer(corpus)
        self._characters = CharacterScorer(corpus)
        self._retrievers: tuple[Retriever, ...] = (
            self._words, self._characters, ProfileScorer(corpus), AnswerScorer(corpus),
        )
        self.scorers: tuple[Scorer, ...] = (
            *self._retrievers,
            CoverageScorer(corpus, self._words.index),
            NameScorer(corpus),
            ExclusionScorer(corpus, self._characters),
        )

    def query(self, text: str, locale: Locale | None = None) -> Query:
        """Take a question apart."""
        text = clean(text)[:MAX_QUESTION]
        corrected, corrections = self._speller.correct_text(words(text))
        return Query(
            text=text,
            locale=locale,
            analysis=self.corpus.lexicon.analyse(" ".join(corrected)),
            corrections=corrections,
            unknown=frozenset(word for word in corrected if word not in self._speller),
        )

    def rank(self, text: str, locale: Locale | None = None, *, limit: int = 10) -> list[Candidate]:
        """Candidates for a question, best first; empty if nothing of it is known."""
        query = self.query(text, locale)
        if not query.analysis.words:
            return []
        pool = self._pool(query)
        signals = {scorer.name: scorer.score(query, pool) for scorer in self.scorers}
        total = sum(
            (weight * signals[name] for name, weight in self.calibration.rank.items()
             if name in signals),
            start=np.zeros(len(pool), dtype=np.float32),
        )
        order = np.argsort(-total, kind="stable")
        confidences = self._confidences(total, order, signals)
        return [
            self._candidate(query, int(pool[at]), float(total[at]), confidence,
                            {name: float(values[at]) for name, values in signals.items()})
            for at, confidence in zip(order[:limit], confidences, strict=False)
        ]

    def _pool(self, query: Query) -> Ints:
        found = [
            np.argsort(-scores, kind="stable")[:POOL]
            for scores in (retriever.every(query) for retriever in self._retrievers)
        ]
        return np.unique(np.concatenate(found))

    def _confidences(
        self, total: Floats, order: Ints, signals: dict[str, Floats]
    ) -> list[float]:
        shares = np.exp(total[order] - total[order[0]])
        shares = shares / shares.sum()
        first = int(order[0])
        lead = float(total[first] - total[order[1]]) if len(order) > 1 else 5.0
        features = {name: float(values[first]) for name, values in signals.items()}
        features["lead"] = min(lead, 5.0)
        odds = self.calibration.intercept + sum(
            weight * features.get(name, 0.0) for name, weight in self.calibration.trust.items()
        )
        top = logistic(odds)
        if lead < TIE:
            top = min(top, 0.5)  # two that fit alike cannot both be likelier than not
        rest = [float(share) / float(shares[0]) * top for share in shares[1:]]
        return [top, *(min(value, 1 - top) for value in rest)]

    def _candidate(
        self, query: Query, number: int, score: float, confidence: float, signals: dict[str, float]
    ) -> Candidate:
        rows = self.corpus.rows(number)
        nearest = int(np.argmax(self._characters.variant_scores(query)[rows])) + rows.start
        return Candidate(self.corpus.entries[number], self.corpus.variants[nearest], confidence,
                         score, signals)


def _vocabulary(knowledge: KnowledgeBase) -> frozenset[str]:
    return frozenset(
        word
        for entry in knowledge.entries.values()
        for text in entry.texts.values()
        for phrase in (text.question, *text.variants, text.answer)
        for word in words(phrase)
    )
