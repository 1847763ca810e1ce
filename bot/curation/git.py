"""The knowledge folder's place in git, and one commit per change."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from bot.errors import AifaqError
from bot.permissions import Moderator

SECONDS = 30
"""Longest wait for one git command."""


class GitError(AifaqError):
    """git could not do it; the message is git's own."""


def prefix(root: Path) -> str:
    """The folder's path within its repository; its own name where there is no repository."""
    try:
        found = _git(root, "rev-parse", "--show-prefix").strip("/\n")
    except GitError:
        return root.resolve().name
    return found


def is_work_tree(root: Path) -> bool:
    """Whether the folder is part of a git work tree."""
    try:
        return _git(root, "rev-parse", "--is-inside-work-tree").strip() == "true"
    except GitError:
        return False


def identity(root: Path) -> tuple[str, str]:
    """Name and address that git has for the person here; empty where it has none."""
    found = []
    for key in ("user.name", "user.email"):
        try:
            found.append(_git(root, "config", key).strip())
        except GitError:
            found.append("")
    return found[0], found[1]


def commit(root: Path, paths: Sequence[str], message: str, by: Moderator) -> str:
    """Commit these files only, whatever else is staged; returns the commit's short hash.

    Raises:
        GitError: if git refuses, for example through a hook.
    """
    _git(root, "add", "--intent-to-add", "--", *paths)
    _git(root, "commit", "--quiet", f"--author={author(by)}", "--message", message,
         "--only", "--", *paths)
    return _git(root, "rev-parse", "--short", "HEAD").strip()


def author(by: Moderator) -> str:
    """`Name <address>` for a commit; the address of somebody without one leads nowhere."""
    name = " ".join(re.sub(r"[<>\x00-\x1f]", " ", by.name).split()) or by.id or "moderator"
    made_up = re.sub(r"[^\w.-]", "-", by.id) or "moderator"
    email = re.sub(r"[<>\s]", "", by.email) or f"{made_up}@{by.platform}.invalid"
    return f"{name} <{email}>"


def _git(root: Path, *arguments: str) -> str:
    program = shutil.which("git")
    if program is None:
        raise GitError("git is not installed")
    environment = {
        **os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C",
        "GIT_COMMITTER_NAME": os.environ.get("GIT_COMMITTER_NAME", "aifaq"),
        "GIT_COMMITTER_EMAIL": os.environ.get("GIT_COMMITTER_EMAIL", "aifaq@localhost"),
    }
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, arguments as a list
            [program, "-C", str(root), *arguments], env=environment, capture_output=True,
            stdin=subprocess.DEVNULL, timeout=SECONDS, check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GitError(f"git did not finish: {error}") from error
    if done.returncode:
        reason = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
        raise GitError(reason or f"git stopped with exit code {done.returncode}")
    return done.stdout.decode("utf-8", "replace")
