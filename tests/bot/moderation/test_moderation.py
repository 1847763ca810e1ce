"""The moderators' loop, as Discord, Slack and the terminal share it."""

import errno
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.app import App
from bot.curation import write as writing
from bot.errors import (
    ChangeRefused,
    CurationError,
    EditConflict,
    PermissionDenied,
    StoreError,
)
from bot.knowledge import load_knowledge
from bot.models import Question, ReplyKind
from bot.moderation import EntryForm
from bot.moderation.corrections import Correction, EditResult
from bot.store import ChoiceRecord, FeedbackRecord, QuestionRecord, SentRecord, Store
from tests.bot.moderating import ANN, BEA, HOURS, VISITOR, git, make_base, make_repository

POOL = ("where is the swimming pool", "the swimming pool, where is it?")


@pytest.fixture
def root(tmp_path):
    return make_base(tmp_path)


@pytest.fixture
def app(root, store, store_settings):
    return running(root, store, store_settings)


def running(root, store, settings, **values):
    """A bot that is up, without its background work: the test says when to look."""
    app = App.create(settings.model_copy(update={"knowledge": root, **values}))
    app.store = store
    app.reloader.active = True
    return app


def asked(text, person, *, decision="fallback", entries=()):
    return QuestionRecord(
        at=datetime.now(UTC), platform="discord", person=f"discord:{person}", channel="c",
        locale="en", decision=decision, confidence=0.9 if decision == "answer" else 0.1,
        entry_ids=tuple(entries), text=text, seconds=0.01)


async def miss(store: Store, *texts: str) -> None:
    await store.write([asked(text, person) for person, text in enumerate(texts)])


def respond(app, text):
    return app.faq.respond(Question(text, locale="en"))


# The loop


async def test_a_missed_question_becomes_a_variant_and_is_answered(tmp_path, store, store_settings):
    """Missed, seen in the queue, added, in the file with its comments, reloaded, answered."""
    root = make_repository(tmp_path)
    app = running(root, store, store_settings, knowledge_git="commit")
    text = "until what time may one borrow books"
    assert respond(app, text).kind is not ReplyKind.ANSWER
    await miss(store, text)
    [cluster] = await app.moderation.clusters(ANN)
    assert cluster.title == text
    before = (root / HOURS).read_text(encoding="utf-8")
    outcome = await app.moderation.add_variant(
        ANN, entry_id="library-hours", locale="en", texts=[text], cluster=cluster.key)
    assert outcome.applied
    assert outcome.commit in outcome.text
    assert respond(app, text).answer.entry_id == "library-hours"
    after = (root / HOURS).read_text(encoding="utf-8")
    assert after.replace(f"    - {text}\n", "") == before
    assert await app.moderation.clusters(ANN) == []
    assert git(tmp_path, "log", "-1", "--format=%an").strip() == "Ann"
    [audit] = await store.audit(5)
    assert (audit.by_name, audit.action, audit.target) == ("Ann", "variant", "library-hours")


async def test_a_group_becomes_out_of_scope_for_good(app, store, root):
    await miss(store, *POOL)
    [cluster] = await app.moderation.clusters(BEA)
    outcome = await app.moderation.out_of_scope(BEA, cluster.key)
    assert outcome.text.startswith("C'est fait")
    assert {one.text for one in load_knowledge(root).out_of_scope} >= set(POOL)
    await miss(store, *POOL)
    assert await app.moderation.clusters(BEA) == []


async def test_a_dismissed_group_does_not_come_back(app, store):
    await miss(store, *POOL)
    [cluster] = await app.moderation.clusters(ANN)
    await app.moderation.dismiss(ANN, cluster.texts[-1].key)
    await miss(store, *POOL)
    assert await app.moderation.clusters(ANN) == []
    assert await app.moderation.cluster(ANN, cluster.key) is None
    with pytest.raises(CurationError):
        await app.moderation.dismiss(ANN, cluster.key)


async def test_a_picked_suggestion_waits_for_approval_and_is_never_learned_silently(app, store):
    text = "may one read there at night"
    before = app.faq.version
    await store.write([
        asked(text, 1, decision="suggestions"),
        ChoiceRecord(datetime.now(UTC), "discord", "discord:1", text, "library-hours", "en")])
    [cluster] = await app.moderation.clusters(ANN)
    assert cluster.entry_id == "library-hours"
    assert app.faq.version == before


