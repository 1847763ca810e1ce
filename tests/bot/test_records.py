"""Records: what adapters rely on, whatever happens to the store behind it."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import sqlalchemy as sa

from bot import store as store_package
from bot.app import App
from bot.errors import SettingsError
from bot.models import Answer, Question, Reply, ReplyKind
from bot.records import BOUND_SECONDS, Records
from bot.service import Faq
from bot.settings import Settings
from bot.store import Store, create_store, database, upkeep, writer
from bot.store.rows import QuestionRecord
from tests.bot.recording import EVER, NOW, question, until
from tests.servers.postgres import PostgresServer

ANSWER = Answer(
    entry_id="moon", revision="r1", category="space", locale="en", question="Who owns the Moon?",
    text="Nobody.", standing=None, as_of=None, review_due=False, sources=(), figures=None,
    related=(), other_locales=(),
)
SOON = BOUND_SECONDS + 0.4
"""The bound, and what a busy machine adds to it."""


def ask(records: Records, text: str = "who owns the moon", person: str = "U1",
        *, answered: bool = False) -> None:
    reply = Reply(
        kind=ReplyKind.ANSWER if answered else ReplyKind.FALLBACK, locale="en",
        confidence=0.95 if answered else 0.1, answers=(ANSWER,) if answered else (),
    )
    records.asked(platform="slack", person=person, channel="C1", question=Question(text),
                  reply=reply, seconds=0.01)


async def texts(store: Store) -> list[str]:
    return sorted(miss.text for miss in await store.misses(EVER))


async def timed(awaitable: Any) -> tuple[Any, float]:
    began = monotonic()
    return await awaitable, monotonic() - began


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "LINGER_SECONDS", 0.01)
    monkeypatch.setattr(writer, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(writer, "LONGEST_PAUSE", 0.2)


Opened = Callable[..., contextlib.AbstractAsyncContextManager[tuple[Records, Store]]]


@pytest.fixture
def opened() -> Opened:
    """`async with opened(settings) as (records, store)`; keywords go to Records."""

    @contextlib.asynccontextmanager
    async def start(settings: Settings, **more: Any) -> AsyncIterator[tuple[Records, Store]]:
        store = create_store(settings)
        assert store is not None
        records = Records(**more)
        await records.start(store)
        try:
            yield records, store
        finally:
            await records.close()

    return start


def on_postgres(server: PostgresServer, **more: Any) -> Settings:
    return Settings(database_url=server.create_database(), secret_key="a key for tests only",
                    **more)


def on_sqlite(folder: Path) -> Settings:
    return Settings(database_url=f"sqlite:///{folder}/a.sqlite3", secret_key="a key for tests only")


@pytest.fixture
def own_postgres() -> Any:
    """A PostgreSQL that this test may stop."""
    with PostgresServer() as server:
        yield server


# In memory


async def test_without_a_store_everything_answers_from_memory() -> None:
    """The bot as it is with no extra installed."""
    records = Records()
    await records.start()
    assert await records.locale_of("slack", "U1") is None
    await records.set_locale("slack", "U1", "fr")
    assert await records.locale_of("slack", "U1") == "fr"
    assert await records.locale_of("discord", "U1") is None
    assert [await records.claim("a"), await records.claim("a"), await records.claim("b")] == [
        True, False, True,
    ]
    ask(records, answered=True)
    ask(records, person="U2")
    assert records.popular(5) == ["moon"]
    assert await records.forget("slack", "U1") == 2
    assert [record.person for record in records.queue] == ["slack:U2"]
    assert await records.locale_of("slack", "U1") is None
    assert records.store_up is None
    await records.close()


async def test_memory_is_bounded_and_what_goes_is_counted() -> None:
    """The oldest go first."""
    records = Records(queue_size=3)
    for number in range(5):
        ask(records, str(number))
    assert [record.text for record in records.queue] == ["2", "3", "4"]
    assert records.dropped == 2


def test_importing_and_asking_need_no_sqlalchemy() -> None:
    """Commands that need no store start fast."""
    code = (
        "import sys, bot, bot.app, bot.records, bot.store; from bot.records import Records; "
        "sys.exit(any(name in sys.modules for name in ('sqlalchemy', 'alembic', 'asyncpg')))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0


async def test_without_the_extra_it_says_so_once_and_answers(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """With the command that installs it."""
    monkeypatch.setitem(sys.modules, "bot.store.store", None)
    app = App(Settings(database_url=""), Faq.__new__(Faq), Records())
    await app.start()
    assert app.store is None
    assert not getattr(app.faq, "keeps_misses", False)
    assert await app.records.claim("x")
    await app.close()
    [record] = [one for one in caplog.records if one.name == "bot.app"]
    assert "pip install 'aifaq[store]'" in record.getMessage()


async def test_a_wrong_address_stops_the_start() -> None:
    """A misspelt setting is not a store that is away."""
    app = App(Settings(database_url="mysql://x"), Faq.__new__(Faq), Records())
    with pytest.raises(SettingsError):
        await app.start()


async def test_an_app_opens_its_store_and_closes_it(tmp_path: Path) -> None:
    """By default SQLite in the data folder, with a key of its own."""
    app = App(Settings(database_url="", data_dir=tmp_path), Faq.__new__(Faq), Records())
    await app.start()
    assert app.store is not None
    assert app.faq.keeps_misses
    assert app.records.store_up
    ask(app.records)
    await app.close()
    assert {"aifaq.sqlite3", "secret.key"} <= {path.name for path in tmp_path.iterdir()}
    with sqlite3.connect(tmp_path / "aifaq.sqlite3") as connection:
        assert connection.execute("SELECT text FROM questions").fetchall() == [
            ("who owns the moon",)
        ]


# With a store


async def test_what_adapters_note_is_written(opened: Opened, store_settings: Settings) -> None:
    """All four kinds, in the background."""
    async with opened(store_settings) as (records, store):
        ask(records, "who owns the moon?")
        ask(records, "is the moon for sale", answered=True)
        records.rated(platform="slack", person="U1", entry_id="moon", revision="r1", locale="en",
                      helpful=False)
        records.chosen(platform="slack", person="U1", text="moon owner", entry_id="moon",
                       locale="en")
        records.sent(platform="slack", channel="C1", message="1.1", entry_id="moon",
                     revision="r1", locale="en")
        await until(lambda: records.waiting == 0)
        assert await texts(store) == ["who owns the moon?"]
        [thumb] = await store.thumbs(EVER)
        assert (thumb.entry_id, thumb.text) == ("moon", "is the moon for sale")
        assert len(await store.choices(EVER)) == 1
        assert len(await store.sent_since(EVER, "moon", "r2")) == 1
        assert (await store.stats(EVER)).outcomes == {"fallback": 1, "answer": 1}


async def test_closing_writes_what_waits(opened: Opened, store_settings: Settings) -> None:
    """A thousand records noted just before the end."""
    async with opened(store_settings) as (records, _):
        for number in range(1_000):
            ask(records, f"question {number}")
    assert (records.waiting, records.dropped) == (0, 0)
    async with opened(store_settings) as (_, store):
        assert len(await store.misses(EVER)) == 1_000


async def test_a_language_choice_survives_a_restart(
    opened: Opened, store_settings: Settings
) -> None:
    """And the return to automatic does too."""
    async with opened(store_settings) as (records, _):
        await records.set_locale("slack", "U1", "fr")
    async with opened(store_settings) as (records, _):
        assert await records.locale_of("slack", "U1") == "fr"
        await records.set_locale("slack", "U1", None)
        assert await records.locale_of("slack", "U1") is None
    async with opened(store_settings) as (records, _):
        assert await records.locale_of("slack", "U1") is None


async def test_a_claim_survives_a_restart(opened: Opened, store_settings: Settings) -> None:
    """Slack sends an event again a minute later, after the process was replaced."""
    async with opened(store_settings) as (records, _):
        assert await records.claim("event")
    async with opened(store_settings) as (records, _):
        assert not await records.claim("event")
        assert await records.claim("another")


async def test_preferences_are_not_asked_for_with_each_question(
    opened: Opened, store_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once a minute at most, also for people who have none."""
    async with opened(store_settings) as (records, store):
        asked = []
        look = store.locale_of

        async def counted(person: str) -> str | None:
            asked.append(person)
            return await look(person)

        monkeypatch.setattr(store, "locale_of", counted)
        for _ in range(20):
            await records.locale_of("slack", "U1")
        assert asked == ["slack:U1"]


