"""The server: three pages, none of which says anything about a person."""

from __future__ import annotations

import logging

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from adapters.http.prometheus import Figures
from bot import metrics
from bot.app import App
from bot.errors import SettingsError
from bot.settings import parse_address

log = logging.getLogger("aifaq.http")


class Server:
    """One per process."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._figures = Figures(app)
        self._runner: web.AppRunner | None = None

    async def start(self) -> int:
        """Begin to listen and to count; returns the port.

        Raises:
            SettingsError: if the address cannot be listened on.
        """
        host, port = parse_address(self._app.settings.http or "")
        site = web.Application(client_max_size=1024)
        site.router.add_get("/healthz", self._alive)
        site.router.add_get("/readyz", self._ready)
        site.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(site, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            await self._runner.cleanup()
            words = f"AIFAQ_HTTP={host}:{port} cannot be listened on: {error.strerror}"
            raise SettingsError(words) from error
        metrics.install(self._figures)
        port = int(self._runner.addresses[0][1])
        log.info("Health and metrics on http://%s:%d", host, port)
        return port

    async def stop(self) -> None:
        """Stop listening and counting."""
        metrics.install(None)
        if self._runner is not None:
            await self._runner.cleanup()

    async def _alive(self, _request: web.Request) -> web.Response:
        """That this is answered at all is the sign of life."""
        return web.json_response({"ok": True})

    async def _ready(self, _request: web.Request) -> web.Response:
        """Whether questions can arrive: knowledge in service, every platform connected."""
        health, knowledge = self._app.health, self._app.faq.knowledge
        parts = {
            name: {"ok": part.ok, "detail": part.detail, "since": part.since.isoformat()}
            for name, part in health.parts.items()
        }
        ready = health.ready and bool(knowledge.entries)
        body = {
            "ready": ready,
            "knowledge": {"entries": len(knowledge.entries), "version": self._app.faq.version},
            "parts": parts,
        }
        return web.json_response(body, status=200 if ready else 503)

    async def _metrics(self, _request: web.Request) -> web.Response:
        body = generate_latest(self._figures.registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})