async def test_thumbs_down_can_be_dismissed_and_end_with_a_new_text(app, store):
    entry = app.faq.knowledge.entries["library-hours"]
    thumb = FeedbackRecord(datetime.now(UTC), "slack", "slack:1", entry.id, entry.revision, "en",
                           helpful=False, text="is it open today")
    await store.write([thumb])
    [cluster] = await app.moderation.clusters(ANN)
    assert cluster.title == "When does the library open?"
    await app.moderation.dismiss(ANN, cluster.key)
    assert await app.moderation.clusters(ANN) == []


async def test_a_new_entry_is_made_of_a_group_and_a_moderators_words(app, store, root):
    await miss(store, *POOL)
    [cluster] = await app.moderation.clusters(ANN)
    form = await app.moderation.new_form(ANN, cluster.key)
    assert form.questions["en"] in {text[0].upper() + text[1:] for text in POOL}
    assert form.id.startswith("swimming-pool")
    draft = await app.moderation.propose_entry(ANN, form, cluster=cluster.key)
    assert await app.moderation.clusters(ANN) == []
    shown = await app.moderation.draft(BEA, draft.id)
    assert "+  question: " in shown.diff
    assert shown.problems
    with pytest.raises(ChangeRefused):
        await app.moderation.apply(BEA, draft.id)
    form = await app.moderation.draft_form(BEA, draft.id)
    done = await app.moderation.add_entry(
        BEA, replace(form, answers={"en": "By the river."}), draft=draft.id)
    assert done.applied
    assert respond(app, POOL[0]).answer.text == "By the river."
    assert await app.moderation.drafts(BEA) == []


# Two moderators


async def test_two_moderators_who_edit_one_answer_lose_nothing(app, root):
    """The second is told, and what they typed is a draft they can take up again."""
    first = await app.moderation.form(ANN, "library-hours")
    second = await app.moderation.form(BEA, "library-hours")
    await app.moderation.edit(ANN, replace(first, answers={**first.answers, "en": "At ten."}))
    with pytest.raises(EditConflict) as conflict:
        await app.moderation.edit(BEA, replace(second, answers={**second.answers, "en": "At six."}))
    said = app.moderation.explain(conflict.value, "fr")
    assert "modifié par quelqu'un d'autre" in said
    assert "brouillon 1" in said
    assert respond(app, "When does the library open?").answer.text == "At ten."
    kept = await app.moderation.draft(BEA, 1)
    assert "At six." in kept.content
    form = await app.moderation.draft_form(BEA, 1)
    assert form.answers["en"] == "At six."
    assert form.answers["fr"] == first.answers["fr"]
    await app.moderation.edit(BEA, form, draft=1)
    assert respond(app, "When does the library open?").answer.text == "At six."
    assert await app.moderation.drafts(BEA) == []


async def test_two_moderators_who_edit_different_languages_both_get_their_way(app):
    first = await app.moderation.form(ANN, "library-hours")
    second = await app.moderation.form(BEA, "library-hours")
    await app.moderation.edit(ANN, replace(first, answers={**first.answers, "en": "At ten."}))
    await app.moderation.edit(BEA, replace(second, answers={**second.answers, "fr": "À dix h."}))
    entry = app.faq.knowledge.entries["library-hours"]
    assert (entry.texts["en"].answer, entry.texts["fr"].answer) == ("At ten.", "À dix h.")


async def test_a_form_sent_back_as_it_was_changes_nothing(app, root):
    before = (root / HOURS).read_bytes()
    form = await app.moderation.form(ANN, "library-hours")
    spaces = {locale: f" {text}\r\n" for locale, text in form.answers.items()}
    with pytest.raises(ChangeRefused):
        await app.moderation.edit(ANN, replace(form, answers=spaces))
    assert (root / HOURS).read_bytes() == before
    assert await app.moderation.drafts(ANN) == []


async def test_a_draft_is_applied_once(app, root):
    draft = await app.moderation.propose_variant(
        ANN, entry_id="library-hours", locale="en", texts=["may I come in on a Monday"])
    await app.moderation.apply(ANN, draft.id)
    with pytest.raises(EditConflict) as closed:
        await app.moderation.apply(BEA, draft.id)
    assert "appliqué" in app.moderation.explain(closed.value, "fr")
    text = (root / HOURS).read_text(encoding="utf-8")
    assert text.count("may I come in on a Monday") == 1


