"""What Slack may answer instead of doing what it is asked, and how to say it to people."""

from __future__ import annotations

REFUSED = {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "invalid_attachments"}
NOT_THERE = {"not_in_channel", "channel_not_found"}
PROBLEMS = {
    "not_in_channel": "not_in_channel",
    "channel_not_found": "not_in_channel",
    "is_archived": "archived",
    "restricted_action": "not_allowed",
    "restricted_action_thread_locked": "not_allowed",
    "restricted_action_read_only_channel": "not_allowed",
    "restricted_action_non_threadable_channel": "not_allowed",
    "restricted_action_thread_only_channel": "not_allowed",
    "cannot_reply_to_message": "not_allowed",
    "message_not_found": "message_gone",
    "cant_delete_message": "message_gone",
    "ratelimited": "busy",
    "rate_limited": "busy",
    "expired_trigger_id": "too_late",
    "invalid_trigger_id": "too_late",
    "exchanged_trigger_id": "too_late",
}
"""The key under `slack.problem` by Slack's code."""


def problem_key(code: str) -> str | None:
    """The phrase for Slack's code; None when it is nothing that a person can mend."""
    name = PROBLEMS.get(code)
    return f"slack.problem.{name}" if name else None
