"""The server itself: the world, the record of what came in, the faults on order, start and stop."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from aiohttp import web

from tests.servers.discord import messages, rest
from tests.servers.discord.commands import Commands
from tests.servers.discord.faults import Faults
from tests.servers.discord.gateway import DIRECT_MESSAGES, GUILD_MESSAGES, Gateway
from tests.servers.discord.interactions import Exchange
from tests.servers.discord.people import People
from tests.servers.discord.record import Log, Request
from tests.servers.discord.world import (
    CONTENT_INTENT_FLAGS,
    DM,
    JSON,
    Channel,
    Guild,
    User,
    snowflake,
)


class DiscordServer(People):
    """A Discord on 127.0.0.1: REST under `api_base`, gateway at `gateway_url`.

    What clients send is in `requests` (REST) and `gateway.received`; what broke a documented limit
    (or Discord's OpenAPI document, when at hand) is in `violations` and was answered with a 400;
    who was notified is in `pings`.
    """

    def __init__(self, *, token: str = "test.token.secret", shards: int = 1) -> None:
        self.token, self.shards = token, shards
        self.bot = User("faq", bot=True)
        self.app_flags = 0
        self.requests: Log[Request] = Log()
        self.violations: list[str] = []
        self.pings: list[str] = []
        self.faults = Faults()
        self.gateway = Gateway(self)
        self.commands = Commands(self.app_id)
        self.users: dict[str, User] = {self.bot.id: self.bot}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, JSON] = {}
        self.exchanges: dict[str, Exchange] = {}
        self.buckets: dict[str, rest.Bucket] = {}
        self.sent: Log[JSON] = Log()
        """Messages that the bot made, in order."""
        self.deleted: list[str] = []
        self._guilds: list[Guild] = []
        self._nonces: dict[tuple[str, str], JSON] = {}
        self._runner: web.AppRunner | None = None
        self._port = 0

    # --- addresses --------------------------------------------------------------------------

    @property
    def app_id(self) -> str:
        return self.bot.id

    @property
    def api_base(self) -> str:
        return f"http://127.0.0.1:{self._port}/api/v10"

    @property
    def gateway_url(self) -> str:
        return f"ws://127.0.0.1:{self._port}/gateway"

    @property
    def cdn(self) -> str:
        return f"http://127.0.0.1:{self._port}/cdn"

    @property
    def environment(self) -> dict[str, str]:
        """What a bot in a process of its own needs to find this server."""
        return {
            "DISCORD_TOKEN": self.token,
            "DISCORD_API_BASE": self.api_base,
            "DISCORD_GATEWAY_URL": self.gateway_url,
        }

    # --- the world --------------------------------------------------------------------------

    @property
    def guilds(self) -> list[Guild]:
        return self._guilds

    def add_user(self, name: str, *, locale: str = "en-US", bot: bool = False) -> User:
        user = User(name, locale, bot)
        self.users[user.id] = user
        return user

    def add_guild(self, name: str, *, locale: str = "en-US", installed: bool = True) -> Guild:
        guild = Guild(name, self.bot, self.add_user(f"{name}-owner"), locale, installed)
        self._guilds.append(guild)
        return guild

    def channel(self, channel_id: str) -> Channel | None:
        for guild in self._guilds:
            for channel in guild.channels:
                if channel.id == channel_id:
                    return channel
        return self.channels.get(channel_id)

    def dm(self, user: User) -> Channel:
        """The one DM channel with `user`."""
        for channel in self.channels.values():
            if channel.type == DM and channel.recipients == [user]:
                return channel
        return self.add_private(DM, user)

    def add_private(self, kind: int, *users: User) -> Channel:
        channel = Channel(kind, recipients=list(users))
        self.channels[channel.id] = channel
        return channel

    def grant_message_content(self) -> None:
        self.app_flags |= CONTENT_INTENT_FLAGS

    def limit_route(self, name: str, limit: int, seconds: float) -> None:
        """Give a route (`POST /channels/{channel_id}/messages`) a bucket, per channel or token."""
        self.buckets[name] = rest.Bucket(limit, seconds)

    # --- what happens to messages -----------------------------------------------------------

    async def post(
        self,
        channel: Channel,
        author: User,
        body: JSON,
        *,
        files: dict[str, bytes] | None = None,
        reference: JSON | None = None,
        extra: JSON | None = None,
    ) -> JSON:
        """Store a message and tell the gateway; the message. A repeated nonce is sent once."""
        key = (channel.id, str(body.get("nonce")))
        if body.get("enforce_nonce") and key in self._nonces:
            return self._nonces[key]
        made = messages.build(
            channel,
            author,
            body,
            files=files,
            users=self.users,
            reference=reference,
            cdn=f"{self.cdn}/{snowflake()}",
        )
        made |= extra or {}
        self.messages[made["id"]] = made
        if body.get("enforce_nonce"):
            self._nonces[key] = made
        if author is self.bot:
            self.pings += messages.pings(body, author)
            self.sent.append(made)
        if not made["flags"] & messages.EPHEMERAL:
            await self._tell("MESSAGE_CREATE", channel, made)
        return made

    async def edit(self, message: JSON, body: JSON, files: dict[str, bytes]) -> JSON:
        messages.change(message, body, files, f"{self.cdn}/{snowflake()}")
        self.sent.notify()
        channel = self.channel(message["channel_id"])
        if channel and not message["flags"] & messages.EPHEMERAL:
            await self._tell("MESSAGE_UPDATE", channel, message)
        return message

    async def delete(self, message: JSON) -> None:
        """Remove a message, whoever does it."""
        self.messages.pop(message["id"], None)
        self.deleted.append(message["id"])
        self.requests.notify()
        channel = self.channel(message["channel_id"])
        if channel:
            gone = {"id": message["id"], "channel_id": channel.id}
            await self._tell("MESSAGE_DELETE", channel, gone)

    async def _tell(self, event: str, channel: Channel, data: JSON) -> None:
        guild = channel.guild
        if guild and not guild.installed:
            return
        intent = GUILD_MESSAGES if guild else DIRECT_MESSAGES
        told = data | ({"guild_id": guild.id} if guild else {"channel_type": channel.type})
        await self.gateway.dispatch(event, told, guild_id=channel.guild_id, intent=intent)

    # --- start and stop ---------------------------------------------------------------------

    async def start(self, port: int = 0) -> None:
        app = web.Application(client_max_size=32 * 2**20)
        app.router.add_get("/gateway", self.gateway.handle)
        app.router.add_get("/gateway/", self.gateway.handle)
        rest.add_routes(app, self)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        for connection in list(self.gateway.connections):
            await connection.ws.close(code=1001)
        if self._runner:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()
