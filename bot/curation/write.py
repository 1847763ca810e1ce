"""Writing edits: all files or none, never half of one, and never over somebody's newer text."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.curation.files import FileEdit
from bot.curation.problems import Problem
from bot.errors import AifaqError, EditConflict

_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}


class ReadOnlyFolderError(AifaqError):
    """The folder cannot be written to; export the change as a patch instead."""


def writable(root: Path) -> bool:
    """Whether the folder looks writable; writing may still be refused."""
    return os.access(root, os.W_OK)


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """One writer at a time in this folder, across processes; others wait.

    The lock is on the folder itself: no file is left behind. Where the system has no such lock
    the hash check of `write` remains.
    """
    try:
        import fcntl

        handle = os.open(root, os.O_RDONLY)
    except (ImportError, OSError):
        yield
        return
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def write(root: Path, edits: Sequence[FileEdit]) -> None:
    """Write all edits.

    Raises:
        EditConflict: if a file is no longer as it was read; nothing was written.
        ReadOnlyFolderError: if the folder cannot be written to; nothing was written.
        OSError: if the disk fails.
    """
    ready: list[tuple[Path, Path]] = []
    try:
        for edit in edits:
            target = (root / edit.path).resolve()
            ready.append((_write_beside(target, edit), target))
        for edit in edits:
            _check_unchanged(root / edit.path, edit)
        while ready:
            temporary, target = ready[0]
            temporary.replace(target)
            ready.pop(0)
            _sync_folder(target.parent)
    except OSError as error:
        if error.errno in _READ_ONLY:
            raise ReadOnlyFolderError(f"{root} cannot be written to: {error.strerror}") from error
        raise
    finally:
        for temporary, _ in ready:
            temporary.unlink(missing_ok=True)


def _write_beside(target: Path, edit: FileEdit) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    # The leading dot hides it from the loader while it is there.
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(edit.after)
            file.flush()
            os.fsync(file.fileno())
        mode = 0o644 if edit.before is None else target.stat().st_mode & 0o777
        temporary.chmod(mode)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _check_unchanged(path: Path, edit: FileEdit) -> None:
    try:
        now: bytes | None = path.read_bytes()
    except FileNotFoundError:
        now = None
    if now != edit.before:
        raise EditConflict(Problem("file_changed", {"path": edit.path}))


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # not every system can
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
