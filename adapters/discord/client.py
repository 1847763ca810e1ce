"""The client: discord.py with this bot's commands, controls and listening."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from typing import Any

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord.commands import all_commands
from adapters.discord.controls import Controls
from adapters.discord.delivery import persist
from adapters.discord.desk import Desk
from adapters.discord.interactions import report
from adapters.discord.listening import Listening
from adapters.discord.resuming import ShardedClient
from adapters.discord.sharding import Shards
from adapters.discord.sync import sync_commands
from adapters.discord.translation import PhraseTranslator
from adapters.discord.views import Control
from adapters.discord.waits import counting_waits
from bot.logs import of_question
from bot.settings import Settings

log = logging.getLogger("aifaq.discord")

discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # nobody speaks here

FINISH_SECONDS = 4.5
"""For what is in hand when the bot is told to stop, so that all ends within ten."""
READ_SECONDS, HANG_UP_SECONDS = 0.1, 1.0
"""For reading what has arrived already, and for the farewell."""

API_BASE, GATEWAY = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY


def in_a_line(record: logging.LogRecord) -> bool:
    """Log filter for what is ordinary, such as a lost connection: the cause without traceback."""
    if record.exc_info and record.exc_info[1] is not None:
        cause = record.exc_info[1]
        record.msg, record.args = f"{record.getMessage()} ({cause or type(cause).__name__})", ()
        record.exc_info = record.exc_text = None
    return True


for _name in ("discord.shard", "discord.app_commands.tree"):
    logging.getLogger(_name).addFilter(in_a_line)


class FaqTree(app_commands.CommandTree["FaqClient"]):
    """The command tree; what goes wrong around a command is told like what goes wrong in it."""

    async def on_error(
        self, interaction: discord.Interaction[FaqClient], error: app_commands.AppCommandError, /
    ) -> None:
        """An error outside a command's own guard, such as an option that cannot be read."""
        with of_question() as number:
            await report(interaction, error, number)


class FaqClient(ShardedClient):
    """One connection's life; the supervisor makes a new one when it ends."""

    def __init__(
        self,
        desk: Desk,
        *,
        listen_to_all: bool,
        shards: Shards | None = None,
        guild: int | None = None,
    ) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
        intents.message_content = listen_to_all
        options: dict[str, Any] = {}
        if shards is not None:
            options = {"shard_ids": list(shards.ids), "shard_count": shards.total}
        super().__init__(
            intents=intents,
            **options,
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            http_trace=counting_waits(),
        )
        self.desk = desk
        self.controls = Controls(desk)
        self.listening = Listening(desk)
        self.tree = FaqTree(self)
        self.connected = asyncio.Event()
        """Set from the first session on; a supervisor's sign that the start succeeded."""
        self._guild = guild
        self._up: set[int] = set()
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        point_at(desk.app.settings)

    # --- start ------------------------------------------------------------------------------

    async def setup_hook(self) -> None:
        """Called once logged in, before the gateway is connected."""
        settings = self.desk.app.settings
        count, address, _ = await persist(self.http.get_bot_gateway)
        if settings.discord_gateway_url is None:
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(address)
        if self.shard_count is None:
            self.shard_count = count
        self._check_content_intent()
        self.add_dynamic_items(Control)
        for command in all_commands(self.desk):
            self.tree.add_command(command)
        await self.tree.set_translator(PhraseTranslator(lambda: self.desk.messages))
        await self._sync()

    async def _sync(self) -> None:
        """Commands that cannot be written are no reason not to answer questions."""
        try:
            await sync_commands(self.tree, guild=self._guild)
        except discord.HTTPException as error:
            log.error("Discord did not take the commands (%s); the old ones stay", error)  # noqa: TRY400

    def _check_content_intent(self) -> None:
        flags = self.application_flags
        granted = flags.gateway_message_content or flags.gateway_message_content_limited
        if self.intents.message_content and not granted:
            log.error(
                "AIFAQ_DISCORD_AUTO_CHANNELS needs the Message Content intent, which Discord has"
                " not granted: turn it on at https://discord.com/developers/applications, Bot,"
                " Privileged Gateway Intents. Until then only mentions, DMs and commands are"
                " answered."
            )
            self._connection._intents.message_content = False  # noqa: SLF001 -- set before identify

    async def on_shard_connect(self, shard_id: int) -> None:
        """A session is up; with an own gateway, resume there and not at Discord's."""
        self.connected.set()
        self._note_shard(shard_id, up=True)
        if self.desk.app.settings.discord_gateway_url:
            socket = self._get_websocket(shard_id=shard_id)
            socket.gateway = DiscordWebSocket.DEFAULT_GATEWAY

    async def on_shard_resumed(self, shard_id: int) -> None:
        """A session goes on."""
        self._note_shard(shard_id, up=True)

    async def on_shard_disconnect(self, shard_id: int) -> None:
        """A connection was lost; discord.py sees to it."""
        self._note_shard(shard_id, up=False)

    def _note_shard(self, shard_id: int, *, up: bool) -> None:
        """Keep the health of the whole: up when every shard of this process is."""
        (self._up.add if up else self._up.discard)(shard_id)
        wanted = len(self.shard_ids or range(self.shard_count or 1))
        detail = f"{len(self._up)} of {wanted} shards connected"
        self.desk.app.health.set("discord", len(self._up) == wanted, detail)

    # --- events -----------------------------------------------------------------------------

    async def on_message(self, message: discord.Message) -> None:
        """A message somewhere; the listening decides."""
        assert self.user is not None
        with self.busy():
            await self.listening.hear(message, self.user)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """A form was sent: discord.py knows only those of its own process."""
        if interaction.type is discord.InteractionType.modal_submit:
            await self.controls.fill(interaction)

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        """An answer that is gone can be given again."""
        self.desk.posted.deleted(event.message_id)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """An error that no handler caught; it touches nothing else."""
        del args, kwargs
        log.exception("error in %s", event_method)  # noqa: LOG004 -- discord.py is handling one

    # --- stop -------------------------------------------------------------------------------

    @contextlib.contextmanager
    def busy(self) -> Iterator[None]:
        """Around work that a stop should let finish."""
        self._running += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    async def finish(self, seconds: float = FINISH_SECONDS) -> None:
        """Hang up, finish all that had arrived until then, and close."""
        await asyncio.sleep(READ_SECONDS)
        ending = (shard.disconnect() for shard in self.shards.values())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(
                asyncio.gather(*ending, return_exceptions=True), HANG_UP_SECONDS
            )
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), seconds)
        await self.close()


def point_at(settings: Settings) -> None:
    """Point discord.py at the REST and gateway addresses of the settings."""
    base, gateway = settings.discord_api_base, settings.discord_gateway_url
    Route.BASE = base.rstrip("/") if base else API_BASE
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway) if gateway else GATEWAY
