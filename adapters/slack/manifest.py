"""The app manifest: what Slack is told about the app, with the least scopes that it needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from adapters.slack.handles import ANSWER_SHORTCUT, HTTP_PATH, SEARCH_SHORTCUT
from bot.knowledge.messages import Messages
from bot.models import Link, Locale

JSON = dict[str, Any]

SCOPES = {
    "app_mentions:read": "to be asked in channels",
    "assistant:write": "to suggest questions in direct messages",
    "chat:write": "to answer",
    "commands": "for the slash command and the shortcuts",
    "files:write": "for charts",
    "im:history": "to be asked in direct messages",
    "users:read": "to answer in the language of a person's profile",
}
"""Scopes of the bot token, with what each is for."""
GROUPS_SCOPE = "usergroups:read"
"""Needed only where AIFAQ_SLACK_MODERATORS names a user group."""
EVENTS = ("app_home_opened", "app_mention", "message.im")
PROMPTS = 4


def manifest(
    messages: Messages,
    locale: Locale,
    *,
    name: str = "aifaq",
    command: str = "/faq",
    prompts: Sequence[Link] = (),
    url: str | None = None,
    agent: bool = True,
    user_groups: bool = False,
) -> JSON:
    """The manifest as data.

    Args:
        messages: the bot's own phrases.
        locale: language of descriptions and shortcuts; Slack has one for all people.
        name: display name of the bot.
        command: the slash command.
        prompts: questions suggested before anybody has asked.
        url: public address of HTTP mode, such as `https://faq.example.org`; None for Socket Mode.
        user_groups: whether moderators are named by user groups.
        agent: whether direct messages are the agent view; guests cannot use an app that has it.
    """

    def say(key: str) -> str:
        return messages.text(f"slack.manifest.{key}", locale)

    endpoint = f"{url.rstrip('/').removesuffix(HTTP_PATH)}{HTTP_PATH}" if url else None
    at = {"url": endpoint} if endpoint else {}
    request = {"request_url": endpoint} if endpoint else {}
    menu = {"message_menu_options_url": endpoint} if endpoint else {}
    features: JSON = {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True,
                     "messages_tab_read_only_enabled": False},
        "bot_user": {"display_name": name, "always_online": True},
        "shortcuts": [
            {"name": say("answer"), "type": "message", "callback_id": ANSWER_SHORTCUT,
             "description": say("answer_help")},
            {"name": say("search"), "type": "global", "callback_id": SEARCH_SHORTCUT,
             "description": say("search_help")},
        ],
        "slash_commands": [{"command": command, **at, "description": say("command"),
                            "usage_hint": say("command_hint"), "should_escape": False}],
    }
    if agent:
        features["agent_view"] = {
            "agent_description": say("agent"),
            "suggested_prompts": [{"title": link.question, "message": link.question}
                                  for link in prompts[:PROMPTS]],
        }
    return {
        "display_information": {"name": name, "description": say("description"),
                                "long_description": say("long_description"),
                                "background_color": "#252a34"},
        "features": features,
        "oauth_config": {"scopes": {"bot": [
            *(scope for scope in SCOPES if agent or scope != "assistant:write"),
            *([GROUPS_SCOPE] if user_groups else []),
        ]}},
        "settings": {
            "event_subscriptions": {**request, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **request, **menu},
            "org_deploy_enabled": False,
            "socket_mode_enabled": endpoint is None,
            "token_rotation_enabled": False,
        },
    }


def to_yaml(told: JSON) -> str:
    """The manifest as text to paste."""
    return yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=100)
