"""The terminal as a platform of its own: to_question, a screen that shows replies, and a host."""

from __future__ import annotations

from adapters.console.host import Host
from adapters.console.screens import CardScreen, PlainScreen, Screen

__all__ = ["CardScreen", "Host", "PlainScreen", "Screen"]
