"""Drafts: changes that wait for approval."""

from __future__ import annotations

from adapters.slack.admin import forms
from adapters.slack.admin.controls import Control, Ref
from adapters.slack.admin.desk import AdminDesk, Case, Work
from adapters.slack.admin.page import Page, Say, code, sentences
from adapters.slack.mrkdwn import cut, escape
from adapters.slack.parts import JSON, SECTION, actions, context, fit, section
from bot.moderation import DraftView

MOST = 25
WITH_TEXTS = ("entry", "answer")
"""Kinds of drafts that can be completed in a form."""


class Drafts:
    """Pages of drafts for one desk."""

    def __init__(self, admin: AdminDesk) -> None:
        self.admin = admin
        self.pages: dict[Control, Work] = {
            Control.DRAFTS: self._list,
            Control.DRAFT: self._show,
            Control.APPLY: self._apply,
            Control.REJECT: self._reject,
            Control.COMPLETE: self._complete,
            Control.EXPORT: self._export,
        }

    async def _list(self, case: Case) -> Page:
        say, found = case.say, await self.admin.moderation.drafts(case.by)
        if not found:
            return sentences(say("drafts.none"))
        blocks = [section(f"*{escape(say('drafts.title'))}*")]
        for draft in found[:MOST]:
            look = say.button("look", Control.DRAFT, Ref(draft=str(draft.id)))
            look["action_id"] = Control.DRAFT.id(draft.id)
            blocks += [section(cut(escape(draft.title), SECTION), accessory=look),
                       context(self._by(draft, say))]
        return Page(blocks + actions([say.button("export", Control.EXPORT, Ref())]))

    async def _show(self, case: Case) -> Page:
        say = case.say
        draft = await self.admin.moderation.draft(case.by, case.about.draft_id or 0)
        if draft is None:
            return sentences(say("drafts.gone"), *self._back(say))
        blocks = [section(f"*{cut(escape(draft.title), SECTION - 2)}*"),
                  context(self._by(draft, say))]
        if draft.problems:
            lines = [f"*{escape(say('drafts.problems'))}*",
                     *(f"• {escape(line)}" for line in draft.problems)]
            blocks.append(section(fit(lines, SECTION, "\n")))
        for title, text in (("change", draft.content), ("diff", draft.diff)):
            if text.strip():
                blocks += [section(f"*{escape(say(f'drafts.{title}'))}*"), code(text)]
        return Page(blocks + actions(self._controls(draft, say)))

    def _controls(self, draft: DraftView, say: Say) -> list[JSON]:
        about = Ref(draft=str(draft.id))
        controls = [say.button("back", Control.DRAFTS, Ref())]
        if draft.status != "open":
            return controls
        complete = ([say.button("complete", Control.COMPLETE, about)]
                    if draft.kind in WITH_TEXTS else [])
        return [
            say.button("apply", Control.APPLY, about, style="primary"), *complete,
            say.button("reject", Control.REJECT, about, **say.confirm("reject")),
            say.button("export", Control.EXPORT, about), *controls,
        ]

    async def _apply(self, case: Case) -> Page:
        outcome = await self.admin.moderation.apply(case.by, case.about.draft_id or 0)
        return await self.admin.outcome(case, outcome, *self._back(case.say))

    async def _reject(self, case: Case) -> Page:
        outcome = await self.admin.moderation.reject(case.by, case.about.draft_id or 0)
        return await self.admin.outcome(case, outcome, *self._back(case.say))

    async def _complete(self, case: Case) -> Page:
        say, number = case.say, case.about.draft_id or 0
        draft = await self.admin.moderation.draft(case.by, number)
        form = await self.admin.moderation.draft_form(case.by, number)
        if draft is None or form is None:
            return sentences(say("drafts.gone"), *self._back(say))
        about = Ref(draft=str(number), entry=form.id, base=form.base)
        if draft.kind == "entry":
            return forms.new(form, self.admin.categories(say.locale), about, say)
        page = forms.edit(form, about, say)
        return page or sentences(say("form.too_long", entry=form.id), *self._back(say))

    async def _export(self, case: Case) -> Page:
        """One draft, or all that are open, as a file in direct messages."""
        number = case.about.draft_id
        patch = await self.admin.moderation.export(case.by, [number] if number else [])
        if not patch:
            return sentences(case.say("drafts.none"))
        words = case.say("drafts.patch", draft=number) if number else case.say("drafts.patches")
        await self.admin.window.send_file(
            case.by.id, f"draft-{number}.patch" if number else "drafts.patch", patch, words)
        return sentences(case.say("drafts.sent"), *self._back(case.say))

    def _by(self, draft: DraftView, say: Say) -> str:
        day = self.admin.desk.messages.format_date(draft.at.date(), say.locale)
        return escape(say("drafts.by", draft=draft.id, by=draft.by, date=day))

    @staticmethod
    def _back(say: Say) -> list[JSON]:
        return actions([say.button("back", Control.DRAFTS, Ref())])
