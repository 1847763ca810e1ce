"""The store on SQLite and on a real PostgreSQL: what goes in, what comes out, what is erased."""

from __future__ import annotations

import asyncio
import logging
import stat
from datetime import timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.errors import RecordRefused, SettingsError, StoreError
from bot.settings import Settings
from bot.store import (
    DraftStatus,
    MissStatus,
    Store,
    create_store,
    migrate,
    retention,
    text_key,
    upkeep,
)
from bot.store.address import address_of
from bot.store.keys import key_in
from bot.store.tables import REVISION, metadata
from tests.bot.recording import EVER, NOW, choice, later, posted, question, thumb


async def count(store: Store, table: str) -> int:
    async with store.reading() as connection:
        return await connection.scalar(sa.text(f"SELECT count(*) FROM {table}"))


async def everything(store: Store) -> str:
    """All that the database holds, as one text."""
    async with store.reading() as connection:
        return "\n".join([
            repr(row)
            for table in metadata.sorted_tables
            for row in await connection.execute(sa.select(table))
        ])


# Questions


async def test_a_missed_question_comes_back_whole(store: Store) -> None:
    """Text, time, nearest entries and confidence are as they were noted."""
    await store.write([question("Who owns the Moon?", at=later(0.5))])
    [miss] = await store.misses(EVER)
    assert (miss.text, miss.at, miss.entry_ids, miss.confidence, miss.decision) == (
        "Who owns the Moon?", later(0.5), ("moon", "mars"), 0.1, "fallback",
    )
    assert miss.key == text_key("who owns the moon")


async def test_writing_a_batch_twice_changes_nothing(store: Store) -> None:
    """After a commit whose answer was lost, the batch is written again."""
    batch = [question(), thumb(helpful=True), choice(), posted()]
    await store.write(batch)
    await store.write(batch)
    counts = [await count(store, t) for t in ("questions", "feedback", "choices", "sent")]
    assert counts == [1, 1, 1, 1]


@pytest.mark.parametrize("text", [
    "a\0b", "lone \ud800 surrogate", "😀" * 3_000, "é" * 10_000, "\u202eright to left",
    "'; DROP TABLE x",
])
async def test_odd_texts_are_kept_not_refused(store: Store, text: str) -> None:
    """PostgreSQL knows no NUL and no lone surrogates; a batch must not fail over them."""
    await store.write([question(text, channel=text, entry_ids=(text,))])
    assert len(await store.misses(EVER)) == 1


async def test_people_are_stored_as_keyed_hashes_only(store: Store) -> None:
    """Nobody's id is anywhere in the database, and one person stays one person."""
    await store.write([question(), thumb(helpful=True), choice(), question(person="slack:U0BOB")])
    await store.set_locale("slack:U0ANA", "fr")
    await store.claim("slack:U0ANA:event")
    dump = await everything(store)
    assert "U0ANA" not in dump
    assert "U0BOB" not in dump
    assert len({miss.person for miss in await store.misses(EVER)}) == 2


@pytest.mark.parametrize(("keep", "texts"), [
    ("misses", {"missed", "nearly"}), ("all", {"missed", "nearly", "sure"}), ("none", set()),
])
async def test_texts_are_kept_as_the_setting_says(
    store_settings: Settings, keep: str, texts: set[str]
) -> None:
    """Misses and near misses by default; all; none, choices and thumbs included."""
    store = create_store(store_settings.model_copy(update={"keep_texts": keep}))
    assert store is not None
    await store.open()
    await store.write([
        question("missed"),
        question("nearly", decision="answer", confidence=0.6),
        question("sure", decision="answer", confidence=0.99),
        choice("picked"), thumb(helpful=False, text="bad one"),
        thumb(helpful=True, text="good one", entry_id="mars"),
    ])
    dump = await everything(store)
    kept = {text for text in ("missed", "nearly", "sure") if text in dump}
    assert kept == texts
    assert ("picked" in dump, "bad one" in dump) == (keep != "none",) * 2
    assert ("good one" in dump) == (keep == "all")
    assert {miss.text for miss in await store.misses(EVER)} == texts - {"sure"}
    await store.close()


