"""misses, drafts: what people asked and did not get, and what waits for approval."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.cli.common import JsonOption, KnowledgeOption, print_json
from adapters.cli.moderating import SinceOption, days_of, moderate, report

if TYPE_CHECKING:
    from bot.moderation import DraftView, Moderation, Outcome
    from bot.moderation.misses import Cluster
    from bot.permissions import Moderator

cli = typer.Typer()
misses = typer.Typer(help="What people asked and did not get, in groups, most asked first.")
drafts = typer.Typer(help="Changes that wait for approval.")
cli.add_typer(misses, name="misses")
cli.add_typer(drafts, name="drafts")

KeyArgument = Annotated[
    str, typer.Argument(metavar="KEY", help="Of the group, as `aifaq misses` shows it.")
]
DraftArgument = Annotated[
    int, typer.Argument(metavar="N", help="Number of the draft, as `aifaq drafts` shows it.")
]
KEY_SHOWN = 8


@misses.callback(invoke_without_command=True, epilog="Example: aifaq misses --since 14d")
def list_misses(
    context: typer.Context,
    since: SinceOption = "30d",
    limit: Annotated[int, typer.Option(help="Most groups.")] = 25,
    as_json: JsonOption = False,
    knowledge: KnowledgeOption = None,
) -> None:
    """List groups of missed questions, most asked first."""
    if context.invoked_subcommand is not None:
        return

    async def work(moderation: Moderation, by: Moderator) -> list[Cluster]:
        return await moderation.clusters(by, days=days_of(since), limit=limit)

    found = moderate(work, knowledge)
    if as_json:
        print_json([_plain(cluster) for cluster in found])
        return
    for cluster in found:
        languages = ", ".join(f"{key} {count}" for key, count in cluster.locales.items())
        typer.echo(
            f"{cluster.key[:KEY_SHOWN]}  {cluster.asked:>4}×  {cluster.title}  "
            f"[{cluster.kind}; {languages}]"
        )
    if not found:
        typer.echo("Nothing was missed.", err=True)


@misses.command("show", epilog="Example: aifaq misses show 1f0c2a4b")
def show_miss(
    key: KeyArgument, as_json: JsonOption = False, knowledge: KnowledgeOption = None
) -> None:
    """Show one group: its wordings, the nearest entries and why they fell short."""

    async def work(moderation: Moderation, by: Moderator) -> Cluster:
        return await find_cluster(moderation, by, key)

    cluster = moderate(work, knowledge)
    if as_json:
        print_json(_plain(cluster))
        return
    typer.secho(cluster.title, bold=True)
    typer.echo(f"asked {cluster.asked} times by {cluster.people} people, last {cluster.last:%F}")
    for text in cluster.texts:
        typer.echo(f"  {text.count:>4}×  {text.locale}  {text.text}")
    typer.echo("nearest entries:")
    for near in cluster.near:
        typer.echo(f"  {near.confidence:>4.0%}  {near.entry_id}  {near.why}")


@misses.command("dismiss", epilog="Example: aifaq misses dismiss 1f0c2a4b")
def dismiss(key: KeyArgument, knowledge: KnowledgeOption = None) -> None:
    """Never show a group again."""

    async def work(moderation: Moderation, by: Moderator) -> Outcome:
        cluster = await find_cluster(moderation, by, key)
        return await moderation.dismiss(by, cluster.key)

    report(moderate(work, knowledge))


@misses.command("out-of-scope", epilog="Example: aifaq misses out-of-scope 1f0c2a4b")
def out_of_scope(key: KeyArgument, knowledge: KnowledgeOption = None) -> None:
    """Add a group to the regression questions that must get no answer."""

    async def work(moderation: Moderation, by: Moderator) -> Outcome:
        cluster = await find_cluster(moderation, by, key)
        return await moderation.out_of_scope(by, cluster.key)

    report(moderate(work, knowledge))


async def find_cluster(moderation: Moderation, by: Moderator, key: str) -> Cluster:
    """The group whose key begins with `key`.

    Raises:
        CurationError: if there is none, or more than one.
    """
    from bot.curation.problems import Problem
    from bot.errors import CurationError
    from bot.moderation.desk import CLUSTER_DAYS

    clusters = await moderation.clusters(by, days=CLUSTER_DAYS, limit=100_000)
    found = [one for one in clusters if any(other.startswith(key) for other in one.keys)]
    cluster = await moderation.cluster(by, found[0].key) if len(found) == 1 else None
    if cluster is None:
        raise CurationError(Problem("no_cluster"))
    return cluster


# Drafts


@drafts.callback(invoke_without_command=True, epilog="Example: aifaq drafts")
def drafts_alone(context: typer.Context) -> None:
    """List the open drafts."""
    if context.invoked_subcommand is None:
        list_drafts()


@drafts.command("list", epilog="Example: aifaq drafts list --status all")
def list_drafts(
    status: Annotated[
        str, typer.Option(help="open, applying, applied, rejected, or all.")
    ] = "open",
    as_json: JsonOption = False,
    knowledge: KnowledgeOption = None,
) -> None:
    """List drafts, oldest first."""
    known = ("open", "applying", "applied", "rejected", "all")
    if status not in known:
        raise typer.BadParameter(f"{status!r} is none of {', '.join(known)}")

    async def work(moderation: Moderation, by: Moderator) -> list[DraftView]:
        return await moderation.drafts(by, status=None if status == "all" else status)

    found = moderate(work, knowledge)
    if as_json:
        print_json([_plain(draft) for draft in found])
        return
    for draft in found:
        typer.echo(f"{draft.id:>4}  {draft.status:<8}  {draft.at:%F}  {draft.title}  ({draft.by})")
    if not found:
        typer.echo("No drafts.", err=True)


@drafts.command("show", epilog="Example: aifaq drafts show 3")
def show_draft(number: DraftArgument, knowledge: KnowledgeOption = None) -> None:
    """Show a draft, its diff, and what stands against it."""

    async def work(moderation: Moderation, by: Moderator) -> DraftView:
        draft = await moderation.draft(by, number)
        if draft is None:
            raise _no_draft(number)
        return draft

    draft = moderate(work, knowledge)
    typer.secho(draft.title, bold=True)
    note = f": {draft.note}" if draft.note else ""
    typer.echo(f"{draft.status}, {draft.at:%F}, {draft.by}{note}")
    typer.echo(draft.diff or draft.content)
    for problem in draft.problems:
        typer.secho(problem, fg=typer.colors.RED)


@drafts.command("apply", epilog="Example: aifaq drafts apply 3")
def apply_draft(number: DraftArgument, knowledge: KnowledgeOption = None) -> None:
    """Try a draft beside the base, then write it. For read-only files its patch is printed."""

    async def work(moderation: Moderation, by: Moderator) -> Outcome:
        return await moderation.apply(by, number)

    report(moderate(work, knowledge))


@drafts.command("reject", epilog='Example: aifaq drafts reject 3 --note "asked twice"')
def reject_draft(
    number: DraftArgument,
    note: Annotated[str, typer.Option(help="Why, for the others.")] = "",
    knowledge: KnowledgeOption = None,
) -> None:
    """Close a draft without applying it."""

    async def work(moderation: Moderation, by: Moderator) -> Outcome:
        return await moderation.reject(by, number, note)

    report(moderate(work, knowledge))


@drafts.command("export", epilog="Example: aifaq drafts export > drafts.patch")
def export_drafts(
    numbers: Annotated[
        list[int] | None, typer.Argument(metavar="[N]...", help="All open ones by default.")
    ] = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Print drafts as one patch that `git apply` takes."""

    async def work(moderation: Moderation, by: Moderator) -> str:
        return await moderation.export(by, numbers or ())

    typer.echo(moderate(work, knowledge), nl=False)


def _no_draft(number: int) -> Exception:
    from bot.curation.problems import Problem
    from bot.errors import CurationError

    return CurationError(Problem("no_draft", {"draft": number}))


def _plain(item: Cluster | DraftView) -> dict[str, object]:
    data = asdict(item)
    for key in ("last", "at"):
        if key in data:
            data[key] = data[key].isoformat()
    return data
