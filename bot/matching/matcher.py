"""The way from a question to its candidates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.knowledge import KnowledgeBase
from bot.matching.classifier import EntryClassifier, fits
from bot.matching.corpus import Answers, Floats, Ints, build_corpus
from bot.matching.fusion import Calibration, calibration_in_service, logistic
from bot.matching.index import TermIndex
from bot.matching.meaning import MeaningScorer, SentenceEncoder, ThirdMeaningScorer, TopicScorer
from bot.matching.query import Query
from bot.matching.scope import build_scope
from bot.matching.scorers import (
    AnswerScorer,
    CharacterScorer,
    ClassifierScorer,
    CoverageScorer,
    ExclusionScorer,
    NameScorer,
    NegationScorer,
    NumberScorer,
    ProfileScorer,
    Retriever,
    Scorer,
    WordScorer,
)
from bot.matching.spelling import Speller
from bot.models import Candidate, Locale
from bot.text import MAX_QUESTION, clean, words

POOL = 12
"""Entries that each retriever proposes."""
OWN_WORDING = 0.98
"""Least confidence in an entry whose very wording is asked: somebody wrote that it answers."""
TOPIC_WORDS = 8
"""Longer questions are encoded in one form alone: beside so many words a name draws a vector no
longer, and a second form would take longest there."""
MAX_LEAD = 15.0
"""Leads beyond this say no more."""


@dataclass(frozen=True)
class Ranking:
    """A question with its candidates."""

    query: Query
    candidates: tuple[Candidate, ...]
    """Best first; empty if there is nothing to match."""
    features: dict[str, float]
    """What the confidence of the first candidate was computed from."""


@dataclass(frozen=True)
class Pool:
    """The candidates of one question as arrays; what calibration learns from."""

    query: Query
    entries: Ints
    """Entry numbers, shape (candidates,)."""
    signals: dict[str, Floats]
    """Value by signal, each of shape (candidates,)."""


class Matcher:
    """Ranks the entries of one base; immutable once built.

    Args:
        knowledge: the base.
        encoder: sentence encoder; None goes on with words.
        calibration: weights; the base's own, else the bundled ones, when None.
        skip: (entry id, variant) left out, for cross-validation.
        outside: out-of-scope questions to learn from; the base's own when None.

    Raises:
        CalibrationError: if the calibration given has no profile for this base.
    """

    def __init__(
        self,
        knowledge: KnowledgeBase,
        encoder: SentenceEncoder | None = None,
        calibration: Calibration | None = None,
        *,
        skip: frozenset[tuple[str, str]] = frozenset(),
        outside: Iterable[str] | None = None,
    ) -> None:
        self.corpus = corpus = build_corpus(knowledge, skip)
        self._encoder = encoder
        self._speller = Speller(_vocabulary(knowledge) | corpus.lexicon.known_words)
        self._words = WordScorer(corpus)
        self._characters = CharacterScorer(corpus)
        self._exclusions = ExclusionScorer(corpus, self._characters)
        self._meaning: MeaningScorer | None = None
        self._scope = None
        vectors = None
        if encoder is not None:
            vectors = encoder.encode([variant.text for variant in corpus.variants])
            self._meaning = MeaningScorer(corpus, vectors)
            if outside is None:
                outside = [question.text for question in knowledge.out_of_scope]
            outside = list(outside)
            self._scope = build_scope(vectors, encoder.encode(outside) if outside else None)
        answers = corpus.answers()
        self._retrievers = self._build_retrievers(answers, vectors)
        self.scorers: tuple[Scorer, ...] = (*self._retrievers, *self._build_judges(answers))
        if calibration is None:
            self.calibration, self.profile = calibration_in_service(knowledge.root, self.available)
        else:
            self.calibration, self.profile = calibration, calibration.profile(self.available)

    def _build_retrievers(
        self, answers: Answers, vectors: Floats | None
    ) -> tuple[Retriever, ...]:
        corpus = self.corpus
        found: list[Retriever] = [
            self._words,
            self._characters,
            ProfileScorer(corpus),
            AnswerScorer(answers),
        ]
        if self._meaning is not None:
            found.append(self._meaning)
        if fits(corpus):
            classifier = EntryClassifier(corpus, self._words.index, self._characters.index, vectors)
            found.append(ClassifierScorer(classifier, self._words, self._characters))
        return tuple(found)

    def _build_judges(self, answers: Answers) -> tuple[Scorer, ...]:
        corpus = self.corpus
        found: list[Scorer] = [
            CoverageScorer(corpus, answers, self._words.index),
            NameScorer(corpus, answers),
            NumberScorer(corpus, answers),
            NegationScorer(corpus, self._characters),
            self._exclusions,
        ]
        if self._meaning is not None:
            found.append(ThirdMeaningScorer(self._meaning, corpus))
            if self._encoder is not None:
                found.append(TopicScorer(self._meaning, corpus, self._encoder))
        return tuple(found)

    @property
    def available(self) -> frozenset[str]:
        """Optional parts that this matcher has: meaning, classifier, scope."""
        names = {scorer.name for scorer in self.scorers} & {"meaning", "classifier"}
        return frozenset(names | ({"scope"} if self._scope is not None else set()))

    @property
    def characters(self) -> TermIndex:
        """Index of the variants' character n-grams, for completion."""
        return self._characters.index

    # One question

    def query(
        self, text: str, locale: Locale | None = None, vectors: tuple[Floats, Floats] | None = None
    ) -> Query:
        """Take a question apart; its two sentence vectors are computed unless they are given."""
        text = _cut(text)
        corrected, corrections = self._speller.correct_text(words(text))
        vector, topic = vectors or (None, None)
        if self._encoder is not None and corrected and vectors is None:
            put = self.topic(text)
            both = self._encoder.encode([text] if put == text else [text, put])
            vector, topic = both[0], both[-1]
        return Query(
            text=text,
            locale=locale,
            analysis=self.corpus.lexicon.analyse(" ".join(corrected)),
            corrections=corrections,
            unknown=frozenset(word for word in corrected if word not in self._speller),
            vector=vector,
            topic=topic,
        )

    def topic(self, text: str) -> str:
        """The question with a pronoun for what the whole base is about; itself where it is long."""
        if len(words(text)) > TOPIC_WORDS:
            return text
        return self.corpus.without_subjects(text)

    def pool(self, query: Query) -> Pool:
        """The entries worth a closer look, with all signals."""
        proposals = [_largest(retriever.every(query), POOL) for retriever in self._retrievers]
        entries = np.unique(np.concatenate(proposals))
        # What a `not:` phrasing says outright is not a matter of weights.
        entries = entries[~self._exclusions.excluded(query)[entries]]
        signals = {scorer.name: scorer.score(query, entries) for scorer in self.scorers}
        return Pool(query, entries, signals)

    def rank(self, text: str, locale: Locale | None = None, *, limit: int = 10) -> list[Candidate]:
        """Candidates for a question, best first; empty if there is nothing to match."""
        return list(self.ranking(text, locale, limit=limit).candidates)

    def rank_all(
        self, questions: Sequence[tuple[str, Locale | None]], *, outright: bool = True
    ) -> Iterator[list[Candidate]]:
        """The same for many questions, each with its language; faster than one by one."""
        vectors: Iterable[tuple[Floats, Floats] | None] = [None] * len(questions)
        if self._encoder is not None and len(questions) > 1:
            texts = [_cut(text) for text, _ in questions]
            both = self._encoder.encode([*texts, *map(self.topic, texts)])
            vectors = zip(both[: len(texts)], both[len(texts) :], strict=True)
        for (text, locale), known in zip(questions, vectors, strict=True):
            found = self.ranking(text, locale, vectors=known, outright=outright)
            yield list(found.candidates)

    def ranking(
        self,
        text: str,
        locale: Locale | None = None,
        *,
        limit: int = 10,
        vectors: tuple[Floats, Floats] | None = None,
        outright: bool = True,
    ) -> Ranking:
        """Candidates together with how the question was understood.

        Args:
            text: the question.
            locale: its language, where it is known.
            limit: most candidates returned.
            vectors: its sentence vectors, as it is and with the base's subjects taken out, where
                they are known.
            outright: whether an entry's very wording wins outright, whatever the signals say.
        """
        query = self.query(text, locale, vectors)
        if not query.analysis.words:
            return Ranking(query, (), {})
        pool = self.pool(query)
        if not len(pool.entries):
            return Ranking(query, (), {})
        scores = fuse(pool.signals, self.profile.rank)
        owner = self.corpus.wordings.get(tuple(words(query.text))) if outright else None
        own = pool.entries == (-1 if owner is None else owner)
        scores[own] = scores.max() + np.float32(1.0)
        order = np.argsort(-scores, kind="stable")
        features = self.trust_features(pool, scores, order)
        odds = self.profile.intercept + sum(
            weight * features.get(name, 0.0) for name, weight in self.profile.trust.items()
        )
        first = max(logistic(odds), OWN_WORDING if own.any() else 0.0)
        confidences = spread(first, scores[order])
        candidates = tuple(
            self._candidate(pool, int(at), float(scores[at]), confidence)
            for at, confidence in zip(order[:limit], confidences, strict=False)
        )
        return Ranking(query, candidates, features)

    def trust_features(self, pool: Pool, scores: Floats, order: Ints) -> dict[str, float]:
        """What says how far the first candidate can be trusted.

        Args:
            pool: the candidates.
            scores: fused score of each, shape (candidates,).
            order: their indexes, best first.
        """
        query = pool.query
        first = int(order[0])
        best = float(scores[first])
        features = {name: float(values[first]) for name, values in pool.signals.items()}
        features["lead"] = _lead(scores, order, 1)
        features["lead_fifth"] = _lead(scores, order, 4)
        features["share"] = 1.0 / float(np.exp(scores - best).sum())
        features["length"] = float(np.log1p(len(query.analysis.words)))
        features["unknown"] = len(query.unknown) / max(1, len(query.analysis.words))
        if self._meaning is not None:
            features["nearest"] = float(pool.signals["meaning"].max())
        if self._scope is not None and query.vector is not None:
            features |= self._scope.features(query.vector)
        return features

    def _candidate(self, pool: Pool, at: int, score: float, confidence: float) -> Candidate:
        number = int(pool.entries[at])
        rows = self.corpus.rows(number)
        near = self._characters.variant_scores(pool.query)[rows]
        if self._meaning is not None:
            near = near + self._meaning.variant_scores(pool.query)[rows]
        nearest = self.corpus.variants[int(near.argmax()) + rows.start]
        signals = {name: float(values[at]) for name, values in pool.signals.items()}
        return Candidate(self.corpus.entries[number], nearest, confidence, score, signals)


