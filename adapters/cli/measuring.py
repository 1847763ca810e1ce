"""rank, eval: the engine for programs, and how well it does."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.cli.common import (
    JsonOption,
    KnowledgeOption,
    check_writable,
    is_terminal,
    load_faq,
    print_json,
    write_file,
)

if TYPE_CHECKING:
    from bot.evaluation import Labelled, Metrics, Report

cli = typer.Typer()

LABELS = {
    "in_scope": "questions in scope",
    "out_of_scope": "questions out of scope",
    "accuracy_at_1": "accuracy@1",
    "accuracy_at_3": "accuracy@3",
    "mrr": "mean reciprocal rank",
    "answered": "answered, in scope",
    "suggested": "suggested, in scope",
    "silent": "silent, in scope",
    "wrong_answers": "wrong answers, in scope",
    "false_answers": "false answers, out of scope",
    "false_suggestions": "false suggestions, out of scope",
    "right_at_5": "accuracy at 5% false answers",
    "auroc": "AUROC, in against out of scope",
    "calibration_error": "expected calibration error",
    "chance_error": "  by chance, if all are true",
}


@cli.command(epilog="""Example: echo '{"text": "is R1 open source?"}' | aifaq rank""")
def rank(
    knowledge: KnowledgeOption = None,
    locale: Annotated[
        str | None,
        typer.Option(
            "--locale",
            metavar="LANGUAGE",
            help="Language of the persons whose lines name none.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Rank entries for questions on stdin.

    JSON lines in, JSON lines out, in the same order. In: {"text": "…", "locale": "fr"}, where the
    locale may be left out. Out: {"decision": "answer|suggest|none", "confidence": 0.93,
    "locale": "fr", "candidates": [{"id": "…", "confidence": 0.93}, …]}. A line that cannot be
    read gets {"error": "…"}.
    """
    from adapters.cli.ranking import rank_line, read_lines

    faq = load_faq(knowledge)
    for line in read_lines(sys.stdin.buffer):
        sys.stdout.write(json.dumps(rank_line(faq, line, locale)) + "\n")
        sys.stdout.flush()


@cli.command("eval", epilog="Example: aifaq eval questions.jsonl --plot quality.png")
def evaluate(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE.jsonl]",
            help="Questions with the right ids; the base's own regression questions by default.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE.png", help="Draw reliability and risk against coverage."),
    ] = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Measure how well questions are answered.

    By language and overall, on questions whose right answers are known.

    A line of the file is {"text": "…", "lang": "fr", "id": "…" or null, "accept": ["…"]}; null
    means that the FAQ has no answer to it.
    """
    from bot.evaluation import evaluate, read_questions, regression_questions

    if plot:
        check_writable(plot)
    questions = read_questions(file) if file else None
    faq = load_faq(knowledge)
    report = evaluate(faq, questions or regression_questions(faq.knowledge), _progress)
    if plot:
        from bot.charts.evaluation import quality_png

        write_file(plot, quality_png(report))
    if as_json:
        print_json(_data(report))
    else:
        _print_table(report)
    if plot:
        typer.echo(f"plots: {plot}", err=True)


def _progress(questions: Iterable[Labelled]) -> Iterable[Labelled]:
    """A bar on the terminal of a person who would otherwise wait in the dark."""
    if not sys.stderr.isatty():
        return questions
    from rich.console import Console
    from rich.progress import track

    return track(questions, "asking", console=Console(stderr=True), transient=True)


def _data(report: Report) -> dict[str, Any]:
    return {
        "overall": _numbers(report.overall),
        "by_locale": {name: _numbers(found) for name, found in report.by_locale.items()},
        "confusions": [asdict(confusion) for confusion in report.confusions],
    }


def _numbers(metrics: Metrics) -> dict[str, float | None]:
    """JSON knows no NaN: a measure that could not be taken is null."""
    return {
        name: None if math.isnan(value) else round(value, 4)
        for name, value in asdict(metrics).items()
    }


def _print_table(report: Report) -> None:
    columns = {**report.by_locale, "all": report.overall}
    typer.secho(f"{'':<32}" + "".join(f"{name:>9}" for name in columns), bold=is_terminal())
    for name, label in LABELS.items():
        cells = (_cell(name, getattr(metrics, name)) for metrics in columns.values())
        typer.echo(f"{label:<32}" + "".join(f"{cell:>9}" for cell in cells))
    if report.confusions:
        typer.secho("\nworst confusions: right entry, entry that came first", bold=is_terminal())
    for one in report.confusions:
        right = one.expected or "(out of scope)"
        typer.echo(f"{one.count:>4}  {right} → {one.got}  e.g. {one.example[:70]!r}")


def _cell(name: str, value: float) -> str:
    if math.isnan(value):
        return "–"
    if name in ("in_scope", "out_of_scope"):
        return f"{value:.0f}"
    if name in ("mrr", "auroc", "calibration_error", "chance_error"):
        return f"{value:.3f}"
    return f"{value:.1%}"