async def test_smalltalk_and_sure_answers_are_no_misses(store: Store) -> None:
    """The queue of moderators holds what was not answered."""
    await store.write([
        question("hello", decision="smalltalk"),
        question("sure", decision="answer", confidence=0.9),
        question("gone", decision="gone"), question("", decision="fallback"),
        question("hm", decision="suggestions", confidence=0.4),
    ])
    assert [miss.text for miss in await store.misses(EVER)] == ["hm"]


async def test_a_dealt_with_miss_shows_again_only_when_asked_again(store: Store) -> None:
    """Done is until next time; dismissed and out of scope are for good; None opens again."""
    await store.write([question("one"), question("two"), question("three"), question("four")])
    for text, status in (("One?", MissStatus.DONE), ("two", MissStatus.DISMISSED),
                         ("three", MissStatus.OUT_OF_SCOPE), ("four", MissStatus.DRAFTED)):
        await store.set_miss_status([text_key(text)], status, by="Ana")
    assert await store.misses(EVER) == []
    assert len(await store.misses(EVER, closed=True)) == 4
    future = question("one").at + timedelta(days=36_500)
    await store.write([question(text, at=future) for text in ("one", "two", "three", "four")])
    assert {(miss.text, miss.at) for miss in await store.misses(EVER)} == {
        ("one", future), ("four", future),
    }
    await store.set_miss_status([text_key("two")], None, by="Ana")
    assert "two" in {miss.text for miss in await store.misses(EVER)}


# Thumbs, choices, sent answers


async def test_the_last_thumb_of_a_person_counts_whatever_the_order(store: Store) -> None:
    """Batches of replicas arrive in any order; the time decides."""
    await store.write([thumb(helpful=False, at=later(5))])
    await store.write([thumb(helpful=True, at=later(1)),
                       thumb(helpful=True, person="slack:U0BOB")])
    thumbs = await store.thumbs(EVER)
    assert [(one.helpful, one.at) for one in thumbs] == [(False, later(5)), (True, NOW)]
    [entry] = (await store.stats(EVER)).feedback
    assert (entry.helpful, entry.unhelpful) == (1, 1)


async def test_a_choice_is_a_candidate_until_it_is_dealt_with(store: Store) -> None:
    """Set aside by its text key, like a miss."""
    await store.write([choice("moon owner"), choice("moon buyer")])
    await store.set_miss_status([text_key("Moon owner")], MissStatus.DRAFTED, by="Ana")
    assert [one.text for one in await store.choices(EVER)] == ["moon buyer"]
    assert len(await store.choices(EVER, closed=True)) == 2


async def test_times_of_any_zone_are_kept_as_moments(store: Store) -> None:
    """An adapter on a machine in Paris writes the same moment."""
    paris = timezone(timedelta(hours=2))
    await store.write([posted(at=NOW.astimezone(paris)), thumb(helpful=True, at=later(1))])
    [sent] = await store.sent_since(NOW.astimezone(paris), "moon", "x")
    assert sent.at == NOW
    assert await store.sent_since(later(0.1).astimezone(paris), "moon", "x") == []


async def test_a_correction_finds_old_messages_and_can_be_resumed(store: Store) -> None:
    """What is marked does not come back; a message that was deleted goes."""
    await store.write([posted(str(n), at=later(n)) for n in range(4)])
    await store.write([posted("new", revision="r2"), posted("other", entry_id="mars")])
    found = await store.sent_since(EVER, "moon", "r2", limit=2)
    assert [one.message for one in found] == ["0", "1"]
    await store.mark_corrected(found[0].id, "r2")
    await store.mark_corrected(found[1].id, None)
    assert [one.message for one in await store.sent_since(EVER, "moon", "r2")] == ["2", "3"]
    assert [one.message for one in await store.sent_since(later(2.5), "moon", "r2")] == ["3"]
    withdrawn = await store.sent_since(EVER, "moon", "withdrawn")
    assert [one.message for one in withdrawn] == ["0", "new", "2", "3"]


async def test_a_message_that_was_switched_to_french_is_known_as_french(store: Store) -> None:
    """One row per message and entry, the last state of it."""
    await store.write([posted("1.1"), posted("1.1", locale="fr", at=later(1))])
    assert [one.locale for one in await store.sent_since(EVER, "moon", "x")] == ["fr"]


# Counting


