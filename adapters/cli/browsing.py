"""topics, show, chart: what the knowledge base holds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.cli.asking import make_screen
from adapters.cli.common import (
    JsonOption,
    KnowledgeOption,
    LocaleOption,
    is_terminal,
    known_locale,
    load_faq,
    print_json,
    terminal_locale,
    write_file,
)

if TYPE_CHECKING:
    from bot.knowledge import KnowledgeBase
    from bot.models import Entry

cli = typer.Typer()

IdArgument = Annotated[
    str, typer.Argument(metavar="ID", help="Id of the entry, as `aifaq topics` lists them.")
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="PNG to write; - for standard output; ID-LANGUAGE.png by default.",
        show_default=False,
    ),
]


@cli.command(epilog="Example: aifaq topics --locale fr")
def topics(
    locale: LocaleOption = None, as_json: JsonOption = False, knowledge: KnowledgeOption = None
) -> None:
    """List all questions by topic, with their ids."""
    faq = load_faq(knowledge)
    found = faq.topics(known_locale(faq, locale) or terminal_locale(faq) or "en")
    if as_json:
        print_json(
            [
                {"id": link.entry_id, "category": topic.category, "question": link.question}
                for topic in found
                for link in topic.links
            ]
        )
        return
    width = max(len(link.entry_id) for topic in found for link in topic.links)
    for at, topic in enumerate(found):
        typer.secho(("\n" if at else "") + topic.label, bold=True)
        for link in topic.links:
            typer.echo(f"  {link.entry_id:<{width}}  {link.question}")


@cli.command(epilog="Example: aifaq show deepseek-training-cost --locale fr")
def show(
    entry_id: IdArgument,
    locale: LocaleOption = None,
    as_json: JsonOption = False,
    knowledge: KnowledgeOption = None,
) -> None:
    """Show one entry as a reader sees it."""
    faq = load_faq(knowledge)
    entry = _find(faq.knowledge, entry_id)
    reply = faq.show(entry.id, known_locale(faq, locale) or terminal_locale(faq) or "en")
    if as_json:
        from adapters.cli.serial import answer_data

        print_json(answer_data(reply.answers[0]))
    else:
        make_screen(faq).reply(reply)


@cli.command(epilog="Example: aifaq chart deepseek-training-cost --locale fr -o cost.png")
def chart(
    entry_id: IdArgument,
    output: OutputOption = None,
    locale: LocaleOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Draw the figures of an entry as a PNG."""
    from bot.charts.entry import chart_png
    from bot.errors import AifaqError

    faq = load_faq(knowledge)
    entry = _find(faq.knowledge, entry_id)
    language = entry.locale_for(known_locale(faq, locale) or terminal_locale(faq) or "en")
    png = chart_png(entry, language, messages=faq.messages, sources=faq.knowledge.sources)
    if png is None:
        raise AifaqError(f"The entry {entry.id} has no figures to draw.")
    _write(png, output or Path(f"{entry.id}-{language}.png"))


def _find(knowledge: KnowledgeBase, entry_id: str) -> Entry:
    from difflib import get_close_matches

    from bot.errors import AifaqError

    entry = knowledge.find(entry_id)
    if entry is not None:
        return entry
    near = get_close_matches(entry_id, knowledge.entries, n=1, cutoff=0.4)
    hint = f"Did you mean {near[0]}?" if near else "`aifaq topics` lists them all."
    raise AifaqError(f"There is no entry {entry_id!r}. {hint}")


def _write(png: bytes, path: Path) -> None:
    from bot.errors import AifaqError

    if str(path) == "-":
        if is_terminal():
            raise AifaqError("A picture is not written to a terminal; name a file with -o.")
        sys.stdout.buffer.write(png)
        return
    write_file(path, png)
    typer.echo(path)
