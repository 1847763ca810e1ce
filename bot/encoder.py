"""Sentence encoders: texts to vectors in which near means alike, across French and English.

The bundled one is a small bilingual student of all-mpnet-base-v2, see
``data/encoder/MODEL_CARD.md``. numpy, onnxruntime and tokenizers are imported where they are used:
a bot without them goes on by words.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from bot.errors import EncoderError, MissingExtra
from bot.vectors import VectorCache

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Encoder", "VectorCache", "load_encoder"]

log = logging.getLogger(__name__)

BUNDLED = Path(__file__).parent / "data" / "encoder"
MODEL2VEC_PREFIX = "model2vec:"
MOST_CHARACTERS = 4_000
"""Longer texts are cut before they are split into pieces; chat messages end here anyway."""

BATCH_TOKENS = 128
"""Tokens per run, padding included: enough to be fast, little enough to stay small in memory."""

MANY_BATCHES = 8
"""From so many on, batches are computed side by side on all cores."""


class Encoder(Protocol):
    """Turns texts into vectors of unit length."""

    @property
    def name(self) -> str:
        """Names the encoder and its version: the same name always gives the same vectors."""

    @property
    def dim(self) -> int:
        """Length of a vector."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the texts' vectors, shape (texts, dim), each of length 1."""


def load_encoder(choice: str = "bundled") -> Encoder | None:
    """Return the chosen encoder, or None where the bot is to match by words alone.

    Args:
        choice: ``bundled``; ``none``; a folder in the bundled one's layout, or one saved by
            sentence-transformers or model2vec; or the name of a sentence-transformers model, or of
            a model2vec model behind ``model2vec:``.

    Raises:
        EncoderError: the folder or the name cannot be loaded.
        MissingExtra: it needs a library that is not installed.
    """
    choice = choice.strip()
    if choice.lower() == "none":
        return None
    if choice.lower() == "bundled":
        return _load_onnx(BUNDLED)
    folder = Path(choice).expanduser()
    if folder.is_dir():
        return _load_folder(folder)
    if not choice or folder.is_absolute() or choice.startswith((".", "~")):
        raise EncoderError(
            f"There is no encoder folder {choice!r}. Set AIFAQ_ENCODER to bundled, none,"
            " an existing folder or the name of a model."
        )
    if choice.startswith(MODEL2VEC_PREFIX):
        return _Model2Vec(choice.removeprefix(MODEL2VEC_PREFIX), choice)
    return _SentenceTransformer(choice, choice)


def _load_folder(folder: Path) -> Encoder | None:
    if (folder / "encoder.json").is_file():
        return _load_onnx(folder)
    name = f"{folder.name}@{_listing_digest(folder)}"
    if (folder / "modules.json").is_file():
        return _SentenceTransformer(str(folder), name)
    if (folder / "model.safetensors").is_file() and (folder / "config.json").is_file():
        return _Model2Vec(str(folder), name)
    raise EncoderError(
        f"The folder {folder} holds no sentence encoder: no encoder.json (this project's layout),"
        " no modules.json (sentence-transformers), no model.safetensors with config.json"
        " (model2vec)."
    )


