"""Small students, untrained, for tests that train or write them."""

from __future__ import annotations

import torch
import transformers
from tokenizers import Tokenizer


def untrained(tokenizer: Tokenizer, **sizes: float) -> transformers.BertModel:
    """A BERT over the tokenizer's pieces without dropout, always the same."""
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        num_attention_heads=4,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        **sizes,
    )
    return transformers.BertModel(config, add_pooling_layer=False)
