"""The student's word pieces: the teacher's English ones, less the unused, and French ones.

English keeps its pieces and their rows, so that an English text means to the student what it means
to the teacher before any training. The teacher's tokenizer lower-cases and strips accents, so
unaccented French costs nothing.
"""

from __future__ import annotations

import json
import string
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import WordPiece
from tokenizers.trainers import WordPieceTrainer

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
COMMON = 10_000
"""Teacher pieces up to this number are kept unseen: its vocabulary is sorted by frequency."""

WHOLE_WORDS = 0.75
"""Share of the French pieces that are whole words, the most frequent; the rest are word parts."""


def _readable(piece: str) -> bool:
    """Whether a piece is Latin script, a digit or a sign."""
    return all(
        ord(c) < 0x250 or unicodedata.category(c)[0] in "PS" for c in piece.removeprefix("##")
    )


def normalizer() -> Any:
    """Lower case, no accents, plain apostrophes, ligatures spelt out."""
    return normalizers.Sequence(
        [
            normalizers.Replace(Regex("[\u2018\u2019\u02bc\u00b4`]"), "'"),
            normalizers.Replace(Regex("[\u0153\u0152]"), "oe"),
            normalizers.Replace(Regex("[\u00e6\u00c6]"), "ae"),
            normalizers.BertNormalizer(lowercase=True, strip_accents=True),
        ]
    )


def build_tokenizer(pieces: Sequence[str]) -> Tokenizer:
    """Return a WordPiece tokenizer over ``pieces``, whose order gives the ids."""
    ids = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=64))
    tokenizer.normalizer = normalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])],
    )
    return tokenizer


def english_pieces(teacher: Tokenizer, english: Iterable[str], limit: int) -> list[str]:
    """Return the teacher's pieces to keep, in the teacher's order."""
    by_id = sorted(teacher.get_vocab().items(), key=lambda item: item[1])
    counts: Counter[str] = Counter()
    for encoding in teacher.encode_batch(list(english), add_special_tokens=False):
        counts.update(encoding.tokens)
    letters = {*string.printable, *(f"##{c}" for c in string.ascii_lowercase + string.digits)}
    kept = {p for p, _ in by_id if p in letters or (len(p) == 1 and _readable(p))} | set(SPECIAL)
    common = [p for p, number in by_id if number < COMMON and _readable(p) and p[:7] != "[unused"]
    seen = [p for p, _ in counts.most_common() if _readable(p)]
    for piece in [*common, *seen]:
        if len(kept) >= limit:
            break
        kept.add(piece)
    return [p for p, _ in by_id if p in kept]


def count_words(texts: Iterable[str]) -> Counter[str]:
    """Count words as the tokenizer splits them, and words that lost their apostrophe ("cest")."""
    splitter, norm = pre_tokenizers.BertPreTokenizer(), normalizer()
    counts: Counter[str] = Counter()
    for text in texts:
        plain = norm.normalize_str(text)
        counts.update(word for word, _ in splitter.pre_tokenize_str(plain))
        if "'" in plain:
            glued = (word for word in plain.split() if "'" in word)
            counts.update(w.replace("'", "").strip(string.punctuation) for w in glued)
    return counts


def french_pieces(
    words: Counter[str], english_words: Counter[str], english: Sequence[str], limit: int
) -> list[str]:
    """Return new pieces for French: the most frequent whole words, then the parts of the others.

    Words that English uses as much, and very short ones, would take English words apart.
    """
    present = set(english)
    words = Counter({w: n for w, n in words.items() if w.isalpha() and w.isascii()})
    whole = [
        word
        for word, count in words.most_common()
        if word not in present and len(word) > 3 and count > english_words[word]
    ]
    chosen = whole[: int(limit * WHOLE_WORDS)]
    trained = Tokenizer(WordPiece(unk_token="[UNK]"))
    trained.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = WordPieceTrainer(vocab_size=2 * limit, min_frequency=20, show_progress=False)
    rare = (word for word, count in words.items() for _ in range(min(count, 50)))
    trained.train_from_iterator(rare, trainer)
    parts = sorted(trained.get_vocab().items(), key=lambda item: item[1])
    present.update(chosen)
    for piece, _ in parts:
        if len(chosen) >= limit:
            break
        if piece.startswith("##") and len(piece) > 3 and piece not in present:
            chosen.append(piece)
    return chosen


def unchanged_share(teacher: Tokenizer, student: Tokenizer, texts: Sequence[str]) -> float:
    """Share of texts that both tokenizers split into the same pieces."""
    pairs = zip(teacher.encode_batch(list(texts)), student.encode_batch(list(texts)), strict=True)
    return sum(a.tokens == b.tokens for a, b in pairs) / max(len(texts), 1)


def plain_tokenizer(folder: str) -> Tokenizer:
    """Return a tokenizer.json's tokenizer without padding or truncation."""
    tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def pieces_of(tokenizer: Tokenizer) -> list[str]:
    """Return a tokenizer's pieces in the order of their ids."""
    vocabulary: dict[str, int] = json.loads(tokenizer.to_str())["model"]["vocab"]
    return sorted(vocabulary, key=vocabulary.__getitem__)