async def test_forgetting_reaches_what_waits_what_is_written_and_what_is_under_way(
    opened: Opened, store_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the person is left, whichever way a record has gone so far."""
    async with opened(store_settings) as (records, store):
        ask(records, "written")
        await until(lambda: records.waiting == 0)
        write, under_way, go_on = store.write, asyncio.Event(), asyncio.Event()

        async def slow(batch: list[Any]) -> None:
            under_way.set()
            await go_on.wait()
            await write(batch)

        monkeypatch.setattr(store, "write", slow)
        ask(records, "under way")
        ask(records, "of another", person="U2")
        await under_way.wait()
        ask(records, "waiting")
        forgotten = asyncio.create_task(records.forget("slack", "U1"))
        await asyncio.sleep(0)
        go_on.set()
        assert await forgotten >= 2
        await until(lambda: records.waiting == 0 and not records._writer.owes("slack:U1"))
        assert await texts(store) == ["of another"]


async def test_one_bad_record_does_not_take_others_along(
    opened: Opened, store_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """It is dropped, counted and said, without its text."""
    async with opened(store_settings) as (records, store):
        for number in range(20):
            ask(records, f"good {number}")
        ask(records, "bad text")
        bad = records.queue.pop()
        assert isinstance(bad, QuestionRecord)
        records.queue.insert(7, replace(bad, seconds="no number"))
        records.queue.insert(3, replace(bad, id=None))
        await until(lambda: records.waiting == 0)
        assert len(await texts(store)) == 20
        assert records.dropped == 2
        assert records.store_up
        assert "QuestionRecord was dropped" in caplog.text
        assert "bad text" not in caplog.text


async def test_popular_entries_come_from_all_that_was_asked(
    opened: Opened, store_settings: Settings
) -> None:
    """Known again after a restart, and counted on from there."""
    store = create_store(store_settings)
    assert store is not None
    await store.open()
    recent = {"at": NOW + timedelta(days=36_500), "decision": "answer"}
    await store.write([question(entry_ids=(name,), **recent) for name in ("a", "b", "b", "b")])
    await store.close()
    async with opened(store_settings) as (records, _):
        await until(lambda: records.popular(2) == ["b", "a"])
        for _ in range(4):
            ask(records, answered=True)
        assert records.popular(2) == ["moon", "b"]


async def test_the_start_erases_what_is_too_old(
    opened: Opened, store_settings: Settings
) -> None:
    """And then once an hour."""
    store = create_store(store_settings)
    assert store is not None
    await store.open()
    await store.write([question("old", at=EVER), question("new", at=NOW + timedelta(days=9_999))])
    await store.close()
    records, again = Records(), create_store(store_settings)
    assert again is not None
    await records.start(again, retention_days=90)
    await until(lambda: not records._upkeep.done())
    async with asyncio.timeout(10):
        while await texts(again) != ["new"]:
            await asyncio.sleep(0.01)
    await records.close()


async def test_the_purge_runs_on_one_replica(store: Store, store_settings: Settings) -> None:
    """The second one sees that the first is at it, and leaves it."""
    other = create_store(store_settings)
    assert other is not None
    await other.open()
    await store.write([question(at=EVER)])
    async with other.exclusive("retention"):
        assert await upkeep.purge_once(store, NOW) is None
    assert await upkeep.purge_once(store, NOW) == 1
    await other.close()


# The store goes away


async def test_a_store_that_stops_under_traffic_loses_nothing(
    opened: Opened, own_postgres: PostgresServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Every record is there once in the end; each state is said once."""
    async with opened(on_postgres(own_postgres)) as (records, store):
        asked = 0

        async def traffic(rounds: int) -> float:
            nonlocal asked
            worst = 0.0
            for _ in range(rounds):
                ask(records, f"question {asked}")
                asked += 1
                _, one = await timed(records.locale_of("slack", f"U{asked}"))
                mine, two = await timed(records.claim(f"event {asked}"))
                assert mine
                worst = max(worst, one, two)
                await asyncio.sleep(0)
            return worst

        for hard in (False, True):
            await traffic(50)
            await asyncio.to_thread(own_postgres.stop, hard=hard)
            worst = await traffic(200)
            await until(lambda: not records.store_up)
            assert worst < SOON
            assert records.waiting >= 200
            await asyncio.to_thread(own_postgres.start)
            await traffic(50)
            await until(lambda: records.store_up is True and records.waiting == 0)
        assert records.dropped == 0
        assert len(await texts(store)) == asked == len(set(await texts(store)))
    messages = [one.getMessage() for one in caplog.records if one.name == "bot.store.writer"]
    assert sum("is back" in message for message in messages) == 2
    assert len(messages) == len(set(messages)) or len(messages) <= 12


async def test_a_store_that_answers_nothing_delays_nobody_for_long(
    opened: Opened, own_postgres: PostgresServer
) -> None:
    """A network that swallows everything: the first asks wait the bound, the next not at all."""
    async with opened(on_postgres(own_postgres)) as (records, store):
        await records.set_locale("slack", "U1", "fr")
        records._stale_before = monotonic() + 3_600  # as if another replica had changed something
        with own_postgres.frozen():
            first = await asyncio.gather(
                timed(records.locale_of("slack", "U1")), timed(records.locale_of("slack", "U2")),
                *[timed(records.claim(f"event {n}")) for n in range(30)],
                timed(records.set_locale("slack", "U3", "fr")),
                timed(records.forget("slack", "U4")),
            )
            assert max(seconds for _, seconds in first) < SOON
            assert [answer for answer, _ in first[:3]] == ["fr", None, True]
            then = [await timed(records.claim(f"later {n}")) for n in range(20)]
            assert max(seconds for _, seconds in then) < 0.1
            ask(records, "asked in silence")
            assert await records.locale_of("slack", "U3") == "fr"
        await until(lambda: records.store_up is True and records.waiting == 0, 30)
        await until(lambda: not records._writer.owes("slack:U3"))
        assert await store.locale_of("slack:U3") == "fr"
        assert await texts(store) == ["asked in silence"]


async def test_a_store_that_is_away_at_the_start_is_taken_up_later(
    opened: Opened, own_postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The start does not fail and does not wait long."""
    monkeypatch.setattr("bot.records.OPEN_SECONDS", 0.2)
    settings = on_postgres(own_postgres)
    own_postgres.stop()
    async with opened(settings) as (records, store):
        assert records.store_up is False
        ask(records, "early")
        await records.set_locale("slack", "U1", "fr")
        assert await records.locale_of("slack", "U1") == "fr"
        await asyncio.to_thread(own_postgres.start)
        await until(lambda: records.store_up is True and records.waiting == 0)
        await until(lambda: not records._writer.owes("slack:U1"))
        assert await texts(store) == ["early"]
        assert await store.locale_of("slack:U1") == "fr"


async def test_what_is_wanted_while_the_store_is_away_is_done_in_order(
    opened: Opened, own_postgres: PostgresServer
) -> None:
    """Set, forget, set again: the last word counts, and the forgotten is gone."""
    async with opened(on_postgres(own_postgres)) as (records, store):
        ask(records, "to be forgotten")
        await records.set_locale("slack", "U1", "fr")
        await records.set_locale("slack", "U2", "fr")
        await until(lambda: records.waiting == 0)
        own_postgres.stop()
        await records.set_locale("slack", "U1", "en")
        await records.forget("slack", "U1")
        assert await records.locale_of("slack", "U1") is None
        await records.forget("slack", "U2")
        await records.set_locale("slack", "U2", "en")
        await asyncio.to_thread(own_postgres.start)
        await until(lambda: records.store_up is True and not records._writer._unfinished)
        assert await texts(store) == []
        assert await store.locale_of("slack:U1") is None
        assert await store.locale_of("slack:U2") == "en"


async def test_a_record_that_could_not_be_written_yet_is_forgotten_too(
    opened: Opened, own_postgres: PostgresServer
) -> None:
    """It had left the queue when the store went away, and is tried again after the erasure."""
    async with opened(on_postgres(own_postgres)) as (records, store):
        own_postgres.stop()
        ask(records, "mine")
        ask(records, "another's", person="U2")
        await until(lambda: records.store_up is False and len(records.queue) == 0)
        await records.forget("slack", "U1")
        await asyncio.to_thread(own_postgres.start)
        await until(lambda: records.store_up is True and not records._writer._unfinished)
        assert await texts(store) == ["another's"]


async def test_a_choice_made_while_the_last_one_is_written_counts(
    opened: Opened, store_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody clicks twice in a hurry."""
    async with opened(store_settings) as (records, store):
        keep, under_way, go_on = store.set_locale, asyncio.Event(), asyncio.Event()

        async def slow(person: str, locale: str | None) -> None:
            under_way.set()
            await go_on.wait()
            await keep(person, locale)

        monkeypatch.setattr(store, "set_locale", slow)
        first = asyncio.create_task(records.set_locale("slack", "U1", "fr"))
        await under_way.wait()
        second = asyncio.create_task(records.set_locale("slack", "U1", "en"))
        await asyncio.sleep(0)
        go_on.set()
        await asyncio.gather(first, second)
        await until(lambda: not records._writer.owes("slack:U1"))
        assert await store.locale_of("slack:U1") == "en"


async def test_a_queue_that_overflows_says_so_once_and_counts(
    opened: Opened, own_postgres: PostgresServer, caplog: pytest.LogCaptureFixture
) -> None:
    """The newest are kept."""
    async with opened(on_postgres(own_postgres), queue_size=100) as (records, store):
        own_postgres.stop()
        for number in range(250):
            ask(records, f"{number:03}")
        await until(lambda: records.store_up is False)
        for number in range(250, 400):
            ask(records, f"{number:03}")
        dropped = records.dropped
        assert 200 <= dropped <= 300
        await asyncio.to_thread(own_postgres.start)
        await until(lambda: records.store_up is True and records.waiting == 0)
        kept = await texts(store)
        assert len(kept) == 400 - dropped
        assert kept[-100:] == [f"{number:03}" for number in range(300, 400)]
    assert caplog.text.count("are being dropped") == 1
    assert f"{dropped} records were dropped" in caplog.text


async def test_closing_without_the_store_ends_in_time_and_says_what_is_lost(
    opened: Opened, own_postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Within the few seconds that there are; here half a second."""
    monkeypatch.setattr("bot.records.CLOSE_SECONDS", 0.5)
    async with opened(on_postgres(own_postgres)) as (records, _):
        own_postgres.stop()
        ask(records, "lost")
        _, seconds = await timed(records.close())
        assert seconds < 2
        assert records.dropped == 1
    assert "1 records could not be written" in caplog.text


async def test_a_locked_sqlite_file_delays_records_and_nothing_else(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program holds the write lock; preferences are still read."""
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.3)
    async with opened(on_sqlite(tmp_path)) as (records, store):
        await records.set_locale("slack", "U1", "fr")
        records._stale_before = monotonic() + 3_600
        lock = sqlite3.connect(
            tmp_path / "a.sqlite3", isolation_level=None, check_same_thread=False
        )
        await asyncio.to_thread(lock.execute, "BEGIN IMMEDIATE")
        locale, seconds = await timed(records.locale_of("slack", "U1"))
        assert locale == "fr"
        assert seconds < SOON
        ask(records, "meanwhile")
        mine, seconds = await timed(records.claim("event"))
        assert mine
        assert seconds < SOON
        await until(lambda: records.store_up is False)
        assert records.waiting == 1
        lock.execute("COMMIT")
        lock.close()
        await until(lambda: records.store_up is True and records.waiting == 0)
        assert await texts(store) == ["meanwhile"]


async def test_a_full_disk_delays_records_and_nothing_else(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """SQLite refuses to grow; once there is room again everything is written."""
    begin, pages = database._begin_sqlite, 60

    def limited(connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        begin(connection)

    monkeypatch.setattr(database, "_begin_sqlite", limited)
    async with opened(on_sqlite(tmp_path)) as (records, store):
        for number in range(200):
            ask(records, f"{number:04} " + "long " * 200)
        await until(lambda: records.store_up is False)
        assert "full" in caplog.text
        for number in range(5):
            assert await records.claim(f"event {number}")
            assert await records.locale_of("slack", f"U{number}") is None
            await asyncio.sleep(0.1)
        assert records.waiting == 200
        assert "is back" not in caplog.text
        pages = 1_000_000
        await until(lambda: records.store_up is True and records.waiting == 0)
        assert len(await texts(store)) == 200
        assert records.dropped == 0


async def test_a_fault_that_nobody_foresaw_does_not_end_the_writing(
    opened: Opened, store_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task goes on and tries again."""
    async with opened(store_settings) as (records, store):
        write, failures = store.write, iter([KeyError("?"), sa.exc.InvalidRequestError("?")])

        async def flaky(batch: list[Any]) -> None:
            for error in failures:
                raise error
            await write(batch)

        monkeypatch.setattr(store, "write", flaky)
        ask(records, "kept")
        await until(lambda: records.store_up is True and records.waiting == 0)
        assert await texts(store) == ["kept"]


def test_the_store_package_names_what_others_need() -> None:
    """The names that curation and adapters import."""
    assert all(hasattr(store_package, name) for name in store_package.__all__)
