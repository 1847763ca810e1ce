"""Several real processes on one store: events answered once, work done by one, news for all."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.records import Records
from bot.settings import Settings
from bot.store import Store, create_store
from bot.store.migrate import current_revision
from bot.store.notices import RESYNC
from bot.store.tables import REVISION
from tests.bot.recording import EVER, NOW, question, until
from tests.bot.test_records import ask
from tests.servers.postgres import PostgresServer

REPLICA = """
import asyncio, json, sys
from datetime import datetime
from bot.settings import Settings
from bot.store import create_store
from bot.store.upkeep import purge_once
from tests.bot.recording import question

async def replica(command, url, number):
    store = create_store(Settings(database_url=url, secret_key="a key for tests only"))
    print("ready", flush=True)
    sys.stdin.readline()
    await store.open()
    if command == "claim":
        result = [key for key in range(200) if await store.claim(f"event {key}")]
    elif command == "write":
        for batch in range(20):
            await store.write([question(f"{number} {batch} {n}") for n in range(50)])
        result = "written"
    elif command == "purge":
        result = await purge_once(store, datetime.fromisoformat(sys.argv[4]))
    elif command == "hold":
        async with store.exclusive("retention") as mine:
            print(json.dumps(mine), flush=True)
            sys.stdin.readline()
        result = "released"
    elif command == "set":
        await store.set_locale("slack:U1", "fr")
        await store.notify("preference", store.person_hash("slack:U1"))
        result = "told"
    else:
        result = "open"
    print(json.dumps(result), flush=True)
    await store.close()

asyncio.run(replica(*sys.argv[1:4]))
"""


def url_of(settings: Settings) -> str:
    assert settings.database_url is not None
    return settings.database_url.get_secret_value()


async def line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), 30)).decode().strip()


def go(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.write(b"go\n")


@asynccontextmanager
async def replica(
    command: str, settings: Settings, *more: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that waits for `go`; it is killed at the end if it is still there."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", REPLICA, command, url_of(settings), *(more or ("0",)),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert await line(process) == "ready"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def together(count: int, command: str, settings: Settings, *more: str) -> list[object]:
    """What each of several processes found, all started at one moment."""
    async with AsyncExitStack() as stack:
        processes = [
            await stack.enter_async_context(replica(command, settings, str(number), *more))
            for number in range(count)
        ]
        for process in processes:
            go(process)
        results = await asyncio.gather(*[line(process) for process in processes])
        assert [await process.wait() for process in processes] == [0] * count
        return [json.loads(result) for result in results]


async def test_each_event_is_claimed_by_exactly_one_process(store_settings: Settings) -> None:
    """Four processes, two hundred events, an empty database that all find at once."""
    won = await together(4, "claim", store_settings)
    assert sorted(key for keys in won for key in keys) == list(range(200))


async def test_processes_that_start_at_once_migrate_once(store_settings: Settings) -> None:
    """None fails, and the tables are there once."""
    assert await together(4, "open", store_settings) == ["open"] * 4
    store = create_store(store_settings)
    assert store is not None
    await store.open()
    async with store.reading() as connection:
        assert await connection.run_sync(current_revision) == REVISION
        assert await connection.scalar(sa.text("SELECT count(*) FROM alembic_version")) == 1
    await store.close()


async def test_records_of_all_processes_arrive(store: Store, store_settings: Settings) -> None:
    """Three writers at once on one file or server: nothing lost, nothing doubled."""
    assert await together(3, "write", store_settings) == ["written"] * 3
    texts = [miss.text for miss in await store.misses(EVER)]
    assert len(texts) == len(set(texts)) == 3_000


async def test_two_processes_that_purge_at_once_erase_each_row_once(
    store: Store, store_settings: Settings
) -> None:
    """One does the work, or each a part; what is new stays."""
    await store.write([question(at=NOW - timedelta(days=99)) for _ in range(3_000)])
    await store.write([question("new")])
    counts = await together(2, "purge", store_settings, NOW.isoformat())
    assert sum(count or 0 for count in counts) == 3_000
    assert [miss.text for miss in await store.misses(EVER)] == ["new"]


async def test_a_process_that_holds_the_turn_keeps_others_out(
    store: Store, store_settings: Settings
) -> None:
    """Until it is done."""
    async with replica("hold", store_settings) as holder:
        go(holder)
        assert await line(holder) == "true"
        async with store.exclusive("retention") as mine:
            assert not mine
        go(holder)
        assert await line(holder) == '"released"'
        async with store.exclusive("retention") as mine:
            assert mine


async def test_a_killed_process_gives_its_turn_back(database_url: str) -> None:
    """PostgreSQL sees the connection go; no lease has to run out."""
    settings = Settings(database_url=database_url, secret_key="a key for tests only")
    store = create_store(settings)
    assert store is not None
    await store.open()
    async with replica("hold", settings) as holder:
        go(holder)
        assert await line(holder) == "true"
        holder.send_signal(signal.SIGKILL)
        await holder.wait()
    async with asyncio.timeout(10):
        while True:
            async with store.exclusive("retention") as mine:
                if mine:
                    break
            await asyncio.sleep(0.02)
    await store.close()


# What replicas tell each other


@asynccontextmanager
async def two_bots(url: str) -> AsyncIterator[tuple[Records, Records]]:
    """Two bots on one database, listening to each other."""
    settings = Settings(database_url=url, secret_key="a key for tests only")
    async with AsyncExitStack() as stack:
        both = []
        for _ in range(2):
            store, records = create_store(settings), Records()
            await records.start(store)
            stack.push_async_callback(records.close)
            both.append(records)
        await listening(both[0]._store, both[1]._store)
        yield both[0], both[1]


async def listening(teller: Store | None, hearer: Store | None) -> None:
    """Return once the one hears what the other tells."""
    assert teller
    assert hearer
    heard = asyncio.Event()
    hearer.listen(lambda topic, _: heard.set() if topic == "are you there" else None)
    async with asyncio.timeout(20):
        while not heard.is_set():
            await teller.notify("are you there")
            await asyncio.sleep(0.02)


async def test_a_language_choice_is_known_to_the_other_replica(database_url: str) -> None:
    """At once, though it had looked a moment ago and believes that for a minute."""
    async with two_bots(database_url) as (one, two):
        assert await two.locale_of("slack", "U1") is None
        before = two._stale_before
        await one.set_locale("slack", "U1", "fr")
        await until(lambda: two._stale_before > before)
        assert await two.locale_of("slack", "U1") == "fr"


async def test_a_choice_made_in_another_process_is_known(database_url: str) -> None:
    """The same, across processes."""
    async with two_bots(database_url) as (one, two):
        assert await one.locale_of("slack", "U1") is None
        assert one._store is not None
        before = (one._stale_before, two._stale_before)
        async with replica("set", Settings(database_url=one._store.address.dsn)) as other:
            go(other)
            assert await line(other) == '"told"'
        await until(lambda: one._stale_before > before[0] and two._stale_before > before[1])
        assert await one.locale_of("slack", "U1") == await two.locale_of("slack", "U1") == "fr"


async def test_forgetting_reaches_what_waits_on_another_replica(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its queue lets go of the person, who is nobody there either."""
    monkeypatch.setattr("bot.store.writer.LINGER_SECONDS", 60)
    async with two_bots(database_url) as (one, two):
        ask(two, "mine", person="U1", answered=True)
        ask(two, "another's", person="U2")
        await one.forget("slack", "U1")
        await until(lambda: two.waiting == 1)
        assert [record.text for record in two.queue] == ["another's"]