async def test_stats_add_up(store: Store) -> None:
    """Per day, outcome, entry, language and platform; older questions are left out."""
    sure = {"decision": "answer", "confidence": 0.9}
    await store.write([
        question(at=NOW - timedelta(days=9)),
        question(), question(locale="fr", at=NOW - timedelta(days=1)),
        question(**sure), question(platform="discord", person="discord:1", **sure),
        question(entry_ids=("mars",), **sure), thumb(helpful=False),
        choice(), choice(entry_id="mars", person="slack:U0BOB"),
    ])
    since = NOW - timedelta(days=2)
    stats = await store.stats(since)
    assert (stats.questions, stats.people) == (5, 2)
    assert [(str(one.day), one.decision, one.count) for one in stats.days] == [
        ("2026-11-19", "fallback", 1), ("2026-11-20", "answer", 3), ("2026-11-20", "fallback", 1),
    ]
    assert stats.asked == (("moon", 2), ("mars", 1))
    assert stats.outcomes == {"fallback": 2, "answer": 3}
    assert stats.locales == {"en": 4, "fr": 1}
    assert stats.platforms == {"slack": 4, "discord": 1}
    assert await store.popular(since, 1) == {"moon": 3}


async def test_an_empty_store_has_empty_stats(store: Store) -> None:
    """The first day of a bot is no error."""
    stats = await store.stats(EVER)
    assert (stats.questions, stats.people, stats.days, stats.feedback) == (0, 0, (), ())


# Drafts and audit


async def test_a_draft_keeps_its_content(store: Store) -> None:
    """Both languages, any JSON, found by number and by status."""
    content = {"text": "Combien ça coûte ?", "lines": [1, 2], "deep": {"null": None}}
    draft = await store.add_draft("variant", content, by="Ana", entry_id="moon", locale="fr")
    assert await store.draft(draft.id) == draft
    assert draft.content == content
    assert await store.drafts(DraftStatus.OPEN) == [draft]
    assert await store.drafts(DraftStatus.APPLIED) == []
    assert await store.draft(draft.id + 1) is None


async def test_of_many_moderators_one_applies_a_draft(store: Store) -> None:
    """All click at once; one gets it, and what it became is told."""
    draft = await store.add_draft("variant", {}, by="Ana")
    won = await asyncio.gather(*[
        store.set_draft_status(draft.id, DraftStatus.APPLYING, by=f"M{n}") for n in range(12)
    ])
    assert won.count(True) == 1
    assert await store.set_draft_status(
        draft.id, DraftStatus.APPLIED, by="M", note="in", expected=DraftStatus.APPLYING
    )
    assert not await store.set_draft_status(draft.id, DraftStatus.REJECTED, by="late")
    found = await store.draft(draft.id)
    assert found is not None
    assert (found.status, found.status_by, found.note) == (DraftStatus.APPLIED, "M", "in")


async def test_the_audit_tells_the_last_changes_first(store: Store) -> None:
    """Who, from where, what."""
    for action in ("variant", "reject"):
        await store.add_audit(action, "moon", platform="slack", by_id="U1", by_name="Ana",
                              detail={"draft": 7})
    rows = await store.audit(limit=1)
    assert [(row.action, row.by_name, row.detail) for row in rows] == [
        ("reject", "Ana", {"draft": 7})
    ]


# People


async def test_a_language_choice_is_kept_and_taken_back(store: Store) -> None:
    """None is automatic."""
    assert await store.locale_of("slack:U1") is None
    await store.set_locale("slack:U1", "fr")
    await store.set_locale("slack:U1", "en")
    assert await store.locale_of("slack:U1") == "en"
    assert await store.locale_of("discord:U1") is None
    await store.set_locale("slack:U1", None)
    assert await store.locale_of("slack:U1") is None


async def test_forgetting_erases_one_person_and_nobody_else(store: Store) -> None:
    """Questions, thumbs, choices, language, and answers in a direct-message channel."""
    bob = "slack:U0BOB"
    await store.write([
        question(), question(channel="DM-ANA"), thumb(helpful=False), choice(),
        posted("1"), posted("2", channel="DM-ANA"),
        question(person=bob), thumb(helpful=True, person=bob), choice(person=bob),
    ])
    await store.set_locale("slack:U0ANA", "fr")
    await store.set_locale(bob, "fr")
    gone = await store.forget("slack:U0ANA")
    assert gone == 6
    assert store.person_hash("slack:U0ANA") not in await everything(store)
    assert await store.locale_of(bob) == "fr"
    assert [await count(store, t) for t in ("questions", "feedback", "choices")] == [1, 1, 1]
    assert [one.message for one in await store.sent_since(EVER, "moon", "x")] == ["1"]
    assert await store.forget("slack:U0ANA") == 0


