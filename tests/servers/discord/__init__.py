"""A Discord to test against: REST and gateway on 127.0.0.1, with faults to order.

    async with DiscordServer() as server:
        channel = server.add_guild("Lab").add_channel("general")
        ...                                   # start a client on server.api_base, .gateway_url
        question = await server.ask(channel, server.add_user("ana"), "how much did it cost?")
        answer = await server.answer_to(question)

By hand: `python -m tests.servers.discord --port 8099`.
"""

from tests.servers.discord import faults
from tests.servers.discord.interactions import Exchange
from tests.servers.discord.people import find_component
from tests.servers.discord.record import Log, Request
from tests.servers.discord.server import DiscordServer
from tests.servers.discord.world import Channel, Guild, User

__all__ = [
    "Channel",
    "DiscordServer",
    "Exchange",
    "Guild",
    "Log",
    "Request",
    "User",
    "faults",
    "find_component",
]
