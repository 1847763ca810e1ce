"""What the commands share: options, loading, and how they print."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.service import Faq
    from bot.settings import Settings

KnowledgeOption = Annotated[
    Path | None,
    typer.Option(
        "--knowledge",
        metavar="DIR",
        help="Folder of the knowledge base; AIFAQ_KNOWLEDGE, or the bundled one, by default.",
        show_default=False,
    ),
]
LocaleOption = Annotated[
    str | None,
    typer.Option(
        "--locale",
        metavar="LANGUAGE",
        help="Answer in this language, such as fr; that of the question by default.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def load_settings(knowledge: Path | None = None) -> Settings:
    """Settings from environment and files, with the folder of the command line on top.

    Raises:
        SettingsError: naming each setting that is wrong.
    """
    from bot.settings import Settings

    return Settings.load() if knowledge is None else Settings.load(knowledge=knowledge)


def load_faq(knowledge: Path | None = None) -> Faq:
    """The knowledge base, ready to answer.

    Raises:
        AifaqError: if a setting is wrong or the base is broken.
    """
    from bot.service import Faq

    return Faq.load(load_settings(knowledge))


def known_locale(faq: Faq, locale: str | None) -> str | None:
    """The language asked for, if there is anything in it.

    Raises:
        SettingsError: naming the languages that there are.
    """
    from bot.errors import SettingsError

    known = dict.fromkeys((*faq.knowledge.locales, *faq.messages.locales))
    if locale is None or locale in known:
        return locale
    raise SettingsError(f"There is nothing in the language {locale!r}; known: {', '.join(known)}.")


def terminal_locale(faq: Faq) -> str | None:
    """The language that the terminal's own settings name, if the bot speaks it."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            language = value.partition("_")[0].partition(".")[0].lower()
            return language if language in faq.messages.locales else None
    return None


def print_json(data: object) -> None:
    """One JSON document, readable, in UTF-8; halves of broken characters stay escaped."""
    try:
        text = json.dumps(data, ensure_ascii=False, indent=2)
        text.encode()
    except UnicodeEncodeError:
        text = json.dumps(data, indent=2)
    sys.stdout.write(text + "\n")


def is_terminal() -> bool:
    """Whether a person reads what is printed."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def check_writable(path: Path) -> None:
    """Refuse a file in a folder that is not there, before work is done for nothing.

    Raises:
        AifaqError: naming the folder.
    """
    from bot.errors import AifaqError

    if not path.parent.is_dir():
        raise AifaqError(f"Cannot write {path}: the folder {path.parent} does not exist.")


def write_file(path: Path, content: bytes) -> None:
    """Write a file that the person asked for.

    Raises:
        AifaqError: saying why it cannot be written.
    """
    from bot.errors import AifaqError

    try:
        path.write_bytes(content)
    except OSError as error:
        raise AifaqError(f"Cannot write {path}: {error.strerror}.") from error
