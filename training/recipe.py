"""Every number of the training in one place, so that a run can be repeated and varied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

#: Most pairs taken from one source. Statutes are plentiful and far from chat language.
SOURCE_LIMITS: Mapping[str, int] = MappingProxyType(
    {
        "justice-laws": 12_000,
        "justice-regs": 6_000,
        "justice-regs-term": 3_000,
        "apache-httpd": 5_000,
        "apache-ofbiz": 6_000,
        "ms-dyn365-headings": 9_000,
        "python-docs-fr": 18_000,
    }
)


@dataclass(frozen=True)
class Tuning:
    """How the finished student is tuned on the phrasings of a knowledge base."""

    rounds: float = 4.0
    """How often each phrasing is shown, on average."""

    entries: int = 28
    """Entries in a batch."""

    texts: int = 6
    """Phrasings of each entry in a batch; an entry with fewer is left out."""

    rate: float = 1.5e-4
    """Peak learning rate; at a fifth of it new phrasings are hardly learned."""

    temperature: float = 0.05
    """Divides the similarities: the nearest phrasing counts most."""

    refresh: int = 50
    """Steps after which the phrasings that texts are compared with are embedded anew."""

    stay: float = 5.0
    """Weight of the term that holds texts near their vectors from before."""

    hasty: float = 0.4
    """Share of texts shown as typed in haste."""

    topics: float = 0.25
    """Share of phrasings shown with a pronoun for what the whole base is about."""

    others: int = 32
    """Messages in a batch that no entry answers."""

    misses: int = 56
    """Near misses in a batch."""

    outside: float = 0.6
    """Cosine to the nearest phrasing under which a message counts as one."""


@dataclass(frozen=True)
class Adapting:
    """How the trained student meets the written chat questions."""

    others: int = 50_000
    """Other pairs drawn among them; shown as often as in a round of the training."""

    rate: float = 8e-5
    """Peak rate of the transformer layers."""

    embedding_rate: float = 8e-4
    """Peak rate of the piece embeddings."""


@dataclass(frozen=True)
class Narrowing:
    """How the student's inner layers are made narrower."""

    inner: int = 512
    """Neurons of each layer's inner part; all-MiniLM-L6-v2 has 1,536."""

    sampled: int = 1_500
    """Texts by which it is chosen which of them stay."""

    others: int = 20_000
    """Pairs whose two sides are among what it learns on, so that nothing is forgotten."""

    texts: int = 300_000
    """Texts shown in all."""

    batch: int = 192
    """Texts of a step."""

    rate: float = 3e-4
    """Peak learning rate of the layers."""

    hasty: float = 0.3
    """Share of texts shown as typed in haste."""


@dataclass(frozen=True)
class Recipe:
    """What decides the finished encoder; a change of any field is another encoder."""

    seed: int = 8
    """Seed of the choice of pairs, the noise, the order of batches and the new weights."""

    max_words: int = 14
    """Longest English side taken, in words; chat questions are short."""

    max_question_words: int = 20
    """The same for sentences that end in a question mark."""

    pairs: int = 250_000
    """Most pairs taken in all."""

    phrases: int = 60_000
    """Draws of terms and frames for made-up chat questions; the same draw counts once."""

    held_out_share: int = 200
    """One English side in this many is never trained on."""

    source_limits: Mapping[str, int] = field(default_factory=lambda: SOURCE_LIMITS)
    """Most pairs by source key; a source that is not named is taken whole."""

    english_pieces: int = 20_000
    """Teacher pieces kept, the most frequent of the English side."""

    french_pieces: int = 12_000
    """Pieces added for French."""

    layers: int = 6
    """Transformer layers, taken evenly from those it starts with."""

    max_tokens: int = 64
    """Tokens per training text; longer ones are cut."""

    batch_tokens: int = 2_048
    """Tokens per step, padding included."""

    learning_rate: float = 1e-4
    """Peak rate of the transformer layers."""

    embedding_rate: float = 1e-3
    """Peak rate of the piece embeddings, of which each step touches few."""

    warmup_share: float = 0.04
    """Share of the steps in which the rate rises."""

    weight_decay: float = 0.01

    contrast: float = 0.05
    """Weight of the in-batch term beside the cosine distance."""

    texts: int = 1_000_000
    """Texts shown in all, clean and noisy, both languages."""

    adapting: Adapting = field(default_factory=Adapting)

    tuning: Tuning = field(default_factory=Tuning)

    narrowing: Narrowing = field(default_factory=Narrowing)


@dataclass(frozen=True)
class Folders:
    """Where a run reads and writes; none of it is in the repository."""

    data: Path | None
    """Holds ``pairs.tsv.gz``: English, French, source key; None where no step reads it."""

    cache: Path
    """Prepared pairs, teacher vectors and checkpoints."""

    teacher: str
    """Folder or name of the teacher in the sentence-transformers layout."""

    start: str = ""
    """Whose layers and pieces the student starts from: a BERT in the same layout, or an encoder
    that the step ``export`` has written; the teacher where it is not named."""