async def test_forgetting_leaves_what_came_after_it(store: Store) -> None:
    """An erasure that had to wait does not take later questions along."""
    await store.write([question(), question("again", at=later(10))])
    assert await store.forget("slack:U0ANA", later(5)) == 1
    assert [miss.text for miss in await store.misses(EVER)] == ["again"]


async def test_a_key_is_claimed_once_until_it_runs_out(store: Store) -> None:
    """Fifty at once: one wins; an expired claim may be taken again, once."""
    won = await asyncio.gather(*[store.claim("event 1") for _ in range(50)])
    assert won.count(True) == 1
    assert await store.claim("event 2", seconds=-1)
    again = await asyncio.gather(*[store.claim("event 2") for _ in range(10)])
    assert again.count(True) == 1


async def test_a_cancelled_request_leaves_no_lock_behind(store: Store) -> None:
    """A handler may be stopped at any moment; the next one gets through at once."""
    for number in range(60):
        requests = [
            asyncio.create_task(upkeep.purge_once(store, NOW)),
            asyncio.create_task(store.claim(f"stopped {number}")),
            asyncio.create_task(store.add_draft("variant", {}, by="Ana")),
        ]
        await asyncio.sleep(number / 4_000)  # somewhere in the middle of it
        for request in requests:
            request.cancel()
        stopped = await asyncio.gather(*requests, return_exceptions=True)
        async with asyncio.timeout(2):
            assert await store.claim(f"next {number}")
        assert not [error for error in stopped if isinstance(error, StoreError)]


async def fail_exclusively(store: Store) -> None:
    async with store.exclusive("purge"):
        raise ZeroDivisionError


async def test_exclusive_work_is_given_to_one_at_a_time(store: Store) -> None:
    """And given back, also when the work fails."""
    async with (
        store.exclusive("purge") as first, store.exclusive("purge") as second,
        store.exclusive("another") as other,
    ):
        assert (first, second, other) == (True, False, True)
    with pytest.raises(ZeroDivisionError):
        await fail_exclusively(store)
    async with store.exclusive("purge") as again:
        assert again


# Retention


