"""What is done now and then while the bot runs: the purge, and what people ask most."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING

from bot.errors import StoreError

if TYPE_CHECKING:
    from bot.store.store import Store

log = logging.getLogger(__name__)

UPKEEP_SECONDS, PURGE_SECONDS = 300.0, 3_600.0
POPULAR_DAYS = 30


async def keep_up(
    store: Store, up: asyncio.Event, retention_days: int,
    learn_popular: Callable[[dict[str, int]], None],
) -> None:
    """Run until cancelled; a store that is away is waited for."""
    next_purge = 0.0
    while True:
        await up.wait()
        try:
            now = datetime.now(UTC)
            learn_popular(await store.popular(now - timedelta(days=POPULAR_DAYS)))
            if monotonic() >= next_purge:
                await purge_once(store, now - timedelta(days=retention_days))
                next_purge = monotonic() + PURGE_SECONDS
        except StoreError as error:
            log.debug("The upkeep of the store waits: %s", error)
        except Exception:  # the next round may go well
            log.exception("The upkeep of the store failed in an unforeseen way.")
        await asyncio.sleep(UPKEEP_SECONDS)


async def purge_once(store: Store, before: datetime) -> int | None:
    """Erase what is older, unless another replica is at it (None); returns how many rows."""
    async with store.exclusive("retention") as mine:
        if not mine:
            return None
        gone = await store.purge(before)
    log.info("Erased %d rows older than %s.", gone, before.date())
    return gone
