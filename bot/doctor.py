"""The doctor's part that needs no platform: knowledge, encoder, store, disk, clock."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from bot.checks import Check
from bot.configuration import CONFIG, DEFAULT_CONFIG
from bot.errors import AifaqError, EncoderError, KnowledgeError
from bot.knowledge import KnowledgeBase, load_knowledge
from bot.knowledge.messages import load_messages
from bot.service import load_sentence_encoder
from bot.settings import Settings
from bot.store import create_store

LOW_DISK = 200 * 1024 * 1024
MAX_FAULTS = 5
CLOCK_SECONDS = 60
"""Slack refuses requests that are five minutes off; a clock that is one minute off will be."""


async def examine(settings: Settings) -> AsyncIterator[Check]:
    """Checks one by one, as they are made; none raises."""
    yield _configuration()
    for check in _knowledge(settings):
        yield check
    yield _encoder(settings)
    yield await _store(settings)
    if (disk := _disk(settings)) is not None:
        yield disk


def clock(url: str) -> Check:
    """Compare the clock with the Date that a server tells; blocks for some seconds at most."""
    request = Request(url, method="HEAD")  # noqa: S310 - an address of the settings
    try:
        with urlopen(request, timeout=10) as answer:  # noqa: S310
            told = answer.headers.get("Date")
    except HTTPError as error:  # a refusal has a date, too
        told = error.headers.get("Date")
    except OSError as error:
        return Check("clock", None, f"Not compared: {url} cannot be reached ({error}).")
    try:
        off = (datetime.now(UTC) - parsedate_to_datetime(told)).total_seconds()
    except (TypeError, ValueError):
        return Check("clock", None, f"Not compared: {url} tells no date.")
    if abs(off) > CLOCK_SECONDS:
        words = f"{abs(off):.0f} s {'ahead' if off > 0 else 'behind'}; set it by NTP."
        return Check("clock", False, words)
    return Check("clock", True, "Right to within a minute.")


def _configuration() -> Check:
    path = Path(os.environ.get(CONFIG) or DEFAULT_CONFIG)
    file = f"and {path} " if path.is_file() else ""
    python = ".".join(map(str, sys.version_info[:3]))
    return Check("settings", True, f"Read from the environment {file}on Python {python}.")


def _knowledge(settings: Settings) -> list[Check]:
    try:
        knowledge = load_knowledge(settings.knowledge)
        load_messages(settings.knowledge)
    except KnowledgeError as error:
        shown = [f"\n      {fault}" for fault in error.faults[:MAX_FAULTS]]
        words = f"{len(error.faults)} faults; `aifaq check` lists them all:{''.join(shown)}"
        return [Check("knowledge", False, words)]
    languages = ", ".join(knowledge.locales)
    words = f"{len(knowledge.entries)} entries in {languages} from {settings.knowledge}."
    return [Check("knowledge", True, words), *_due(knowledge)]


def _due(knowledge: KnowledgeBase) -> list[Check]:
    today = datetime.now(UTC).date()
    due = [one.id for one in knowledge.entries.values() if one.review_by and one.review_by < today]
    if not due:
        return []
    more = f" and {len(due) - MAX_FAULTS} more" if len(due) > MAX_FAULTS else ""
    return [Check("review", None, f"Due: {', '.join(due[:MAX_FAULTS])}{more}.")]


def _encoder(settings: Settings) -> Check:
    try:
        encoder = load_sentence_encoder(settings)
    except EncoderError as error:
        return Check("encoder", False, str(error))
    if encoder is None:
        return Check("encoder", None, "None: questions are matched by their words alone.")
    return Check("encoder", True, f"{settings.encoder} is loaded.")


async def _store(settings: Settings) -> Check:
    try:
        store = create_store(settings)
        if store is None:
            return Check("store", None, "None: everything is remembered in memory only.")
        await store.open()
        try:
            return Check("store", True, await store.ping())
        finally:
            await store.close()
    except AifaqError as error:
        return Check("store", False, str(error))


def _disk(settings: Settings) -> Check | None:
    """Room where records are written; None when they are elsewhere."""
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    if url.startswith(("postgres", "none")):
        return None
    try:
        from bot.store.address import data_dir

        folder = data_dir(settings)
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except ImportError:
        return None
    except OSError as error:
        return Check("disk", False, f"{error.filename} cannot be used: {error.strerror}.")
    words = f"{free / 1024**3:.1f} GB free in {folder}."
    if not os.access(folder, os.W_OK):
        return Check("disk", False, f"{folder} cannot be written to.")
    return Check("disk", free > LOW_DISK, words)
