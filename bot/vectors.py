"""Vectors of the variants, kept by content so that a reload computes only what has changed."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from bot.encoder import Encoder

log = logging.getLogger(__name__)

KEY_BYTES = 16
MOST_ROWS = 400_000
"""Vectors kept at most, the oldest go first: about 310 MB at 384 dimensions."""

BLOCK = 16_384
"""Texts computed between two writes: a first start that is cut off loses no more than these."""


class VectorCache:
    """Vectors by text, in memory and, where a folder is given, on disk.

    Held as 16-bit floats, 0.8 kB a text at 384 dimensions. A cache that is damaged or cannot be
    written costs time, never an answer.
    """

    def __init__(self, encoder: Encoder, folder: Path | None = None) -> None:
        import numpy as np

        self._encoder = encoder
        self._lock = threading.Lock()
        self._row_of: dict[bytes, int] = {}
        self._rows: NDArray[np.float16] = np.zeros((0, encoder.dim), dtype=np.float16)
        digest = hashlib.sha256(f"{encoder.name}\0{encoder.dim}".encode()).hexdigest()
        self._path = folder / f"vectors-{digest[:16]}.npz" if folder else None
        self._read()

    def __len__(self) -> int:
        return len(self._row_of)

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the texts' vectors, shape (texts, dim), computing those not known yet."""
        import numpy as np

        keys = [_key(text) for text in texts]
        with self._lock:
            missing = {
                key: text for key, text in zip(keys, texts, strict=True) if key not in self._row_of
            }
            wanted, new = set(keys), list(missing)
            for start in range(0, len(new), BLOCK):
                block = new[start : start + BLOCK]
                self._add(block, self._encoder.encode([missing[key] for key in block]), wanted)
                self._write()
            rows = [self._row_of[key] for key in keys]
            found: NDArray[np.float32] = self._rows[rows].astype(np.float32)
        return found

    def _add(self, keys: list[bytes], vectors: NDArray[np.float32], wanted: set[bytes]) -> None:
        import numpy as np

        too_many = len(self._row_of) + len(keys) - MOST_ROWS
        if too_many > 0:
            kept = [key for key in self._row_of if key in wanted]
            others = [key for key in self._row_of if key not in wanted]
            kept = others[too_many:] + kept
            self._rows = self._rows[[self._row_of[key] for key in kept]]
            self._row_of = {key: row for row, key in enumerate(kept)}
        first = len(self._row_of)
        self._rows = np.concatenate([self._rows, vectors.astype(np.float16)])
        self._row_of.update({key: first + place for place, key in enumerate(keys)})

    def _read(self) -> None:
        import numpy as np

        if self._path is None or not self._path.exists():
            return
        try:
            with np.load(self._path, allow_pickle=False) as saved:
                keys, rows = saved["keys"], saved["rows"]
            if rows.shape != (len(keys), self._encoder.dim) or keys.shape[1:] != (KEY_BYTES,):
                raise ValueError("its parts do not fit each other")  # noqa: TRY301
            if not np.isfinite(rows).all():
                raise ValueError("it holds numbers that are none")  # noqa: TRY301
        except Exception as error:  # noqa: BLE001  # whatever is wrong with it, it is only a cache
            log.info("The vector cache %s is not used and will be rebuilt: %s", self._path, error)
            return
        self._rows = rows.astype(np.float16)
        self._row_of = {key.tobytes(): row for row, key in enumerate(keys)}

    def _write(self) -> None:
        import numpy as np

        if self._path is None:
            return
        keys = np.frombuffer(b"".join(self._row_of), dtype=np.uint8).reshape(-1, KEY_BYTES)
        partial: Path | None = None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=self._path.parent, suffix=".partial", delete=False) as file:
                partial = Path(file.name)
                np.savez(file, keys=keys, rows=self._rows)
            partial.replace(self._path)
        except OSError as error:
            log.warning("The vector cache %s cannot be written: %s", self._path, error)
            if partial is not None:
                partial.unlink(missing_ok=True)
            self._path = None


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:KEY_BYTES]