def fuse(signals: dict[str, Floats], weights: Mapping[str, float]) -> Floats:
    """Weighted sum of the signals, shape (candidates,)."""
    size = len(next(iter(signals.values())))
    total = np.zeros(size, dtype=np.float32)
    for name, weight in weights.items():
        if name in signals:
            total += np.float32(weight) * signals[name]
    return total


def spread(first: float, scores: Floats) -> list[float]:
    """Confidence of each candidate, given that of the first.

    What the first leaves is shared by the rest in proportion to their odds against it, and none
    gets more than the first.

    Args:
        first: confidence of the first candidate.
        scores: fused scores, best first.
    """
    odds = np.exp(scores - scores[0])
    return [first, *(min(float(one) * first, 1.0 - first) for one in odds[1:])]


def _lead(scores: Floats, order: Ints, place: int) -> float:
    if place >= len(order):
        return MAX_LEAD
    return min(float(scores[order[0]] - scores[order[place]]), MAX_LEAD)


def _largest(scores: Floats, count: int) -> Ints:
    if len(scores) <= count:
        return np.arange(len(scores), dtype=np.intp)
    return np.argpartition(-scores, count)[:count]


def _cut(text: str) -> str:
    return clean(text)[:MAX_QUESTION]


def _vocabulary(knowledge: KnowledgeBase) -> frozenset[str]:
    return frozenset(
        word
        for entry in knowledge.entries.values()
        for text in entry.texts.values()
        for phrase in (text.question, *text.variants, text.answer)
        for word in words(phrase)
    )