async def test_a_refused_draft_stays_open_and_a_rejected_one_gives_its_questions_back(app, store):
    await miss(store, *POOL)
    [cluster] = await app.moderation.clusters(ANN)
    draft = await app.moderation.propose_variant(
        ANN, entry_id="museum-pass-price", locale="en", texts=["what does a stadium pass cost"],
        cluster=cluster.key)
    with pytest.raises(ChangeRefused):
        await app.moderation.apply(ANN, draft.id)
    assert [one.id for one in await app.moderation.drafts(ANN)] == [draft.id]
    await app.moderation.reject(ANN, draft.id, "it steals")
    assert await app.moderation.drafts(ANN) == []
    assert [one.note for one in await app.moderation.drafts(ANN, status=None)] == ["it steals"]
    assert len(await app.moderation.clusters(ANN)) == 1


# Permission


async def test_nobody_else_may_do_any_of_it(app, store, root):
    """The check is in the core: every method asks by itself, whoever shows the button."""
    await miss(store, *POOL)
    draft = await app.moderation.propose_variant(
        ANN, entry_id="library-hours", locale="en", texts=["may I come in on a Monday"])
    [cluster] = await app.moderation.clusters(ANN)
    before = {path: path.read_bytes() for path in root.rglob("*.yaml")}
    mod, form = app.moderation, EntryForm("library-hours", "services", {}, {}, {})

    async def edit(_correction):
        raise AssertionError("nothing may be edited")

    for call in (
        mod.status(VISITOR), mod.clusters(VISITOR), mod.cluster(VISITOR, cluster.key),
        mod.drafts(VISITOR), mod.draft(VISITOR, draft.id), mod.draft_form(VISITOR, draft.id),
        mod.form(VISITOR, "library-hours"), mod.new_form(VISITOR), mod.search(VISITOR, "x"),
        mod.due(VISITOR), mod.stats(VISITOR), mod.stats_chart(VISITOR),
        mod.add_variant(VISITOR, entry_id="library-hours", locale="en", texts=["x y z"]),
        mod.edit(VISITOR, form), mod.add_entry(VISITOR, form),
        mod.out_of_scope(VISITOR, cluster.key), mod.dismiss(VISITOR, cluster.key),
        mod.reviewed(VISITOR, "library-hours", date(2027, 1, 1)),
        mod.propose_variant(VISITOR, entry_id="library-hours", locale="en", texts=["x"]),
        mod.propose_entry(VISITOR, form), mod.apply(VISITOR, draft.id),
        mod.reject(VISITOR, draft.id), mod.export(VISITOR), mod.outdated(VISITOR),
        mod.correct(VISITOR, "discord", edit),
    ):
        with pytest.raises(PermissionDenied):
            await call
    assert {path: path.read_bytes() for path in root.rglob("*.yaml")} == before
    assert len(await mod.drafts(ANN)) == 1
    assert "modération" in mod.explain(PermissionDenied(), "fr")


# Read-only files


async def test_read_only_files_give_a_patch_and_a_draft(app, store, monkeypatch):
    await miss(store, *POOL)
    [cluster] = await app.moderation.clusters(ANN)

    def read_only(*_arguments, **_options):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(writing.tempfile, "mkstemp", read_only)
    outcome = await app.moderation.add_variant(
        ANN, entry_id="library-hours", locale="en", texts=["may I come in on a Monday"],
        cluster=cluster.key)
    assert not outcome.applied
    assert "+    - may I come in on a Monday" in outcome.patch
    assert await app.moderation.clusters(ANN) == []
    assert [one.id for one in await app.moderation.drafts(ANN)] == [outcome.draft_id]
    assert await app.moderation.export(ANN) == outcome.patch


async def test_an_export_names_the_drafts_that_do_not_fit(app):
    await app.moderation.propose_variant(
        ANN, entry_id="library-hours", locale="en", texts=["may I come in on a Monday"])
    await app.moderation.propose_entry(
        ANN, EntryForm("zoo", "services", {"en": "Is there a zoo?"}, {}, {}))
    patch = await app.moderation.export(ANN)
    assert patch.startswith("# draft 2 is left out: ")
    assert "+    - may I come in on a Monday" in patch
    with pytest.raises(CurationError):
        await app.moderation.export(ANN, [99])


# Looking


async def test_status_names_the_broken_line_and_what_can_be_done(app, root):
    assert (await app.moderation.status(ANN)).ok
    text = (root / HOURS).read_text(encoding="utf-8")
    (root / HOURS).write_text(text.replace("sources: [", "sources: [["), encoding="utf-8")
    await app.reloader.check()
    status = await app.moderation.status(BEA)
    assert not status.ok
    assert any(line.startswith(f"{HOURS}:") for line in status.lines)
    assert status.lines[0].startswith("En service\u00a0: 4 fiches")
    assert status.drafts == 0