def _load_onnx(folder: Path) -> Encoder | None:
    try:
        import numpy as np  # noqa: F401
        import onnxruntime  # noqa: F401
        import tokenizers  # noqa: F401
    except ImportError as error:
        log.warning(
            "The sentence encoder is off, questions are matched by words alone: %s."
            " To turn it on: pip install numpy onnxruntime tokenizers."
            " To silence this: AIFAQ_ENCODER=none.",
            error,
        )
        return None
    try:
        return OnnxEncoder(folder)
    except Exception as error:
        raise EncoderError(
            f"The sentence encoder in {folder} cannot be loaded ({error})."
            " Install the package anew, or set AIFAQ_ENCODER=none."
        ) from error


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Rows of texts of about one length, as many together as BATCH_TOKENS allows."""
    batches: list[list[int]] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batches and (len(batches[-1]) + 1) * lengths[row] <= BATCH_TOKENS:
            batches[-1].append(row)
        else:
            batches.append([row])
    return batches


def _cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class OnnxEncoder:
    """An encoder in this project's layout: encoder.json, tokenizer.json, model.onnx."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        about = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
        model = folder / "model.onnx"
        digest = _content_digest(model, folder / "tokenizer.json")
        self.name = f"{about['name']}-{about['version']}@{digest}"
        self.dim = int(about["dim"])
        self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(int(about["max_tokens"]))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # The arena keeps what the largest batch took, for good.
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the texts' vectors, shape (texts, dim); long texts are cut at their end."""
        import numpy as np

        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        ids = [self._tokenizer.encode(_clean(text)).ids for text in texts]
        batches = _batches([len(pieces) for pieces in ids])

        def run(rows: list[int]) -> None:
            vectors[rows] = self._run([ids[row] for row in rows])

        if len(batches) < MANY_BATCHES:
            for rows in batches:
                run(rows)
        else:  # a base's first start: the library lets other threads run while it computes
            with ThreadPoolExecutor(_cores()) as pool:
                list(pool.map(run, batches))
        return vectors

    def _run(self, ids: list[list[int]]) -> NDArray[np.float32]:
        import numpy as np

        tokens = np.zeros((len(ids), max(map(len, ids))), dtype=np.int64)
        mask = np.zeros_like(tokens)
        for row, pieces in enumerate(ids):
            tokens[row, : len(pieces)] = pieces
            mask[row, : len(pieces)] = 1
        given = {"input_ids": tokens, "attention_mask": mask}
        vectors: NDArray[np.float32] = self._session.run(None, given)[0]
        return vectors


class _SentenceTransformer:
    """Any model of sentence-transformers, by folder or by name."""

    def __init__(self, source: str, name: str) -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise MissingExtra(
                f"sentence-transformers, which {source!r} needs,", "encoders"
            ) from error
        self.name = name
        try:
            self._model: Any = SentenceTransformer(source, device="cpu")
            self.dim = len(self._model.encode(["?"], show_progress_bar=False)[0])
        except Exception as error:
            raise _cannot_load(source, error) from error

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the texts' vectors, shape (texts, dim)."""
        vectors = self._model.encode([_clean(text) for text in texts], show_progress_bar=False)
        return _unit(vectors, self.dim)


class _Model2Vec:
    """Any static model of model2vec, by folder or by name."""

    def __init__(self, source: str, name: str) -> None:
        try:
            from model2vec import StaticModel
        except ImportError as error:
            raise MissingExtra(f"model2vec, which {source!r} needs,", "encoders") from error
        self.name = name
        try:
            self._model: Any = StaticModel.from_pretrained(source)
            self.dim = int(self._model.dim)
        except Exception as error:
            raise _cannot_load(source, error) from error

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the texts' vectors, shape (texts, dim)."""
        return _unit(self._model.encode([_clean(text) for text in texts]), self.dim)


def _cannot_load(source: str, error: Exception) -> EncoderError:
    return EncoderError(
        f"The sentence encoder {source!r} cannot be loaded ({error}). Check the name or the folder,"
        " and that it can be reached; or set AIFAQ_ENCODER=bundled."
    )


def _unit(vectors: Any, dim: int) -> NDArray[np.float32]:
    import numpy as np

    rows: NDArray[np.float32] = np.asarray(vectors, dtype=np.float32).reshape(-1, dim)
    scaled: NDArray[np.float32] = rows / np.maximum(
        np.linalg.norm(rows, axis=1, keepdims=True), 1e-9
    )
    return scaled


def _clean(text: str) -> str:
    """Cut what is far too long and replace half characters, which tokenizers refuse."""
    return text[:MOST_CHARACTERS].encode("utf-8", "replace").decode("utf-8")


def _content_digest(*paths: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _listing_digest(folder: Path) -> str:
    """Digest of a folder's listing: large models are not read twice just to be named."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    listing = [(str(p.relative_to(folder)), p.stat().st_size, p.stat().st_mtime_ns) for p in files]
    return hashlib.sha256(repr(listing).encode()).hexdigest()[:12]
