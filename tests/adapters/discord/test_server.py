"""The test server itself: it must be as strict as Discord, or tests against it prove nothing."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.servers.discord import Channel, DiscordServer, User, faults
from tests.servers.discord.world import SEND_MESSAGES

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
async def open_server() -> AsyncIterator[DiscordServer]:
    """A server of which no good behaviour is demanded at the end."""
    async with DiscordServer() as made:
        made.add_guild("Lab").add_channel("general")
        yield made


@pytest.fixture
async def http(open_server: DiscordServer) -> AsyncIterator[aiohttp.ClientSession]:
    headers = {"Authorization": f"Bot {open_server.token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        yield session


def messages_url(server: DiscordServer) -> str:
    return f"{server.api_base}/channels/{server.guilds[0].channels[0].id}/messages"


# --- REST -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"content": "x" * 2001},
        {"content": ""},
        {"embeds": [{"title": "x" * 257}]},
        {"embeds": [{"description": "x" * 4096}, {"description": "x" * 2000}]},
        {"embeds": [{"fields": [{"name": "", "value": "x"}]}]},
        {"embeds": [{"image": {"url": "attachment://absent.png"}}]},
        {"content": "x", "components": [{"type": 2, "style": 1, "label": "x", "custom_id": "y"}]},
        {
            "content": "x",
            "components": [
                {
                    "type": 1,
                    "components": [
                        {"type": 2, "style": 1, "label": "x" * 81, "custom_id": "a"},
                        {"type": 2, "style": 1, "label": "x", "custom_id": "a" * 101},
                    ],
                }
            ],
        },
        {"content": "x", "nonce": "1" * 26},
    ],
)
async def test_a_body_beyond_the_limits_is_refused_and_noted(
    body: dict[str, object], open_server: DiscordServer, http: aiohttp.ClientSession
) -> None:
    """A 400 with code 50035, and a line in `violations`."""
    async with http.post(messages_url(open_server), json=body) as response:
        assert response.status == 400
        assert (await response.json())["code"] == 50035
    assert open_server.violations


async def test_an_unknown_route_or_token_is_refused(
    open_server: DiscordServer, http: aiohttp.ClientSession
) -> None:
    """What Discord does not have, this server does not have."""
    async with http.get(f"{open_server.api_base}/no/such/route") as response:
        assert response.status == 404
    assert open_server.violations
    wrong = {"Authorization": "Bot wrong"}
    async with http.get(f"{open_server.api_base}/users/@me", headers=wrong) as response:
        assert response.status == 401


async def test_a_repeated_nonce_makes_one_message(
    open_server: DiscordServer, http: aiohttp.ClientSession
) -> None:
    """The second request gets the first one's message."""
    made = []
    for _ in range(2):
        body = {"content": "once", "nonce": "7", "enforce_nonce": True}
        async with http.post(messages_url(open_server), json=body) as response:
            made.append((await response.json())["id"])
    assert made[0] == made[1]
    assert len(open_server.messages) == 1


async def test_a_full_bucket_answers_429_with_discords_headers(
    open_server: DiscordServer, http: aiohttp.ClientSession
) -> None:
    """As discord.py needs them to wait rightly."""
    open_server.limit_route("POST /channels/{channel_id}/messages", 1, 5.0)
    statuses = []
    for _ in range(2):
        async with http.post(messages_url(open_server), json={"content": "x"}) as response:
            statuses.append(response.status)
            headers = response.headers
            body = await response.json()
    assert statuses == [200, 429]
    assert headers["X-RateLimit-Remaining"] == "0"
    assert headers["Via"]
    assert 0 < body["retry_after"] <= 5


async def test_faults_come_in_order_and_run_out(
    open_server: DiscordServer, http: aiohttp.ClientSession
) -> None:
    """Reset, 503, late, then well again."""
    route = ("POST", "/channels/{channel_id}/messages")
    for fault in (faults.reset(), faults.server_error(503), faults.late(0.05)):
        open_server.faults.add(*route, fault)
    url, body = messages_url(open_server), {"content": "x"}
    with pytest.raises(aiohttp.ClientError):
        await http.post(url, json=body)
    statuses = [(await http.post(url, json=body)).status for _ in range(3)]
    assert statuses == [503, 200, 200]


async def test_who_would_be_pinged_is_noted(
    open_server: DiscordServer, http: aiohttp.ClientSession
) -> None:
    """By what `allowed_mentions` lets through."""
    ana = open_server.add_user("ana")
    text = f"@everyone {ana.mention}"
    for allowed in ({"parse": []}, {"users": [ana.id]}, None):
        body = {"content": text, "allowed_mentions": allowed}
        await http.post(messages_url(open_server), json=body)
    assert open_server.pings == [ana.id, ana.id, "@everyone"]


async def test_an_interaction_is_answered_once_and_in_time(
    open_server: DiscordServer, http: aiohttp.ClientSession
) -> None:
    """A second first response is refused, as is one after three seconds."""
    channel, ana = open_server.guilds[0].channels[0], open_server.add_user("ana")
    open_server.commands.replace(None, [{"name": "faq", "description": "x", "type": 1}])
    first = await open_server.command(channel, ana, "faq")
    late = await open_server.command(channel, ana, "faq")
    late.started -= 3.1
    answers = []
    for used in (first, first, late):
        url = f"{open_server.api_base}/interactions/{used.id}/{used.token}/callback"
        async with http.post(url, json={"type": 4, "data": {"content": "hi"}}) as response:
            answers.append((response.status, (await response.json()).get("code")))
    assert answers == [(200, None), (400, 40060), (404, 10062)]


