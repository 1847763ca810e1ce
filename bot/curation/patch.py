"""Edits as a patch that `git apply` takes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from bot.curation.files import FileEdit

_NO_NEWLINE = "\\ No newline at end of file"


def unified_patch(edits: Iterable[FileEdit], prefix: str = "") -> str:
    """A unified diff of all edits; "" if there is none.

    Args:
        edits: files before and after.
        prefix: the knowledge folder's path within the repository, such as `knowledge`.
    """
    return "".join(_file_patch(edit, prefix) for edit in edits)


def _file_patch(edit: FileEdit, prefix: str) -> str:
    path = f"{prefix}/{edit.path}" if prefix else edit.path
    old, new = f"a/{path}", f"b/{path}"
    head = [f"diff --git {old} {new}"]
    if edit.before is None:
        head.append("new file mode 100644")
        old = "/dev/null"
    before, after = _lines(edit.before or b""), _lines(edit.after)
    body: list[str] = []
    # The marks are kept apart from the lines, which may end in \r\n or in nothing.
    for line in difflib.unified_diff(before, after, old, new, lineterm=""):
        text, ended = line.removesuffix("\n"), line.endswith("\n")
        is_content = len(body) > 1 and not line.startswith("@@")
        body.append(text)
        if is_content and not ended:
            body.append(_NO_NEWLINE)
    return "\n".join([*head, *body]) + "\n"


def _lines(raw: bytes) -> Sequence[str]:
    """Lines with their line feed; a last one without it stays without."""
    text = raw.decode("utf-8")
    lines = [line + "\n" for line in text.split("\n")]
    last = lines.pop().removesuffix("\n")
    return [*lines, last] if last else lines
