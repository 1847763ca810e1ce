"""What a message says once Slack's own signs are taken out of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.questions import is_addressed, to_locale, to_text

BOT = "U0BOT"


@pytest.mark.parametrize(("raw", "text"), [
    ("<@U0BOT> what is R1?", "what is R1?"),
    ("<@U0BOT|aifaq>: what is R1?", "what is R1?"),
    ("hey <@U0BOT>, what is R1?", "hey , what is R1?"),
    ("<@U0BOT>", ""),
    ("what is <https://x.org|DeepSeek R1>?", "what is DeepSeek R1?"),
    ("see <https://x.org>", "see https://x.org"),
    ("ask <@U123|ana> in <#C1|general> <!here|@here>", "ask @ana in #general @here"),
    ("ask <@U123> in <#C1> <!channel>", "ask  in"),
    ("R1 &lt; V3 &amp; V4 &gt; V2", "R1 < V3 & V4 > V2"),
    ("&lt;!channel&gt;", "<!channel>"),
    ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
    ("*bold* question", "*bold* question"),
])
def test_texts(raw: str, text: str) -> None:
    """Mentions, links and entities as a person sees them."""
    assert to_text(raw, BOT) == text


@given(st.text(max_size=300))
def test_any_text_is_read(raw: str) -> None:
    """Nothing that a person can write stops the bot."""
    assert f"<@{BOT}>" not in to_text(f"<@{BOT}> {raw.replace('<', '')}", BOT)


@pytest.mark.parametrize(("event", "addressed"), [
    ({"type": "app_mention", "text": "x"}, True),
    ({"type": "message", "channel_type": "im", "text": "x"}, True),
    ({"type": "message", "channel_type": "channel", "text": "x"}, False),
    ({"type": "message", "channel_type": "mpim", "text": "hi <@U0BOT>"}, True),
    ({"type": "message", "channel_type": "channel", "text": "hi <@U0BOT|faq>"}, True),
    ({"type": "message", "channel_type": "channel", "text": "hi <@U0BOTX>"}, False),
    ({"type": "message", "channel_type": "channel"}, False),
])
def test_who_is_addressed(event: dict[str, str], addressed: bool) -> None:
    """A mention of the bot, or its own direct messages."""
    assert is_addressed(event, BOT) is addressed


@pytest.mark.parametrize(("told", "locale"), [
    ("fr-FR", "fr"), ("fr_CA", "fr"), ("FR", "fr"), ("en-GB", "en"), ("de-DE", None), ("", None),
    (None, None),
])
def test_locales(told: str | None, locale: str | None) -> None:
    """Of a profile."""
    assert to_locale(told, ("en", "fr")) == locale
