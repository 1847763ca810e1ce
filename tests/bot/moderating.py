"""A small base that tests may change, and people who moderate it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from bot.permissions import Moderator
from bot.service import Faq
from bot.settings import Settings
from tests.dialogs import KNOWLEDGE

ANN = Moderator("discord", "42", "Ann", allowed=True, locale="en", email="ann@example.org")
BEA = Moderator("slack", "U7", "Béa", allowed=True, locale="fr")
VISITOR = Moderator("discord", "9", "Visitor", allowed=False)

HOURS = "services/library-hours.yaml"
QUESTIONS = """\
# What people ask, and what no entry answers.
entries:
  library-hours:
    - when can I go to the library
  stadium-pass-price:
    - what does a stadium pass cost   # asked every spring
out_of_scope:
  near:
    - how much is a cinema ticket
  far:
    - how deep is the sea
"""


def make_base(folder: Path) -> Path:
    """A copy of the dialogs' small base, with comments and regression questions."""
    root = folder / "knowledge"
    shutil.copytree(KNOWLEDGE["small"], root)
    hours = root / HOURS
    text = hours.read_text(encoding="utf-8")
    hours.write_text(
        "# Mind the holidays.\n"
        + text.replace("- is the library open on Sunday",
                       "# from the front desk:\n    - is the library open on Sunday  # often"),
        encoding="utf-8",
    )
    (root / "questions").mkdir()
    (root / "questions" / "en.yaml").write_text(QUESTIONS, encoding="utf-8")
    return root


def make_settings(root: Path, **values: object) -> Settings:
    return Settings(knowledge=root, encoder="none", **{"database_url": "none", **values})


def make_faq(root: Path, **values: object) -> Faq:
    return Faq.load(make_settings(root, **values))


def git(folder: Path, *arguments: str) -> str:
    """Run git as somebody, free of the machine's own settings."""
    done = subprocess.run(
        ["git", "-c", "user.name=Owner", "-c", "user.email=owner@example.org",
         "-c", "commit.gpgsign=false", *arguments],
        cwd=folder, check=True, capture_output=True, text=True,
    )
    return done.stdout


def make_repository(folder: Path) -> Path:
    """The base within a git work tree; returns the knowledge folder."""
    root = make_base(folder)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "Begin")
    return root