async def test_the_purge_takes_what_is_old_and_only_that(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In several steps; choices of language, open drafts and the audit stay."""
    monkeypatch.setattr(retention, "STEP", 10)
    old = NOW - timedelta(days=91)
    await store.write([question(at=old) for _ in range(25)])
    await store.write([
        thumb(helpful=True, at=old), choice(at=old), posted("old", at=old),
        question(), thumb(helpful=True, entry_id="mars"), choice(), posted("new"),
    ])
    await store.set_locale("slack:U0ANA", "fr")
    await store.claim("expired", seconds=-1)
    await store.claim("held")
    await store.add_audit("x", "moon", platform="slack", by_id="1", by_name="Ana")
    await store.add_draft("variant", {}, by="Ana")
    assert await store.purge(NOW - timedelta(days=90)) == 29
    names = ("questions", "feedback", "choices", "sent", "claims", "audit", "drafts")
    assert [await count(store, name) for name in names] == [1] * 7
    assert await store.locale_of("slack:U0ANA") == "fr"


async def test_the_purge_takes_closed_drafts_that_quote_old_questions(store: Store) -> None:
    """They hold texts of people; the audit says what was done."""
    draft = await store.add_draft("variant", {}, by="Ana")
    kept = await store.add_draft("variant", {}, by="Ana")
    await store.set_draft_status(draft.id, DraftStatus.REJECTED, by="Ana")
    await store.purge(NOW + timedelta(days=36_500))
    assert await store.drafts() == [kept]


# Life, migrations


async def test_the_tables_are_what_the_migrations_make(store: Store) -> None:
    """No column, index or constraint differs between `tables.py` and the migrated database."""
    def differences(connection: sa.Connection) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection), metadata)

    async with store.reading() as connection:
        assert await connection.run_sync(differences) == []


def test_the_revision_that_the_code_expects_is_the_newest() -> None:
    """The constant spares a start from importing Alembic."""
    script = ScriptDirectory(str(Path(migrate.__file__).parent / "migrations"))
    assert script.get_current_head() == REVISION


@pytest.mark.parametrize("revision", [
    one.revision for one in
    ScriptDirectory(str(Path(migrate.__file__).parent / "migrations")).walk_revisions()
    if one.revision != REVISION
])
async def test_an_older_database_is_brought_up_with_its_rows(
    store_settings: Settings, revision: str
) -> None:
    """From each earlier revision."""
    store = create_store(store_settings)
    assert store is not None
    store._engine = store._create_engine()
    async with store.writing() as connection:
        await connection.run_sync(migrate.migrate, revision)
    await store.write([question()])
    await store.set_locale("slack:U0ANA", "fr")
    await store.close()
    await store.open()
    assert await store.ping() == f"{store.address}: {(await version(store))}, tables at {REVISION}"
    assert len(await store.misses(EVER)) == 1
    assert await store.locale_of("slack:U0ANA") == "fr"
    assert (await store.add_draft("variant", {}, by="Ana")).id == 1
    await store.close()


async def version(store: Store) -> str:
    name = "version()" if store.on_postgres else "'SQLite ' || sqlite_version()"
    async with store.reading() as connection:
        return " ".join((await connection.scalar(sa.text(f"SELECT {name}"))).split()[:2])


async def test_a_migration_that_fails_leaves_the_database_as_it_was(
    store_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also on SQLite, where DDL is not transactional by default."""
    store = create_store(store_settings)
    assert store is not None
    upgrade = migrate._upgrade

    def broken(connection: sa.Connection, revision: str) -> None:
        upgrade(connection, revision)
        connection.execute(sa.text("SELECT * FROM a_table_that_is_not_there"))

    monkeypatch.setattr(migrate, "_upgrade", broken)
    with pytest.raises(StoreError, match="a_table_that_is_not_there"):
        await store.open()
    store._engine = store._create_engine()
    async with store.reading() as connection:
        assert await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names()) == []
    await store.close()


async def test_a_database_of_a_newer_aifaq_is_left_alone(store: Store) -> None:
    """The error says which revision and what to do."""
    async with store.writing() as connection:
        await connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    await store.close()
    with pytest.raises(StoreError, match=r"9999.*newer aifaq.*Update"):
        await store.open()


async def test_opening_at_once_creates_the_tables_once(store_settings: Settings) -> None:
    """Replicas that start together wait for each other."""
    stores = [create_store(store_settings) for _ in range(5)]
    await asyncio.gather(*[store.open() for store in stores if store])
    assert {await count(store, "alembic_version") for store in stores if store} == {1}
    await asyncio.gather(*[store.close() for store in stores if store])


async def test_opening_a_new_file_at_once_never_fails(tmp_path: Path) -> None:
    """SQLite turns away some of those that switch its journal together, without waiting."""
    for number in range(15):
        settings = Settings(data_dir=tmp_path / str(number))
        stores = [store for _ in range(8) if (store := create_store(settings))]
        await asyncio.gather(*[store.open() for store in stores])
        await asyncio.gather(*[store.close() for store in stores])


async def test_a_closed_store_says_so(store: Store) -> None:
    """And opens again."""
    await store.close()
    with pytest.raises(StoreError, match="not open"):
        await store.claim("x")
    await store.open()
    assert await store.claim("x")


async def test_a_row_that_can_never_be_written_is_refused_whole(store: Store) -> None:
    """The rest of the batch is not half written."""
    for bad in (question(confidence="no number"), question(id=None)):
        with pytest.raises(RecordRefused):
            await store.write([question(), bad])
    assert await count(store, "questions") == 0


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """With the setting that moves it."""
    (tmp_path / "file").write_text("")
    settings = Settings(database_url=f"sqlite:///{tmp_path}/file/deep/a.sqlite3",
                        secret_key="a key for tests only")
    store = create_store(settings)
    assert store is not None
    with pytest.raises(StoreError, match="AIFAQ_DATA_DIR"):
        await store.open()


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    """It is not overwritten."""
    path = tmp_path / "a.sqlite3"
    path.write_text("Dear diary, " * 100)
    store = create_store(Settings(database_url=f"sqlite:///{path}",
                                  secret_key="a key for tests only"))
    assert store is not None
    with pytest.raises(StoreError, match=f"{path}.*not a database"):
        await store.open()
    assert path.read_text() == "Dear diary, " * 100


