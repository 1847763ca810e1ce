"""HTTP for operators: `/healthz`, `/readyz` and `/metrics`, when `AIFAQ_HTTP` names an address.

Needs the extra `serve`; imported only when it is used.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.errors import MissingExtra

if TYPE_CHECKING:
    from bot.app import App

__all__ = ["serving"]


@asynccontextmanager
async def serving(app: App) -> AsyncIterator[int | None]:
    """Serve while the block runs; yields the port, or None when HTTP is off.

    Raises:
        SettingsError: if the address cannot be listened on.
        MissingExtra: if the libraries are not installed.
    """
    if app.settings.http is None:
        yield None
        return
    try:
        from adapters.http.server import Server
    except ImportError as error:
        raise MissingExtra("HTTP for health and metrics", "serve") from error
    server = Server(app)
    port = await server.start()
    try:
        yield port
    finally:
        await server.stop()
