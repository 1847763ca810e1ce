"""The `aifaq` command line, one small module per group of commands.

A command module has a `cli = typer.Typer()` with its commands and is named in `MODULES`; it
imports at its top only what is cheap, and the rest inside its commands, so that `aifaq --help`
and shell completion stay instant.
"""

from __future__ import annotations

from importlib import import_module

import typer

from adapters.cli.lazy import lazy_group

MODULES = (
    "asking",  # chat, ask, explain
    "browsing",  # topics, show, chart
    "measuring",  # rank, eval
    "checking",  # check
    "calibrating",  # calibrate
    "curating",  # misses, drafts
    "reviewing",  # stats, due
    "editing",  # new, variant
    "exchanging",  # import, export
    "running",  # run
    "operating",  # settings, doctor
)

app = typer.Typer(
    name="aifaq",
    help="Answers questions about the AI industry from a curated knowledge base, in English and "
    "French, on Discord, on Slack and here.",
    epilog="Every command has its own --help with an example. "
    "Exit codes: 0 done, 1 an error or faults found, 2 wrong usage.",
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help needs no rich, which takes as long to load as typer
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for _name in MODULES:
    app.add_typer(import_module(f"adapters.cli.{_name}").cli)
for _platform in ("discord", "slack"):
    app.add_typer(
        typer.Typer(
            cls=lazy_group(f"adapters.{_platform}.cli"),
            help=f"Set up and examine the {_platform.capitalize()} bot.",
            no_args_is_help=True,
        ),
        name=_platform,
    )


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            number = version("aifaq")
        except PackageNotFoundError:  # run from a folder that is not installed
            number = "of an unknown version, not installed"
        typer.echo(f"aifaq {number}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Show the version."
    ),
) -> None:
    pass