# Addresses and keys


@pytest.mark.parametrize(("url", "shown"), [
    ("postgres://ana:pa55@db.example/faq", "PostgreSQL db.example/faq"),
    ("postgresql+asyncpg://ana:pa55@db.example:5433/faq?sslmode=require",
     "PostgreSQL db.example:5433/faq"),
    ("postgresql://ana:p%40ss5@[::1]/faq", "PostgreSQL [::1]/faq"),
    ("sqlite:////var/lib/x.db", "SQLite /var/lib/x.db"),
])
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    """In messages, logs and repr."""
    address = address_of(Settings(database_url=url))
    assert str(address) == shown
    assert "ss5" not in repr(address)
    assert "pa55" not in repr(address)


@pytest.mark.parametrize("url", ["mysql://x/y", "just words", "sqlite://", "http://db/x"])
def test_an_unknown_kind_of_database_is_refused(url: str) -> None:
    """With what is possible."""
    with pytest.raises(SettingsError, match="postgresql://"):
        create_store(Settings(database_url=url, secret_key="a key for tests only"))


def test_none_is_no_store_and_empty_is_the_data_folder(tmp_path: Path) -> None:
    """`none` turns it off."""
    assert create_store(Settings(database_url="none")) is None
    settings = Settings(database_url="", data_dir=tmp_path)
    assert address_of(settings).path == tmp_path / "aifaq.sqlite3"


async def test_a_wrong_password_or_host_is_told_without_the_secret(tmp_path: Path) -> None:
    """The first thing that goes wrong with PostgreSQL."""
    store = create_store(Settings(database_url="postgresql://ana:pa55word@127.0.0.1:1/faq",
                                  secret_key="a key for tests only"))
    assert store is not None
    with pytest.raises(StoreError, match=r"127\.0\.0\.1:1/faq") as caught:
        await store.open()
    assert "pa55word" not in str(caught.value)


def test_the_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    """Found again at the next start."""
    key = key_in(tmp_path / "new")
    assert key == key_in(tmp_path / "new")
    assert len(key) == 64
    assert stat.S_IMODE((tmp_path / "new" / "secret.key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret.key"]


async def test_processes_that_start_at_once_agree_on_the_key(tmp_path: Path) -> None:
    """Whoever comes second takes the first one's."""
    keys = await asyncio.gather(*[asyncio.to_thread(key_in, tmp_path) for _ in range(20)])
    assert len(set(keys)) == 1


async def test_a_key_that_is_still_being_written_is_waited_for(tmp_path: Path) -> None:
    """The file is there before its content is."""
    path = tmp_path / "secret.key"
    path.touch()
    waiting = asyncio.create_task(asyncio.to_thread(key_in, tmp_path))
    await asyncio.sleep(0.05)
    path.write_bytes(b"f" * 64 + b"\n")
    assert await waiting == b"f" * 64


def test_a_damaged_key_is_not_replaced_silently(tmp_path: Path) -> None:
    """A new one would make everybody a stranger."""
    (tmp_path / "secret.key").write_text("")
    with pytest.raises(StoreError, match="damaged"):
        key_in(tmp_path)


def test_a_short_key_is_refused() -> None:
    """With how to make a good one, and without showing it."""
    with pytest.raises(SettingsError, match="openssl rand") as caught:
        create_store(Settings(database_url="sqlite:////tmp/x", secret_key="hunter2"))
    assert "hunter2" not in str(caught.value)


async def test_another_key_than_the_databases_is_said(
    store: Store, store_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """Replicas with different keys would each know different people."""
    same = create_store(store_settings)
    other = create_store(store_settings.model_copy(
        update={"secret_key": Settings(secret_key="another key for tests").secret_key}
    ))
    assert same
    assert other
    with caplog.at_level(logging.WARNING, "bot.store"):
        await same.open()
        assert caplog.records == []
        await other.open()
    assert "AIFAQ_SECRET_KEY" in caplog.text
    assert "another key" not in caplog.text
    await same.close()
    await other.close()
