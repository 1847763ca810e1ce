"""People as keyed hashes: rows of one person belong together, and name nobody.

Without the key a stolen database cannot be searched for a known user id. Replicas share the key
through `AIFAQ_SECRET_KEY`; a single machine keeps its own in the data folder.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import secrets
import time
from pathlib import Path

from bot.errors import SettingsError, StoreError

log = logging.getLogger(__name__)

FILE_NAME = "secret.key"
_LEAST = 16
_TRIES = 50
_PAUSE_SECONDS = 0.02


def hash_person(key: bytes, person: str) -> str:
    """32 hex digits for `platform:user id`."""
    return hmac.new(key, person.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]


def fingerprint(key: bytes) -> str:
    """Tells whether two keys are the same, and no more."""
    return hash_person(key, "fingerprint of this key")[:12]


def check_key(value: str) -> bytes:
    """The key given in the settings.

    Raises:
        SettingsError: if it is too short to protect anybody.
    """
    if len(value) < _LEAST:
        raise SettingsError(
            f"AIFAQ_SECRET_KEY has {len(value)} characters and needs {_LEAST} or more. "
            "Make one with: openssl rand -hex 32"
        )
    return value.encode("utf-8")


def key_in(folder: Path) -> bytes:
    """The key kept in the folder, made on first use; the same for processes that start at once.

    Raises:
        StoreError: if it can be neither read nor made.
    """
    path = folder / FILE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _create(path)
        key = _read(path)
    except OSError as error:
        raise StoreError(f"The key {path} cannot be read or made: {error.strerror}.") from error
    if len(key) < _LEAST:
        raise StoreError(
            f"The key {path} is damaged. Restore it from a backup; or delete it, and preferences "
            "and earlier records no longer find their people."
        )
    return key


def _create(path: Path) -> None:
    """Write a new key, unless somebody else is about to: the first to make the file writes it."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_hex(32).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _read(path: Path) -> bytes:
    """The key in the file; whoever has just made the file is given a moment to write it."""
    for _ in range(_TRIES):
        key = path.read_bytes()
        if key.endswith(b"\n") or len(key.strip()) >= _LEAST:
            break
        time.sleep(_PAUSE_SECONDS)
    return key.strip()
