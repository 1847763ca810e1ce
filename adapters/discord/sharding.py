"""Which shards this process runs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.errors import SettingsError

SHAPE = re.compile(r"\s*(\d+(?:\s*,\s*\d+)*)\s*/\s*(\d+)\s*")


@dataclass(frozen=True, slots=True)
class Shards:
    """Some shards of a number of them."""

    ids: tuple[int, ...]
    total: int


def parse_shards(text: str | None) -> Shards | None:
    """Read `0,1/4`; None for automatic.

    Raises:
        SettingsError: for anything else, or a shard beyond the number of them.
    """
    if not text or not text.strip():
        return None
    found = SHAPE.fullmatch(text)
    if found is None:
        raise SettingsError(
            f"AIFAQ_DISCORD_SHARDS is {text!r}; write the shards of this process and their number,"
            " such as 0,1/4, or leave it empty."
        )
    ids, total = tuple(sorted({int(part) for part in found[1].split(",")})), int(found[2])
    if ids[-1] >= total:
        raise SettingsError(
            f"AIFAQ_DISCORD_SHARDS is {text!r}; of {total} shards the last is {total - 1}."
        )
    return Shards(ids, total)
