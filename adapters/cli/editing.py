"""new, variant: the moderators' edits from the shell, tried and written like theirs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.cli.common import KnowledgeOption, LocaleOption
from adapters.cli.curating import find_cluster
from adapters.cli.moderating import moderate, report

if TYPE_CHECKING:
    from bot.moderation import EntryForm, Moderation, Outcome
    from bot.permissions import Moderator

cli = typer.Typer()

ClusterOption = Annotated[
    str | None,
    typer.Option(
        "--miss", metavar="KEY", show_default=False,
        help="The group of `aifaq misses` that this deals with.",
    ),
]
TextsOption = list[str] | None


@cli.command(epilog='Example: aifaq variant deepseek-bans "which countries block it"')
def variant(
    entry_id: Annotated[str, typer.Argument(metavar="ID", help="The entry.")],
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT...", help="Other ways of asking it; those of --miss if none."),
    ] = None,
    locale: LocaleOption = None,
    miss: ClusterOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Add ways of asking an entry, after trying that they take nobody else's questions."""
    if not texts and not miss:
        raise typer.BadParameter("give a TEXT, or --miss KEY for the wordings of a group")

    async def work(moderation: Moderation, by: Moderator) -> Outcome:
        cluster = await find_cluster(moderation, by, miss) if miss else None
        chosen = locale or by.locale
        wordings: Sequence[str] = texts or ()
        if cluster is not None and not texts:
            chosen = locale or cluster.texts[0].locale
            wordings = [one.text for one in cluster.texts
                        if one.locale == chosen and not one.trimmed]
        elif not locale:
            chosen = moderation.language_of(" ".join(wordings)) or chosen
        return await moderation.add_variant(
            by, entry_id=entry_id, locale=chosen, texts=wordings,
            cluster=cluster.key if cluster else None,
        )

    report(moderate(work, knowledge, store=miss is not None))


@cli.command(
    epilog='Example: aifaq new r1-battery --category budget --question "en=Does R1 run on a '
    'battery?" --answer en=@answer.md'
)
def new(
    entry_id: Annotated[
        str, typer.Argument(metavar="ID", help="The new entry's id; the file's name.")
    ],
    category: Annotated[
        str | None, typer.Option(help="Folder; asked for when missing.", show_default=False)
    ] = None,
    questions: Annotated[
        TextsOption,
        typer.Option("--question", metavar="LANGUAGE=TEXT", help="Canonical question.",
                     show_default=False),
    ] = None,
    answers: Annotated[
        TextsOption,
        typer.Option("--answer", metavar="LANGUAGE=TEXT", show_default=False,
                     help="Answer in Markdown; @FILE reads it."),
    ] = None,
    variants: Annotated[
        TextsOption,
        typer.Option("--variant", metavar="LANGUAGE=TEXT", help="Another way of asking.",
                     show_default=False),
    ] = None,
    miss: ClusterOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Make a new entry; what is missing is asked for on a terminal."""

    async def work(moderation: Moderation, by: Moderator) -> Outcome:
        cluster = await find_cluster(moderation, by, miss) if miss else None
        form = await moderation.new_form(by, cluster.key if cluster else None)
        form = replace(
            form, id=entry_id, category=category or form.category,
            questions={**form.questions, **_texts(questions)},
            answers={**form.answers, **_texts(answers)},
            variants={**form.variants, **_lists(variants)},
        )
        if sys.stdin.isatty():
            form = _asked(form, moderation.categories, category)
        return await moderation.add_entry(by, form, cluster=cluster.key if cluster else None)

    report(moderate(work, knowledge, store=miss is not None))


def _asked(form: EntryForm, categories: Sequence[str], category: str | None) -> EntryForm:
    """The form completed by the person at the terminal; an empty line leaves a language out."""
    if category is None:
        form = replace(form, category=typer.prompt(f"Category ({', '.join(categories)})",
                                                   default=form.category))
    questions, answers = dict(form.questions), dict(form.answers)
    for locale, known in form.questions.items():
        questions[locale] = known or typer.prompt(
            f"Question [{locale}], empty to leave this language out", default="",
            show_default=False)
        if questions[locale] and not answers.get(locale):
            answers[locale] = typer.prompt(f"Answer [{locale}]")
    return replace(form, questions=questions, answers=answers)


def _texts(options: list[str] | None) -> dict[str, str]:
    return {locale: texts[-1] for locale, texts in _lists(options).items()}


def _lists(options: list[str] | None) -> dict[str, tuple[str, ...]]:
    """`LANGUAGE=TEXT` options by language.

    Raises:
        BadParameter: if one has another form, or its file cannot be read.
    """
    found: dict[str, tuple[str, ...]] = {}
    for option in options or ():
        locale, sign, text = option.partition("=")
        if not sign or len(locale) != 2:  # noqa: PLR2004 -- a language code
            raise typer.BadParameter(f"{option!r}: write LANGUAGE=TEXT, such as en=What is R1?")
        if text.startswith("@"):
            try:
                text = Path(text[1:]).read_text(encoding="utf-8-sig")
            except (OSError, UnicodeDecodeError) as error:
                raise typer.BadParameter(f"{text[1:]} cannot be read: {error}") from error
        found[locale] = (*found.get(locale, ()), text)
    return found