async def test_an_event_claimed_by_one_bot_is_not_answered_by_the_other(
    database_url: str
) -> None:
    """Slack sends it to both when the first is slow."""
    async with two_bots(database_url) as (one, two):
        for number in range(20):
            won = await asyncio.gather(one.claim(f"{number}"), two.claim(f"{number}"))
            assert sorted(won) == [False, True]


async def test_notices_reach_others_only_and_whole(database_url: str) -> None:
    """Not the teller itself; any text that fits."""
    async with two_bots(database_url) as (one, two):
        assert one._store
        assert two._store
        mine: list[tuple[str, str]] = []
        theirs: list[tuple[str, str]] = []
        one._store.listen(lambda *notice: mine.append(notice))
        two._store.listen(lambda *notice: theirs.append(notice))
        await one._store.notify("knowledge", "l'été à 9 h 30 — « déjà » 😀")
        await until(lambda: len(theirs) == 1)
        assert theirs == [("knowledge", "l'été à 9 h 30 — « déjà » 😀")]
        assert mine == []


async def test_notices_come_again_after_the_database_was_away() -> None:
    """And listeners are told that they may have missed something."""
    with PostgresServer() as server:
        async with two_bots(server.create_database()) as (one, two):
            assert two._store
            heard: list[str] = []
            two._store.listen(lambda topic, _: heard.append(topic))
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(server.start)
            await until(lambda: RESYNC in heard, 30)
            await until(lambda: one.store_up is True, 30)
            await listening(one._store, two._store)


async def test_a_foreign_notice_and_a_failing_listener_end_nothing(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Anybody with the password may write to the channel."""
    async with two_bots(database_url) as (one, two):
        assert one._store
        assert two._store

        def fail(topic: str, _payload: str) -> None:
            raise ZeroDivisionError(topic)

        two._store.listen(fail)
        for text in ("no json", "[]", '{"topic": 1}', "{}", "null"):
            async with one._store.writing() as connection:
                await connection.execute(
                    sa.text("SELECT pg_notify('aifaq', :text)"), {"text": text}
                )
        await listening(one._store, two._store)
    assert "is not one of aifaq's" in caplog.text
