"""import, export: entries as a spreadsheet, as JSON, as Markdown; and as a page to read."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.cli.common import KnowledgeOption, LocaleOption, load_settings

if TYPE_CHECKING:
    from bot.exchange import Record

cli = typer.Typer()


class Format(StrEnum):
    """What entries are exported as."""

    CSV = "csv"
    JSON = "json"
    MD = "md"
    HTML = "html"


@cli.command("export", epilog="Example: aifaq export --format csv -o faq.csv")
def export_entries(
    form: Annotated[Format, typer.Option("--format", help="html is a page to read.")] = Format.CSV,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Standard output by default.",
                     show_default=False),
    ] = None,
    locale: LocaleOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Write all entries into one file; `aifaq import` takes csv, json and md back without loss."""
    from bot.exchange.files import export
    from bot.service import Faq

    # The matcher is not asked anything here: no encoder.
    settings = load_settings(knowledge).model_copy(update={"encoder": "none"})
    text = export(Faq.load(settings), form, locale or "en")
    # Spreadsheets take a file for UTF-8 only if it begins with a mark.
    raw = text.encode("utf-8-sig" if form is Format.CSV and output else "utf-8")
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(raw)
    else:
        output.write_bytes(raw)
        typer.echo(f"{output} is written", err=True)


@cli.command("import", epilog="Example: aifaq import faq.csv --dry-run")
def import_entries(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .csv, .json or .md file.")],
    category: Annotated[
        str | None,
        typer.Option(help="For new entries that name none.", show_default=False),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the patch and write nothing.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Write although questions move to other entries.")
    ] = False,
    locale: LocaleOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Take entries in: new ones are made, known ones changed in what differs, nothing deleted.

    Comments and the layout of the files stay. What was exported and is imported changes nothing.
    """
    from bot.curation.editor import Editor
    from bot.curation.files import Files
    from bot.curation.git import identity
    from bot.exchange.files import read_file
    from bot.exchange.merging import merge
    from bot.permissions import terminal_moderator
    from bot.service import Faq

    settings = load_settings(knowledge)
    records = read_file(file, locale or settings.locale)
    if not _has_entries(settings.knowledge):
        _first_import(records, settings.knowledge, category)
        return
    faq = Faq.load(settings)
    editor, files = Editor(faq, settings), Files(settings.knowledge)
    changed = merge(records, files, faq.knowledge, category)
    if not changed:
        typer.echo("Nothing differs.", err=True)
        return
    if dry_run:
        typer.echo(editor.patch(files), nl=False)
        return
    by = terminal_moderator("en", *identity(settings.knowledge))
    applied = editor.apply_files(files, changed, by, f"Import {file.name}", force=force)
    if not applied.written:
        typer.echo("The folder is read-only; here is the patch.", err=True)
        typer.echo(applied.patch, nl=False)
        return
    for path in applied.paths:
        typer.echo(path)
    typer.echo(f"{len(applied.paths)} files are written" +
               (f", commit {applied.commit}" if applied.commit else ""), err=True)


def _first_import(records: list[Record], root: Path, category: str | None) -> None:
    """Entries into a folder that has none yet."""
    from bot.curation.editor import write_first
    from bot.curation.files import Files
    from bot.exchange.merging import merge
    from bot.knowledge import Glossary, KnowledgeBase

    nothing = KnowledgeBase(
        root=root, entries={}, sources={}, glossary=Glossary(), questions=(), out_of_scope=(),
        fingerprint="",
    )
    root.mkdir(parents=True, exist_ok=True)
    files = Files(root)
    merge(records, files, nothing, category)
    write_first(files)
    typer.echo(f"{len(files.edits)} files are written", err=True)


def _has_entries(root: Path) -> bool:
    from bot.knowledge import knowledge_files

    return root.is_dir() and any(len(path.relative_to(root).parts) > 1 and path.parent.name not in
                                 ("interface", "questions") for path in knowledge_files(root))
