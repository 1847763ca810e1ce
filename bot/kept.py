"""What takes seconds to build, kept between starts in the user's cache folder.

The index of a knowledge base follows from its files, the bot's code and the encoder: as long as
none of them has changed, a start reads it in a tenth of the time. It is only a cache. One that is
damaged, outdated, somebody else's or not of the expected classes is built anew.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import monotonic
from typing import IO, Any, Generic, TypeVar

from bot.knowledge import BUNDLED, content_hash

log = logging.getLogger(__name__)

T = TypeVar("T")

WORTH_SECONDS = 0.3
"""What is built faster is not kept."""
LARGEST = 100_000_000
"""Bytes of the largest file that is kept; larger ones take long to write as well."""
MOST_FILES = 3

CODE = Path(__file__).parent
PLAIN = {
    ("datetime", "date"), ("numpy", "dtype"), ("numpy", "ndarray"), ("re", "_compile"),
    ("numpy._core.numeric", "_frombuffer"), ("numpy.core.numeric", "_frombuffer"),
    ("numpy._core.multiarray", "_reconstruct"), ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"), ("numpy.core.multiarray", "scalar"),
    *((module, name) for module in ("pathlib", "pathlib._local")
      for name in ("PosixPath", "WindowsPath")),
}
"""All that a file may name besides the bot's own classes; none of it can do any harm."""


class Shelf(Generic[T]):
    """Keeps one kind of thing.

    Args:
        folder: where files are kept; made when needed.
        kind: the class of what is kept.
        outside: an object that it refers to and that is not kept with it, the encoder.
        about: whatever else it depends on.
    """

    def __init__(self, folder: Path, kind: type[T], outside: object, about: str) -> None:
        self._folder, self._kind, self._outside, self._about = folder, kind, outside, about

    def get(self, knowledge: Path, build: Callable[[], T]) -> T:
        """What belongs to the folder `knowledge` as it is now, read or else built and kept.

        Raises:
            Exception: whatever `build` raises.
        """
        path = self._path(knowledge)
        found = self._read(path) if path is not None else None
        if found is not None:
            return found
        began = monotonic()
        built = build()
        is_worth_it = monotonic() - began > WORTH_SECONDS
        # Of files that changed meanwhile nobody knows which state was read.
        if path is not None and is_worth_it and path == self._path(knowledge):
            self._write(path, built)
        return built

    def _path(self, knowledge: Path) -> Path | None:
        """The file's name says all that the content depends on; None if it cannot be known."""
        import numpy as np

        digest = hashlib.blake2b(digest_size=16)
        try:
            for part in (
                self._about, sys.version, np.__version__,
                str(knowledge),  # as given: so the base remembers its folder
                content_hash(knowledge), content_hash(BUNDLED / "interface"), _state_of_code(),
            ):
                digest.update(part.encode("utf-8", "surrogateescape") + b"\0")
        except OSError:
            return None
        return self._folder / f"index-{digest.hexdigest()}.pickle"

    def _read(self, path: Path) -> T | None:
        try:
            with path.open("rb") as file:
                _refuse_strangers(file)
                found = _Unpickler(file, self._outside).load()
            if not isinstance(found, self._kind):
                raise TypeError(f"it holds a {type(found).__name__}")  # noqa: TRY301
            with suppress(OSError):  # in a read-only image nothing needs to be tidied
                os.utime(path)
        except FileNotFoundError:
            return None
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, it is only a cache
            log.info("The kept index %s is not used and will be built anew: %s", path, error)
            return None
        return found

    def _write(self, path: Path, built: T) -> None:
        partial: Path | None = None
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=self._folder, suffix=".partial", delete=False) as file:
                partial = Path(file.name)  # readable by its owner only
                _Pickler(_Limited(file), self._outside).dump(built)
            partial.replace(path)
            self._tidy()
        except Exception as error:  # noqa: BLE001 - the next start takes longer, nothing else
            log.info("The index is not kept in %s: %s", path, error)
            if partial is not None:
                partial.unlink(missing_ok=True)

    def _tidy(self) -> None:
        files = sorted(self._folder.glob("index-*.pickle"), key=lambda file: -file.stat().st_mtime)
        for file in files[MOST_FILES:]:
            file.unlink(missing_ok=True)


class _Pickler(pickle.Pickler):
    def __init__(self, file: Any, outside: object) -> None:
        super().__init__(file, protocol=5)
        self._outside = outside

    def persistent_id(self, thing: object) -> str | None:
        return "outside" if self._outside is not None and thing is self._outside else None


class _Unpickler(pickle.Unpickler):
    """Makes objects of the bot's own classes and nothing else."""

    def __init__(self, file: IO[bytes], outside: object) -> None:
        super().__init__(file)
        self._outside = outside

    def persistent_load(self, _name: object) -> object:
        return self._outside

    def find_class(self, module: str, name: str) -> object:
        ours = module.startswith("bot.") and "." not in name
        if not ours and (module, name) not in PLAIN:
            raise pickle.UnpicklingError(f"it names {module}.{name}")
        found = super().find_class(module, name)
        if ours and not (isinstance(found, type) and found.__module__ == module):
            raise pickle.UnpicklingError(f"{module}.{name} is no class of the bot's")
        return found


class _Limited(io.RawIOBase):
    """A file that takes so many bytes at most."""

    def __init__(self, file: Any) -> None:
        self._file, self._left = file, LARGEST

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._left -= memoryview(data).nbytes
        if self._left < 0:
            raise OSError(f"it is larger than {LARGEST:,} bytes")
        return int(self._file.write(data))


def _refuse_strangers(file: IO[bytes]) -> None:
    """Only what this user or root wrote, and nobody else can write, is read."""
    status = os.fstat(file.fileno())
    if not hasattr(os, "geteuid"):
        return
    if status.st_uid not in (0, os.geteuid()) or status.st_mode & 0o022:
        raise PermissionError("it belongs to another user, or others may write to it")


def _state_of_code() -> str:
    """Names, sizes and times of the bot's own files, bundled data included."""
    lines = []
    for folder, folders, files in os.walk(CODE):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(files):
            status = os.stat(os.path.join(folder, name))  # noqa: PTH116, PTH118 - a tenth of the time
            lines.append(f"{folder}/{name} {status.st_size} {status.st_mtime_ns}")
    return "\n".join(lines)
