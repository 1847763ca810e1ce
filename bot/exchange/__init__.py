"""Entries in and out: spreadsheets, JSON, Markdown; and a page to read.

What is exported and imported again changes nothing. An import touches only the fields that it
carries; whatever else an entry's file holds stays, comments included.
"""

from __future__ import annotations

from bot.exchange.records import Record, records_of

__all__ = ["Record", "records_of"]
