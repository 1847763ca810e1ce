"""What the moderators' buttons, selects and forms do. Who may is asked anew each time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from adapters.discord.admin.bench import PATCH, Bench, Work
from adapters.discord.admin.correcting import Corrector
from adapters.discord.admin.details import Details
from adapters.discord.admin.forms import (
    Fields,
    entry_form,
    filled,
    fits,
    shortened,
    wordings,
    wordings_form,
)
from adapters.discord.desk import Desk
from adapters.discord.handles import Handle
from adapters.discord.interactions import Interaction, Where, whisper
from adapters.discord.messages import Document, Outgoing
from adapters.discord.questions import PLATFORM
from bot.curation.problems import Problem
from bot.errors import AifaqError, CurationError
from bot.moderation import EntryForm
from bot.moderation.misses import Cluster
from bot.permissions import Moderator

Values = tuple[str, ...]
Doing = Callable[[Moderator, str, Values], Awaitable[Outgoing]]
HURRY = 1.5
"""Seconds in which a form must be ready: Discord takes one only as the first response."""
DAYS = 30


class AdminControls(Details):
    """Pages and actions by verb; `use` is for buttons and selects, `fill` for forms."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._pages: dict[str, Callable[[str], Work]] = {
            "misses": lambda _: self.misses_of(DAYS),
            "group": self.group_of,
            "drafts": lambda _: self.drafts,
            "draft": lambda number: self.draft_of(int(number)),
            "due": lambda _: self.due,
            "review": self.review_of,
        }
        self._actions: dict[str, tuple[Doing, str]] = {
            "new": (self._new, "misses"),
            "scope": (self._scope, "misses"),
            "dismiss": (self._dismiss, "misses"),
            "apply": (self._apply, "drafts"),
            "reject": (self._reject, "drafts"),
            "export": (self._export, "drafts"),
            "holds": (self._holds, "due"),
        }

    async def use(self, interaction: Interaction, handle: Handle, values: Values) -> None:
        """A button was pressed, or a row chosen."""
        verb, argument = _parts(handle)
        if verb in self._pages:
            page = self._pages[verb](values[0] if values else argument)
            await self.show(interaction, page, Where.IN_PLACE)
        elif verb in self._actions:
            doing, back = self._actions[verb]

            async def work(by: Moderator) -> Outgoing:
                return await doing(by, argument, values)

            await self.show(interaction, work, Where.IN_PLACE, back=(back,))
        elif verb in ("correct", "correctall"):
            await self._correct(interaction, int(argument or 14), values)
        elif verb == "edit":
            await open_editor(self, interaction, argument)
        elif verb == "write":
            await self._open_draft(interaction, int(argument))
        elif verb == "variant":
            await self._open_wordings(interaction, argument, values[0])

    async def fill(self, interaction: Interaction, handle: Handle, fields: Fields) -> None:
        """A form was sent."""
        verb, about = _parts(handle)
        works: dict[str, Callable[[Moderator], Awaitable[Outgoing]]] = {
            "variant": lambda by: self._add_wordings(by, about, fields),
            "edit": lambda by: self._edit(by, about, fields),
            "write": lambda by: self._write(by, int(about), fields),
        }
        if verb in works:
            typed = "\n\n".join(text for text in fields.values() if text.strip())
            await self.show(interaction, works[verb], Where.PRIVATE, typed=typed)

    # --- misses -----------------------------------------------------------------------------

    async def _new(self, by: Moderator, key: str, _: Values) -> Outgoing:
        form = shortened(await self.moderation.new_form(by, key))
        return self.draft_page(await self.moderation.propose_entry(by, form, cluster=key), by)

    async def _scope(self, by: Moderator, key: str, _: Values) -> Outgoing:
        return self.outcome(by.locale, await self.moderation.out_of_scope(by, key), ("misses",))

    async def _dismiss(self, by: Moderator, key: str, _: Values) -> Outgoing:
        return self.outcome(by.locale, await self.moderation.dismiss(by, key), ("misses",))

    async def _open_wordings(self, interaction: Interaction, key: str, entry_id: str) -> None:
        by = await self.admitted(interaction)
        if by is None:
            return
        cluster = self.seen.get(key) or await self._quickly(by, key)
        modal = wordings_form(self, by.locale, key, cluster, entry_id)
        await interaction.response.send_modal(modal)

    async def _quickly(self, by: Moderator, key: str) -> Cluster | None:
        """The group if it is found in time; else its form opens empty."""
        try:
            return await asyncio.wait_for(self.moderation.cluster(by, key), HURRY)
        except (TimeoutError, AifaqError):
            return None

    async def _add_wordings(self, by: Moderator, entry_id: str, fields: Fields) -> Outgoing:
        key, found = wordings(fields)
        if not found:
            raise CurationError(Problem("no_change", {"entry": entry_id}))
        texts: list[str] = []
        patches: list[Document] = []
        for at, (locale, lines) in enumerate(found.items(), 1):
            last = at == len(found)  # the group is dealt with when all is added
            try:
                done = await self.moderation.add_variant(
                    by, entry_id=entry_id, locale=locale, texts=lines,
                    cluster=key or None if last else None,
                )
            except AifaqError as error:
                if not texts:
                    raise
                texts += [self.moderation.explain(error, by.locale), "\n".join(lines)]
                break
            texts.append(done.text)
            patches.append((f"{locale}-{PATCH}", done.patch))
        return self.note(by.locale, "\n".join(texts), ("misses",), documents=patches)

    # --- texts ------------------------------------------------------------------------------

    async def _edit(self, by: Moderator, entry_id: str, fields: Fields) -> Outgoing:
        empty = EntryForm(entry_id, "", {}, {}, {})
        return self.outcome(by.locale, await self.moderation.edit(by, filled(empty, fields)))

    async def _open_draft(self, interaction: Interaction, number: int) -> None:
        by = await self.admitted(interaction)
        if by is None:
            return
        try:
            form = await self.moderation.draft_form(by, number)
        except AifaqError as error:
            await whisper(interaction, self.moderation.explain(error, by.locale))
            return
        await _open(self, interaction, by, form, "write", str(number))

    async def _write(self, by: Moderator, number: int, fields: Fields) -> Outgoing:
        form = await self.moderation.draft_form(by, number)
        if form is None:
            raise CurationError(Problem("no_draft", {"draft": number}))
        complete = filled(form, fields)
        put = self.moderation.edit if complete.base else self.moderation.add_entry
        return self.outcome(by.locale, await put(by, complete, draft=number), ("drafts",))

    # --- drafts and reviews -----------------------------------------------------------------

    async def _apply(self, by: Moderator, number: str, _: Values) -> Outgoing:
        return self.outcome(by.locale, await self.moderation.apply(by, int(number)), ("drafts",))

    async def _reject(self, by: Moderator, number: str, _: Values) -> Outgoing:
        return self.outcome(by.locale, await self.moderation.reject(by, int(number)), ("drafts",))

    async def _export(self, by: Moderator, _argument: str, _: Values) -> Outgoing:
        patch = await self.moderation.export(by)
        notes_only = all(line.startswith("#") for line in patch.splitlines())
        key = "incomplete" if notes_only else "exported"
        text = self.say(key if patch.strip() else "none.drafts", by.locale)
        return self.note(by.locale, text, ("drafts",), documents=((PATCH, patch),))

    async def _holds(self, by: Moderator, entry_id: str, values: Values) -> Outgoing:
        again = datetime.now(UTC).date() + timedelta(days=int(values[0]))
        done = await self.moderation.reviewed(by, entry_id, again)
        return self.outcome(by.locale, done, ("due",))

    # --- corrections ------------------------------------------------------------------------

    async def _correct(self, interaction: Interaction, days: int, entry_ids: Values) -> None:
        corrector = Corrector(self.desk, interaction.client)

        async def work(by: Moderator) -> Outgoing:
            report = await self.moderation.correct(
                by, PLATFORM, corrector.edit, entry_ids=entry_ids, days=days
            )
            return self.note(by.locale, report.text)

        await self.show(interaction, work, Where.PRIVATE)


async def open_editor(bench: Bench, interaction: Interaction, entry_id: str) -> None:
    """The form with an entry's questions and answers."""
    by = await bench.admitted(interaction)
    if by is None:
        return
    form = await bench.moderation.form(by, entry_id)
    await _open(bench, interaction, by, form, "edit", entry_id)


async def _open(
    bench: Bench, interaction: Interaction, by: Moderator, form: EntryForm | None, verb: str,
    about: str,
) -> None:
    if form is None:
        await whisper(interaction, bench.say("no_entry", by.locale))
    elif not fits(form):
        await whisper(interaction, bench.say("too_long", by.locale, entry=form.id))
    else:
        about = form.id if verb == "edit" else about
        await interaction.response.send_modal(entry_form(bench, by.locale, form, verb, about))


def _parts(handle: Handle) -> tuple[str, str]:
    """Verb and argument."""
    verb, argument, *_ = (*handle.entries, "", "")
    return verb, argument
