"""Runs the server by hand: what you type is asked by a person in #general, `dm ...` privately."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
from functools import partial

from tests.servers.discord.server import DiscordServer

tell = partial(print, flush=True)


async def serve(port: int, locale: str) -> None:
    server = DiscordServer()
    await server.start(port)
    channel = server.add_guild("Lab", locale=locale).add_channel("general")
    person = server.add_user("ana", locale=locale)
    for name, value in server.environment.items():
        tell(f"{name}={value}")
    tell(f"guild {server.guilds[0].id}, channel {channel.id}")
    printing = asyncio.create_task(_print_requests(server))
    try:
        while line := await asyncio.to_thread(sys.stdin.readline):
            if line.startswith("dm "):
                await server.say(server.dm(person), person, line[3:].strip())
            elif line.strip():
                await server.ask(channel, person, line.strip())
        await asyncio.Event().wait()
    finally:
        printing.cancel()
        await server.stop()


async def _print_requests(server: DiscordServer) -> None:
    shown = 0
    while True:
        request = (await server.requests.wait(lambda _: True, after=shown, seconds=1e9))[0]
        shown += 1
        tell(request, json.dumps(request.body, ensure_ascii=False))
        for breach in server.violations:
            tell(f"!! {breach}")
        server.violations.clear()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--locale", default="en-US")
    arguments = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(arguments.port, arguments.locale))
