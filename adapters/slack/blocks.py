"""From the core to Slack: a Reply becomes blocks with a fallback text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from adapters.slack.handles import Action, Handle
from adapters.slack.mrkdwn import cut, cut_bytes, escape, link, split, to_mrkdwn
from adapters.slack.parts import (
    BUTTON,
    CONTEXT,
    JSON,
    SECTION,
    actions,
    button,
    context,
    fit,
    header,
    plain,
    section,
)
from bot.figures import format_value
from bot.knowledge.messages import Messages
from bot.models import Answer, Figures, Link, Locale, Reply, ReplyKind, Source

ALT = 2000
"""Most characters of a picture's description."""
FALLBACK_BYTES = 3900
"""`chat.update` takes 4,000 bytes of text."""
SECTIONS = 12
"""Most sections of one answer; far more than an entry may hold."""
RELATED = 4


class Place(Enum):
    """Where a reply is shown; decides about its controls."""

    PUBLIC = "public"
    DIRECT = "direct"
    PRIVATE = "private"
    """A message that only the asker sees."""
    VIEW = "view"
    """A modal."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message ready for Slack."""

    text: str
    """Fallback for notifications and screen readers, in Slack markup."""
    blocks: list[JSON] = field(default_factory=list)
    answers: tuple[Answer, ...] = ()

    def plain(self) -> Rendered:
        """Without what Slack may refuse for reasons of its own: pictures, feedback buttons."""
        optional = {"image", "context_actions"}
        kept = [block for block in self.blocks if block["type"] not in optional]
        return replace(self, blocks=kept)


@dataclass(frozen=True, slots=True)
class Setting:
    """Who sees a reply, and where."""

    place: Place
    asker: str
    """Slack's id of the person; empty where nobody knows any more, and then nobody has a bin."""
    thread: str = ""
    """In a preview: the thread to which it may be posted."""
    shareable: bool = True
    """In a private message or view: whether there is a channel to share it in."""
    shared_by: str = ""
    """Id of the person who posts somebody an answer."""
    note: str = ""
    """A line below all."""
    charts: Mapping[str, str] = field(default_factory=dict)
    """File id of the chart by entry id; figures without one are listed."""


def to_blocks(reply: Reply, messages: Messages, setting: Setting) -> Rendered:
    """The message that shows `reply`."""
    return _Writer(reply, messages, setting).write()


def source_name(source: Source) -> str:
    """A source in a line: publisher, title, date."""
    name = f"{source.publisher}, {source.title}" if source.title else source.publisher
    return f"{name} ({source.date})" if source.date else name