async def test_without_a_store_answers_can_still_be_edited(root, store_settings):
    app = running(root, None, store_settings)
    form = await app.moderation.form(ANN, "library-hours")
    done = await app.moderation.edit(ANN, replace(form, answers={**form.answers, "en": "At ten."}))
    assert done.applied
    with pytest.raises(StoreError) as away:
        await app.moderation.clusters(ANN)
    assert "base de données" in app.moderation.explain(away.value, "fr").lower()
    assert (await app.moderation.status(ANN)).drafts is None


async def test_answers_due_come_by_age_and_traffic(app, store, root):
    path = root / "services" / "museum-pass-price.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("sources:", "review_by: 2026-01-31\nsources:", 1),
                    encoding="utf-8")
    await app.reloader.check()
    assert [one.entry_id for one in await app.moderation.due(ANN)] == [
        "library-hours", "museum-pass-price"]
    await store.write([
        asked(f"q{number}", number, decision="answer", entries=["museum-pass-price"])
        for number in range(50)])
    first = (await app.moderation.due(ANN))[0]
    assert (first.entry_id, first.asked) == ("museum-pass-price", 50)
    assert first.days_late > 0
    done = await app.moderation.reviewed(BEA, "museum-pass-price", date(2099, 1, 1))
    assert "1er janvier 2099" in done.text
    assert [one.entry_id for one in await app.moderation.due(ANN)] == ["library-hours"]


async def test_stats_say_and_draw_what_happened(app, store):
    await store.write([
        asked("q", 1, decision="answer", entries=["library-hours"]), asked(POOL[0], 2)])
    lines = await app.moderation.stats(ANN)
    assert "Questions in 30 days: 2, from 2 people." in lines[0]
    assert any("library-hours (1)" in line for line in lines)
    assert (await app.moderation.stats_chart(BEA)).startswith(b"\x89PNG")


# Corrections


def posted(entry, message, *, platform="discord", revision="old"):
    return SentRecord(datetime.now(UTC), platform, "c", message, entry, revision, "fr")


async def test_messages_with_an_old_text_are_found_and_mended_once(app, store):
    revision = app.faq.knowledge.entries["library-hours"].revision
    await store.write([
        posted("library-hours", "1"), posted("library-hours", "2", platform="slack"),
        posted("library-hours", "3", revision=revision), posted("gone-entry", "4")])
    found = await app.moderation.outdated(ANN)
    assert [(one.entry_id, one.messages, one.withdrawn) for one in found] == [
        ("library-hours", 2, False), ("gone-entry", 1, True)]
    seen: list[Correction] = []

    async def edit(correction):
        seen.append(correction)
        return EditResult.EDITED

    report = await app.moderation.correct(ANN, "discord", edit)
    assert (report.edited, report.gone, report.left) == (2, 0, 0)
    assert [one.message.message for one in seen] == ["1", "4"]
    assert seen[0].reply.answer.locale == "fr"
    assert seen[0].note.startswith("Mis à jour le ")
    assert seen[1].reply.kind is ReplyKind.GONE
    assert (await app.moderation.correct(ANN, "discord", edit)).edited == 0
    assert [one.by_platform for one in await app.moderation.outdated(ANN)] == [{"slack": 1}]


async def test_a_correction_that_was_cut_short_goes_on_where_it_stopped(app, store):
    await store.write([posted("library-hours", str(number)) for number in range(5)])
    results = iter([EditResult.EDITED, EditResult.GONE, EditResult.LATER])
    done: list[str] = []

    async def busy(_correction):
        return next(results)

    report = await app.moderation.correct(ANN, "discord", busy)
    assert (report.edited, report.gone, report.left) == (1, 1, 3)

    async def dies(correction):
        done.append(correction.message.message)
        if len(done) == 2:
            raise ConnectionError("the platform went away")
        return EditResult.EDITED

    with pytest.raises(ConnectionError):
        await app.moderation.correct(ANN, "discord", dies)

    async def calm(correction):
        done.append(correction.message.message)
        return EditResult.EDITED

    report = await app.moderation.correct(ANN, "discord", calm, entry_ids=["library-hours"])
    assert (report.edited, report.left) == (2, 0)
    assert len(set(done)) == 3
