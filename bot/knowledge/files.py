"""The files of a knowledge folder: which they are, and whether they have changed."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

BUNDLED = Path(__file__).resolve().parents[2] / "knowledge"
"""The knowledge base that ships with aifaq."""

MAX_ENTRY_BYTES = 512 * 1024
MAX_LIST_BYTES = 16 * 1024 * 1024
SUFFIXES = (".yaml", ".yml")


def knowledge_files(
    root: Path, on_error: Callable[[OSError], None] | None = None
) -> Iterator[Path]:
    """All YAML files of a knowledge folder, sorted; hidden ones and mount internals left out.

    A folder that is named like a file is among them, for its reader to complain.
    `on_error` is told of folders that cannot be listed.
    """
    for folder, folders, files in os.walk(root, onerror=on_error):
        odd = [name for name in folders if name.endswith(SUFFIXES)]
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and name not in odd
        )
        for name in sorted([*files, *odd]):
            if name.endswith(SUFFIXES) and not name.startswith("."):
                yield Path(folder, name)


def content_hash(root: Path) -> str:
    """Hash of names and bytes of all YAML files; what decides whether to reload.

    Of what is no file, or larger than any file that can be loaded, the state counts instead.

    Raises:
        OSError: if a file or folder cannot be read.
    """
    digest = hashlib.blake2b(digest_size=16)
    for path in knowledge_files(root, _raise):
        digest.update(path.relative_to(root).as_posix().encode("utf-8", "surrogateescape"))
        digest.update(hashlib.blake2b(_content(path), digest_size=16).digest())
    return digest.hexdigest()


def _content(path: Path) -> bytes:
    status = path.stat()
    if stat.S_ISREG(status.st_mode) and status.st_size <= MAX_LIST_BYTES:
        return path.read_bytes()
    return f"{status.st_mode} {status.st_size} {status.st_mtime_ns}".encode()


def _raise(error: OSError) -> NoReturn:
    raise error
