"""A Slack on 127.0.0.1: Web API, Socket Mode, response URLs, and signed requests to a bot."""

from tests.servers.slack.faults import (
    Fault,
    api_error,
    late,
    rate_limited,
    reset,
    server_error,
)
from tests.servers.slack.record import Ack, Call
from tests.servers.slack.server import SlackServer
from tests.servers.slack.world import Channel, Message, User

__all__ = [
    "Ack",
    "Call",
    "Channel",
    "Fault",
    "Message",
    "SlackServer",
    "User",
    "api_error",
    "late",
    "rate_limited",
    "reset",
    "server_error",
]
