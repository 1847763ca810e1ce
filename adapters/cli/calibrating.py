"""calibrate: fit the confidences on a base's own questions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.cli.common import KnowledgeOption, load_settings

if TYPE_CHECKING:
    from bot.matching.calibrate import Report

cli = typer.Typer()


@cli.command(epilog="Example: aifaq calibrate --knowledge knowledge")
def calibrate(
    knowledge: KnowledgeOption = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="File to write; calibration.yaml in the knowledge folder by default.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Fit the confidences on the base's own questions.

    So that of the answers given at 0.9, nine in ten are right. It learns from questions/ of the
    knowledge folder, and shows what to expect at each of the three settings of AIFAQ_ANSWERING.
    """
    from bot.errors import AifaqError
    from bot.knowledge import load_knowledge
    from bot.matching.calibrate import calibrate, write_calibration
    from bot.service import load_sentence_encoder

    settings = load_settings(knowledge)
    base = load_knowledge(settings.knowledge)
    encoder = load_sentence_encoder(settings)
    name = str(getattr(encoder, "name", ""))
    made, report = calibrate(base, encoder, name, lambda text: typer.echo(f"  {text}", err=True))
    path = output or settings.knowledge / "calibration.yaml"
    summary = (
        f"{report.questions} questions, cross-validated: "
        f"{report.accuracy:.1%} of those in scope have the right entry first."
    )
    try:
        write_calibration(made, path, summary)
    except OSError as error:
        raise AifaqError(f"Cannot write {path}: {error.strerror}. Name a file with -o.") from error
    typer.echo(summary)
    _print_rates(report)
    typer.echo(f"written: {path}")


def _print_rates(report: Report) -> None:
    from bot.dialog.responder import CUTOFFS

    typer.echo(f"{'':<10}{'cutoff':>8}{'answered':>10}{'wrong':>8}{'false':>8}")
    for name, cutoffs in CUTOFFS.items():
        rates = report.rates(cutoffs.answer)
        answered, wrong, false = (f"{rates[key]:.1%}" for key in ("answered", "wrong", "false"))
        typer.echo(f"{name:<10}{cutoffs.answer:>8.2f}{answered:>10}{wrong:>8}{false:>8}")
    typer.echo("answered and wrong: of questions in scope; false: of those out of scope, answered")
