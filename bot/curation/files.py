"""The files of a knowledge folder with changes on top that are not written yet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.curation.problems import Problem
from bot.errors import CurationError


@dataclass(frozen=True, slots=True)
class FileEdit:
    """One file before and after."""

    path: str
    """Relative to the knowledge folder, with forward slashes."""
    before: bytes | None
    """None: the file is new."""
    after: bytes


class Files:
    """Reads the folder; what is put shadows what is on the disk."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._before: dict[str, bytes | None] = {}
        self._after: dict[str, bytes] = {}

    def read(self, path: str) -> str | None:
        """A file's text, None if there is no such file.

        Raises:
            CurationError: if it cannot be read.
        """
        if path not in self._before:
            self._before[path] = self._load(path)
        raw = self._after.get(path, self._before[path])
        if raw is None:
            return None
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise CurationError(Problem("not_utf8", {"path": path})) from error

    def put(self, path: str, text: str) -> None:
        """Shadow a file.

        Raises:
            CurationError: if the path leads out of the folder or to what no loader sees.
        """
        if any(part in ("", "..") or part.startswith(".") for part in path.split("/")):
            raise CurationError(Problem("bad_path", {"path": path}))
        self.read(path)
        self._after[path] = text.encode("utf-8")

    @property
    def edits(self) -> list[FileEdit]:
        """The files that differ from the disk, in the order in which they were put."""
        return [
            FileEdit(path, self._before[path], after)
            for path, after in self._after.items()
            if after != self._before[path]
        ]

    def _load(self, path: str) -> bytes | None:
        try:
            return (self.root / path).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise CurationError(Problem("unreadable", {"path": path, "reason": reason})) from error
