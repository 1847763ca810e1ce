"""Groups of commands whose module is imported when one of them is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup


def lazy_group(module: str) -> type[TyperGroup]:
    """A group class that finds its commands in `module.cli`, a Typer, when it needs them."""

    class LazyGroup(TyperGroup):
        def _loaded(self) -> Any:
            return typer.main.get_group(import_module(module).cli)

        def list_commands(self, ctx: Any) -> list[str]:
            names: list[str] = self._loaded().list_commands(ctx)
            return names

        def get_command(self, ctx: Any, cmd_name: str) -> Any:
            return self._loaded().get_command(ctx, cmd_name)

    return LazyGroup
