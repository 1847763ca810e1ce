"""The student: some of the teacher's own layers over the bilingual vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from training.corpus import Pair
from training.lexicon import starting_rows, translation_table
from training.recipe import Recipe
from training.vocabulary import (
    build_tokenizer,
    count_words,
    english_pieces,
    french_pieces,
    pieces_of,
    plain_tokenizer,
)

POSITIONS = 128
"""Longest text in tokens; the teacher's further positions are dropped."""

LEXICON_PIECES = 14
"""Pairs with more pieces on either side teach the lexicon little and cost much."""


def student_tokenizer(teacher_folder: str, pairs: Sequence[Pair], recipe: Recipe) -> Tokenizer:
    """Return the bilingual tokenizer learnt from the pairs."""
    teacher = plain_tokenizer(teacher_folder)
    english = english_pieces(teacher, {pair.en for pair in pairs}, recipe.english_pieces)
    french = french_pieces(
        count_words(pair.fr for pair in pairs),
        count_words(pair.en for pair in pairs),
        english,
        recipe.french_pieces,
    )
    return build_tokenizer([*english, *french])


def starting_embeddings(
    tokenizer: Tokenizer, teacher: Tokenizer, rows: NDArray[np.float32], pairs: Sequence[Pair]
) -> NDArray[np.float32]:
    """Return the first (pieces, dim) table: the teacher's rows, and French ones from the lexicon.

    A French piece that the lexicon does not know starts as the mean of the teacher's pieces for it.
    """
    pieces = pieces_of(tokenizer)
    known = teacher.get_vocab()
    table = np.zeros((len(pieces), rows.shape[1]), dtype=np.float32)
    new = [number for number, piece in enumerate(pieces) if piece not in known]
    for number, piece in enumerate(pieces):
        if piece in known:
            table[number] = rows[known[piece]]
    sides = (
        [e.ids for e in tokenizer.encode_batch_fast(texts, add_special_tokens=False)]
        for texts in ([pair.fr for pair in pairs], [pair.en for pair in pairs])
    )
    short = [
        (fr, en)
        for fr, en in zip(*sides, strict=True)
        if 0 < len(fr) <= LEXICON_PIECES and 0 < len(en) <= LEXICON_PIECES
    ]
    lexicon = translation_table([fr for fr, _ in short], [en for _, en in short], len(pieces))
    starts = starting_rows(lexicon, table, new)
    for number, start in zip(new, starts, strict=True):
        old = teacher.encode(pieces[number].removeprefix("##"), add_special_tokens=False).ids
        table[number] = start if start.any() else rows[old].mean(0)
    return table


def build_student(teacher: Any, table: NDArray[np.float32], layers: int) -> Any:
    """Return a BERT of the first ``layers`` of the teacher's, spread evenly, over ``table``."""
    from transformers import BertConfig, BertModel

    config = BertConfig(**teacher.config.to_dict())
    config.vocab_size, config.num_hidden_layers = len(table), layers
    config.max_position_embeddings = POSITIONS
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0.0
    # The fused attention's backward pass is nine times slower than plain products on short texts.
    student = BertModel(config, add_pooling_layer=False)
    student.set_attn_implementation("eager")
    of_teacher = config_layers(teacher.config.num_hidden_layers, layers)
    with torch.no_grad():
        old, new = teacher.embeddings, student.embeddings
        new.load_state_dict({**new.state_dict(), **_kept_embeddings(old, table)})
        for layer, source in zip(student.encoder.layer, of_teacher, strict=True):
            layer.load_state_dict(teacher.encoder.layer[source].state_dict())
    return student


def config_layers(teacher_layers: int, layers: int) -> list[int]:
    """Return which of the teacher's layers are taken: spread evenly, the last one among them."""
    return [round((i + 1) * teacher_layers / layers) - 1 for i in range(layers)]


def _kept_embeddings(old: Any, table: NDArray[np.float32]) -> dict[str, torch.Tensor]:
    return {
        "word_embeddings.weight": torch.from_numpy(table),
        "position_embeddings.weight": old.position_embeddings.weight[:POSITIONS].clone(),
        "token_type_embeddings.weight": old.token_type_embeddings.weight.clone(),
        "LayerNorm.weight": old.LayerNorm.weight.clone(),
        "LayerNorm.bias": old.LayerNorm.bias.clone(),
    }
