"""check: every fault of a knowledge folder, then what its authors should look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.cli.common import KnowledgeOption, load_settings, print_json

if TYPE_CHECKING:
    from bot.lint import Finding
    from bot.settings import Settings

cli = typer.Typer()


class Format(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    GITHUB = "github"
    JSON = "json"


@cli.command(epilog="Example: aifaq check knowledge --strict")
def check(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="Folder to check.", show_default=False),
    ] = None,
    knowledge: KnowledgeOption = None,
    form: Annotated[
        Format, typer.Option("--format", help="github prints annotations for a pull request.")
    ] = Format.TEXT,
    strict: Annotated[bool, typer.Option(help="Fail on warnings, too.")] = False,
) -> None:
    """Find every fault of a knowledge folder.

    What is broken first; if nothing is, what could be better: an entry that takes another's
    question is named with its thief. Exit code 1 when there are faults, 0 when there are none.
    """
    from bot.lint import exit_code

    settings = load_settings(folder or knowledge)
    findings = find(settings)
    if form is Format.JSON:
        print_json([asdict(finding) for finding in findings])
    elif form is Format.GITHUB:
        for finding in findings:
            typer.echo(annotation(finding, settings.knowledge))
    else:
        _print_text(findings, settings.knowledge)
    raise typer.Exit(exit_code(findings, strict=strict))


def find(settings: Settings) -> list[Finding]:
    """Faults of the files; only a base without any can be looked at further."""
    from bot.errors import KnowledgeError
    from bot.knowledge import Fault, load_knowledge
    from bot.knowledge.messages import load_messages
    from bot.lint import Finding, Severity, lint
    from bot.service import Faq, load_sentence_encoder

    faults: list[Fault] = []
    for load in (load_knowledge, load_messages):
        try:
            load(settings.knowledge)
        except KnowledgeError as error:
            faults += error.faults
    if faults:
        return [
            Finding(fault.path, fault.line, Severity.ERROR, "broken-file", fault.message)
            for fault in faults
        ]
    knowledge, messages = load_knowledge(settings.knowledge), load_messages(settings.knowledge)
    encoder = load_sentence_encoder(settings)
    faq = Faq(knowledge, messages, settings=settings, encoder=encoder)
    return lint(knowledge, matcher=faq.matcher)


def annotation(finding: Finding, root: Path) -> str:
    """A finding as a workflow command, which GitHub shows at the line in the pull request."""
    path = _escaped((root / finding.path).as_posix(), ":,")
    head = f"::{finding.severity} file={path},line={finding.line},title={finding.code}"
    return f"{head}::{_escaped(finding.message)}"


def _escaped(text: str, more: str = "") -> str:
    for character in "%\r\n" + more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _print_text(findings: Sequence[Finding], root: Path) -> None:
    for finding in findings:
        typer.echo(str(finding))
    counts = Counter(str(finding.severity) for finding in findings)
    words = [f"{count} {name}{'s' if count > 1 else ''}" for name, count in counts.items()]
    typer.echo(f"{root}: {', '.join(words) or 'clean'}", err=True)
