"""App Home: search, topics, language, most asked and recently updated answers.

The tab is a list of sections; each is a function from a visit to blocks. Another part of the bot
adds its own with `Home.add`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date

from adapters.slack.desk import Desk
from adapters.slack.handles import Action, Handle
from adapters.slack.mrkdwn import escape
from adapters.slack.parts import (
    BUTTON,
    JSON,
    PLACEHOLDER,
    actions,
    button,
    context,
    header,
    plain,
    section,
)
from adapters.slack.people import Reader
from adapters.slack.search import Search, option
from bot.models import Link

POPULAR, RECENT, OPTIONS, BLOCKS = 5, 5, 100, 100
AUTOMATIC = "auto"


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody looks at the home tab."""

    reader: Reader
    desk: Desk
    search: Search

    def say(self, key: str, **values: object) -> str:
        """A phrase in the visitor's language, as Slack markup."""
        return escape(self.desk.messages.text(key, self.reader.locale, **values))


Section = Callable[[Visit], Awaitable[list[JSON]]]


class Home:
    """The home tab of one desk."""

    def __init__(self, desk: Desk, search: Search) -> None:
        self.desk, self.search = desk, search
        self.sections: list[Section] = [welcome, topics, popular, recent, language]

    def add(self, extra: Section, *, first: bool = False) -> None:
        """Another section, at the end or above all."""
        self.sections.insert(0 if first else len(self.sections), extra)

    async def publish(self, user: str) -> None:
        """Show the tab to a person as it is now."""
        visit = Visit(await self.desk.people.reader(user), self.desk, self.search)
        blocks = [block for part in self.sections for block in await part(visit)]
        view = {"type": "home", "blocks": blocks[:BLOCKS]}
        await self.desk.client.views_publish(user_id=user, view=view)


async def welcome(visit: Visit) -> list[JSON]:
    """What this is, and the search."""
    name = f"@{visit.desk.me.name}"
    return [section(visit.say("slack.home.welcome", name=name)),
            visit.search.field(visit.reader.locale)]


async def topics(visit: Visit) -> list[JSON]:
    """One select for each category."""
    found = visit.desk.faq.topics(visit.reader.locale)
    placeholder = plain(visit.say("slack.home.choose"), PLACEHOLDER)
    return [_title(visit, "topics")] + [
        section(f"*{escape(topic.label)}* · {len(topic.links)}", accessory={
            "type": "static_select", "action_id": Action.TOPIC.id(topic.category),
            "placeholder": placeholder,
            "options": [option(link) for link in topic.links[:OPTIONS]],
        })
        for topic in found if topic.links
    ]


async def popular(visit: Visit) -> list[JSON]:
    """The questions asked most."""
    return [_title(visit, "popular"),
            *_links(visit, visit.desk.popular(visit.reader.locale, POPULAR), "popular")]


async def recent(visit: Visit) -> list[JSON]:
    """The answers whose facts are newest."""
    locale = visit.reader.locale
    entries = [entry for entry in visit.desk.faq.knowledge.entries.values() if entry.as_of]
    entries.sort(key=lambda entry: entry.as_of or date.min, reverse=True)
    links = [Link(entry.id, entry.text(locale).question) for entry in entries[:RECENT]]
    if not links:
        return []
    newest = entries[0].as_of or date.min
    day = visit.desk.messages.format_date(newest, locale)
    return [_title(visit, "recent"), context(visit.say("label.as_of", date=day)),
            *_links(visit, links, "recent")]


async def language(visit: Visit) -> list[JSON]:
    """The language of answers."""
    messages, reader = visit.desk.messages, visit.reader
    options = [
        {"text": plain(messages.text(f"language.{name}", reader.locale), BUTTON), "value": name}
        for name in (AUTOMATIC, *messages.locales)
    ]
    chosen = reader.chosen or AUTOMATIC
    select = {
        "type": "static_select", "action_id": Action.MY_LANGUAGE.id(), "options": options,
        "initial_option": next((o for o in options if o["value"] == chosen), options[0]),
    }
    return [_title(visit, "language"),
            section(visit.say("slack.home.language_help"), accessory=select)]


def _title(visit: Visit, name: str) -> JSON:
    return header(visit.desk.messages.text(f"slack.home.{name}", visit.reader.locale))


def _links(visit: Visit, links: Sequence[Link], name: str) -> list[JSON]:
    return actions([
        button(link.question, Action.RELATED.id(f"{name}{index}"),
               Handle(link.entry_id, visit.reader.locale, visit.reader.id))
        for index, link in enumerate(links)
    ])
