"""Line editing of the terminal chat: completion of commands and questions, and history."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from adapters.console.host import Host

MOST = 8
"""Lines that are offered."""


class HostCompleter(Completer):
    """Commands after a slash, else the questions of the knowledge base."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def get_completions(
        self,
        document: Document,
        complete_event: CompleteEvent,  # noqa: ARG002
    ) -> Iterable[Completion]:
        """What may continue the line."""
        typed = document.text_before_cursor
        if typed.startswith("/"):
            found = [name for name in self._host.commands if name.startswith(typed)]
        else:
            links = self._host.faq.complete(typed, self._host.locale, limit=MOST)
            found = [link.question for link in links]
        for line in found:
            yield Completion(line, start_position=-len(typed))


def open_history(path: Path) -> History:
    """Lines of earlier chats; of this one only, where the file cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("a").close()
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(path))