class _Writer:
    """Writes one reply."""

    def __init__(self, reply: Reply, messages: Messages, setting: Setting) -> None:
        self.reply, self.messages, self.setting = reply, messages, setting
        self.locale = reply.locale

    def say(self, key: str, locale: Locale | None = None, **values: object) -> str:
        return self.messages.text(key, locale or self.locale, **values)

    def write(self) -> Rendered:
        if self.reply.kind is ReplyKind.ANSWER:
            blocks = [block for answer in self.reply.answers for block in self._answer(answer)]
        else:
            blocks = self._other()
        if self.setting.shared_by:
            by = self.say("slack.note.shared_by", person=f"<@{self.setting.shared_by}>")
            blocks.append(context(by))
        if self.setting.note:
            blocks.append(context(escape(self.setting.note)))
        return Rendered(self._fallback(), blocks, self.reply.answers)

    def _fallback(self) -> str:
        parts = [escape(self.reply.text)] if self.reply.text else []
        parts += [f"*{escape(answer.question)}*\n{to_mrkdwn(answer.text)}"
                  for answer in self.reply.answers]
        parts += [f"• {escape(found.question)}" for found in self.reply.suggestions]
        return cut_bytes("\n".join(parts), FALLBACK_BYTES) or "…"

    # --- without an answer ------------------------------------------------------------------

    def _other(self) -> list[JSON]:
        parts = split(escape(self.reply.text), SECTION) or ["…"]
        blocks = [section(part) for part in parts[:SECTIONS]]
        picks = [
            button(found.question, Action.PICK.id(index), self._handle(found))
            for index, found in enumerate(self.reply.suggestions)
        ]
        controls = [] if self.setting.place is Place.VIEW else [self._search()]
        return blocks + actions(picks) + actions(controls + self._hide()) + self._delete()

    def _handle(self, found: Link) -> Handle:
        return Handle(found.entry_id, self.locale, self.setting.asker,
                      question=self.reply.question, thread=self.setting.thread)

    def _search(self) -> JSON:
        return button(self.say("slack.button.search"), Action.SEARCH.id(),
                      Handle(locale=self.locale, asker=self.setting.asker))

    # --- an answer --------------------------------------------------------------------------

    def _answer(self, answer: Answer) -> Iterator[JSON]:
        yield header(answer.question)
        yield from (section(part) for part in split(to_mrkdwn(answer.text), SECTION)[:SECTIONS])
        yield from self._figures(answer)
        yield from (context(line) for line in self._small_print(answer) if line)
        yield from self._related(answer)
        yield from actions(self._controls(answer))
        yield from self._feedback(answer)

    def _figures(self, answer: Answer) -> Iterator[JSON]:
        if answer.figures is None:
            return
        lines = figure_lines(answer.figures, answer.locale, self.messages)
        title = self.say("label.figures", answer.locale)
        chart = self.setting.charts.get(answer.entry_id)
        if chart:
            alt = cut(f"{title}: {'; '.join(lines)}", ALT)
            yield {"type": "image", "slack_file": {"id": chart}, "alt_text": alt}
        else:
            listed = [f"*{escape(title)}*", *(f"• {escape(line)}" for line in lines)]
            yield section(fit(listed, SECTION, "\n"))

    def _small_print(self, answer: Answer) -> Iterator[str]:
        day = self.messages.format_date(answer.as_of, answer.locale) if answer.as_of else ""
        parts = []
        if answer.standing is not None:
            name = self.say("label.standing", answer.locale)
            parts.append(f"{name}: *{self.say(f'standing.{answer.standing}', answer.locale)}*")
        if day:
            parts.append(self.say("label.as_of", answer.locale, date=day))
        yield " · ".join(parts)
        if answer.review_due:
            yield "⚠️ " + escape(self.say("label.review_due", answer.locale, date=day))
        links = [link(source.url, source_name(source)) for source in answer.sources]
        if links:
            yield fit([f"{self.say('label.sources', answer.locale)}:", *links], CONTEXT, "\n")

    def _related(self, answer: Answer) -> Iterator[JSON]:
        shown = {other.entry_id for other in self.reply.answers}
        links = [found for found in answer.related if found.entry_id not in shown][:RELATED]
        if not links:
            return
        yield context(f"*{self.say('label.related', answer.locale)}*")
        yield from actions([
            button(found.question, Action.RELATED.id(index),
                   Handle(found.entry_id, answer.locale, self.setting.asker,
                          thread=self.setting.thread))
            for index, found in enumerate(links)
        ])

    def _controls(self, answer: Answer) -> list[JSON]:
        handle = Handle(answer.entry_id, answer.locale, self.setting.asker, answer.revision,
                        self.reply.question, self.setting.thread)
        controls = []
        if self.setting.place in (Place.PRIVATE, Place.VIEW) and self.setting.shareable:
            action = Action.POST if self.setting.thread else Action.SHARE
            label = "slack.button.post" if self.setting.thread else "slack.button.share"
            controls.append(button(self.say(label), action.id(), handle, style="primary"))
        return controls + (self._languages(handle) + self._hide() if self._is_last(answer) else [])

    def _languages(self, handle: Handle) -> list[JSON]:
        """A switch of all answers of the message, to each language that all of them have."""
        answers = self.reply.answers
        handle = replace(handle, entry_id=" ".join(answer.entry_id for answer in answers))
        return [
            button(self.say("slack.button.read_in", locale), Action.LANGUAGE.id(locale),
                   replace(handle, locale=locale))
            for locale in answers[-1].other_locales
            if all(locale in answer.other_locales for answer in answers)
        ]

    def _is_last(self, answer: Answer) -> bool:
        return answer is self.reply.answers[-1]

    def _hide(self) -> list[JSON]:
        if self.setting.place is not Place.PRIVATE:
            return []
        handle = Handle(locale=self.locale, asker=self.setting.asker)
        return [button(self.say("slack.button.hide"), Action.HIDE.id(), handle)]

    def _delete(self, *others: JSON) -> list[JSON]:
        """Small controls below, ended by a bin that only the asker sees."""
        elements = list(others)
        if self.setting.asker and self.setting.place in (Place.PUBLIC, Place.DIRECT):
            label = plain(self.say("slack.button.delete"), BUTTON)
            handle = Handle(locale=self.locale, asker=self.setting.asker)
            elements.append({
                "type": "icon_button", "icon": "trash", "text": label, "value": handle.encode(),
                "accessibility_label": label["text"], "action_id": Action.DELETE.id(),
                "visible_to_user_ids": [self.setting.asker],
            })
        return [{"type": "context_actions", "elements": elements}] if elements else []

    def _feedback(self, answer: Answer) -> Iterator[JSON]:
        if self.setting.place is Place.VIEW:
            return
        handle = Handle(answer.entry_id, answer.locale, revision=answer.revision)
        thumbs = {
            "type": "feedback_buttons",
            "action_id": Action.FEEDBACK.id(),
            "positive_button": self._thumb("helpful", replace(handle, rating="up")),
            "negative_button": self._thumb("unhelpful", replace(handle, rating="down")),
        }
        if self._is_last(answer):
            yield from self._delete(thumbs)
        else:
            yield {"type": "context_actions", "elements": [thumbs]}

    def _thumb(self, name: str, handle: Handle) -> JSON:
        label = plain(self.say(f"slack.button.{name}"), BUTTON)
        return {"text": label, "accessibility_label": label["text"], "value": handle.encode()}


def figure_lines(figures: Figures, locale: Locale, messages: Messages) -> list[str]:
    """Figures in words: what, how much, how firm."""
    lines = []
    for figure in figures.values:
        label = figure.labels.get(locale) or next(iter(figure.labels.values()), "")
        value = format_value(figure.value, figures.unit, locale, messages)
        line = f"{label}{messages.text('slack.colon', locale)}{value}"
        if figure.standing:
            line += f" ({messages.text(f'standing.{figure.standing}', locale)})"
        lines.append(line)
    return lines
