"""From Slack to the core: is a message meant for the bot, and what does it ask?"""

from __future__ import annotations

import html
import re
from typing import Any

from bot.models import Locale, Question

JSON = dict[str, Any]
PLATFORM = "slack"

_MARKUP = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_LEADING = re.compile(r"^[\s:,;.–—-]+")


def is_noise(event: JSON, bot_user: str) -> bool:
    """Whether an event is nothing that a person has just written: edits, bots, the bot itself."""
    return bool(
        event.get("subtype")
        or event.get("bot_id")
        or event.get("edited")
        or event.get("hidden")
        or event.get("user") in (None, bot_user)
    )


def is_addressed(event: JSON, bot_user: str) -> bool:
    """Whether a message is meant for the bot: a mention, or anything in a direct message."""
    if event.get("type") == "app_mention" or event.get("channel_type") == "im":
        return True
    text = str(event.get("text") or "")
    return re.search(rf"<@{bot_user}(?:\|[^<>]*)?>", text) is not None


def to_text(raw: str, bot_user: str) -> str:
    """What a person sees of a message, without the mention of the bot."""

    def shown(found: re.Match[str]) -> str:
        kind, target, label = found.groups()
        if kind == "@":
            return "" if target == bot_user else f"@{label}" if label else ""
        if kind == "#":
            return f"#{label}" if label else ""
        if kind == "!":
            return label or ""
        return label or target

    return _LEADING.sub("", html.unescape(_MARKUP.sub(shown, raw))).strip()


def conversation_key(channel: str, user: str, thread: str | None = None) -> str:
    """Where follow-ups are understood: a person's thread, or their place in a channel."""
    place = f"{channel}/{thread}" if thread else channel
    return f"{PLATFORM}:{place}:{user}"


def to_locale(slack_locale: str | None, known: tuple[Locale, ...]) -> Locale | None:
    """One of the bot's languages for a profile's `fr-FR` or `en-GB`."""
    language = (slack_locale or "").replace("_", "-").partition("-")[0].lower()
    return language if language in known else None


def to_question(
    text: str,
    *,
    key: str,
    hint: Locale | None = None,
    forced: Locale | None = None,
    context: str | None = None,
) -> Question:
    """A question for the core.

    Args:
        text: what was asked, as a person sees it.
        key: from `conversation_key`.
        hint: the language of the person's profile.
        forced: the language that they chose for all answers.
        context: id of the entry shown last in the thread.
    """
    return Question(
        text=text, locale=hint, conversation=key, context=context, forced_locale=forced
    )
