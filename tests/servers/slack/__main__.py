"""Runs the server by hand: what you type is asked by a person in #general, `dm ...` privately."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys

from tests.servers.slack.server import SlackServer


async def serve(port: int, locale: str, events_url: str | None) -> None:
    server = SlackServer()
    server.events_url = events_url
    await server.start(port)
    channel, person = server.add_channel("general"), server.add_user("ana", locale=locale)
    print(
        f"SLACK_BOT_TOKEN={server.bot_token}\nSLACK_APP_TOKEN={server.app_token}\n"
        f"SLACK_SIGNING_SECRET={server.signing_secret}\nSLACK_API_BASE_URL={server.api_base_url}",
        flush=True,
    )
    printing = asyncio.create_task(_print_calls(server))
    try:
        while line := (await asyncio.to_thread(sys.stdin.readline)):
            if line.startswith("dm "):
                await server.write(person, line[3:].strip())
            elif line.startswith("/"):
                await server.command(channel, person, line.partition(" ")[2].strip())
            elif line.strip():
                await server.ask(channel, person, line.strip())
        await asyncio.Event().wait()
    finally:
        printing.cancel()
        await server.stop()


async def _print_calls(server: SlackServer) -> None:
    shown = 0
    while True:
        call = (await server.calls.wait(lambda _: True, after=shown, timeout=1e9))[0]
        shown += 1
        print(call.method, call.status, json.dumps(call.body, ensure_ascii=False), flush=True)
        for breach in server.violations:
            print(f"!! {breach}", flush=True)
        server.violations.clear()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--locale", default="en-US")
    parser.add_argument("--events-url", help="send signed requests there instead of Socket Mode")
    arguments = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(arguments.port, arguments.locale, arguments.events_url))