# --- gateway --------------------------------------------------------------------------------


async def receive(ws: aiohttp.ClientWebSocketResponse) -> dict[str, object]:
    return json.loads((await ws.receive(5)).data)  # type: ignore[no-any-return]


async def identify(
    http: aiohttp.ClientSession, server: DiscordServer, **data: object
) -> aiohttp.ClientWebSocketResponse:
    ws = await http.ws_connect(f"{server.gateway_url}?v=10&encoding=json")
    assert (await receive(ws))["op"] == 10
    known = {"token": server.token, "intents": 1 << 9, "properties": {}}
    await ws.send_json({"op": 2, "d": known | data})
    return ws


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"token": "wrong"}, 4004),
        ({"intents": 1 << 15}, 4014),
        ({"intents": 1 << 40}, 4013),
        ({"shard": [3, 2]}, 4010),
    ],
)
async def test_a_wrong_identify_is_closed_with_its_code(
    data: dict[str, object], code: int, open_server: DiscordServer, http: aiohttp.ClientSession
) -> None:
    """Token, privileged intent, unknown intents, impossible shard."""
    ws = await identify(http, open_server, **data)
    assert (await ws.receive(5)).type is aiohttp.WSMsgType.CLOSE
    assert ws.close_code == code


async def test_content_is_withheld_without_the_intent(
    open_server: DiscordServer, http: aiohttp.ClientSession
) -> None:
    """Except where the bot is mentioned."""
    channel, ana = open_server.guilds[0].channels[0], open_server.add_user("ana")
    ws = await identify(http, open_server)
    assert (await receive(ws))["t"] == "READY"
    await open_server.say(channel, ana, "secret")
    await open_server.ask(channel, ana, "open")
    texts = [(await receive(ws))["d"]["content"] for _ in range(2)]  # type: ignore[index]
    assert texts == ["", f"{open_server.bot.mention} open"]


async def test_an_unknown_session_cannot_be_resumed(
    open_server: DiscordServer, http: aiohttp.ClientSession
) -> None:
    """Opcode 9, not resumable."""
    ws = await http.ws_connect(f"{open_server.gateway_url}?v=10&encoding=json")
    await receive(ws)
    data = {"token": open_server.token, "session_id": "gone", "seq": 1}
    await ws.send_json({"op": 6, "d": data})
    assert await receive(ws) == {"op": 9, "d": False}


async def test_zlib_is_offered_and_the_unknown_refused(
    open_server: DiscordServer, http: aiohttp.ClientSession
) -> None:
    """One stream for all frames of a connection; another compression is a 400."""
    base = f"{open_server.gateway_url}?v=10&encoding=json&compress="
    ws = await http.ws_connect(f"{base}zlib-stream")
    inflate = zlib.decompressobj()
    assert json.loads(inflate.decompress((await ws.receive(5)).data))["op"] == 10
    await ws.send_json({"op": 1, "d": None})
    assert json.loads(inflate.decompress((await ws.receive(5)).data))["op"] == 11
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await http.ws_connect(f"{base}lz4")


# --- with discord.py ------------------------------------------------------------------------


async def test_discord_py_itself_is_at_home(
    server: DiscordServer, channel: Channel, ana: User
) -> None:
    """A small bot without any of this project's code: command, modal, permission, message."""
    client = small_bot(server)
    running = asyncio.create_task(client.start(server.token))
    try:
        await server.gateway.ready.wait(lambda _: True)
        used = await server.command(channel, ana, "name")
        submitted = await server.submit(used, {"Name": "Zoe"})
        assert (await submitted.message())["content"] == "Hello Zoe"
        channel.bot_denied = SEND_MESSAGES
        await server.ask(channel, ana, "hi")
        refused = await server.requests.wait(lambda r: r.status == 403)
        assert refused[0].answer["code"] == 50013
    finally:
        await client.close()
        await running


def small_bot(server: DiscordServer) -> discord.Client:
    Route.BASE = server.api_base
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(server.gateway_url)
    client = discord.Client(intents=discord.Intents(guilds=True, guild_messages=True))
    tree = app_commands.CommandTree(client)

    class Form(discord.ui.Modal, title="Who"):
        name: discord.ui.TextInput[Form] = discord.ui.TextInput(label="Name")

        async def on_submit(self, interaction: discord.Interaction) -> None:
            await interaction.response.defer(thinking=True, ephemeral=True)
            await interaction.followup.send(f"Hello {self.name.value}")

    @tree.command(name="name", description="Tell your name")
    async def name(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Form())

    @client.event
    async def on_message(message: discord.Message) -> None:
        if not message.author.bot:
            with pytest.raises(discord.Forbidden):
                await message.channel.send("hello")

    async def setup() -> None:
        await tree.sync()

    client.setup_hook = setup  # type: ignore[method-assign]
    return client
