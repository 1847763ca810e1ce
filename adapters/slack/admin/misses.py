"""Missed questions as pages."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.slack.admin.controls import Control, Ref
from adapters.slack.admin.page import Page, Say, sentences
from adapters.slack.mrkdwn import cut, escape
from adapters.slack.parts import CONTEXT, JSON, SECTION, actions, context, fit, section
from bot.moderation.misses import Cluster

TITLE, TEXTS = 500, 15


def queue(clusters: Sequence[Cluster], say: Say) -> Page:
    """All groups, each with a button that opens it."""
    if not clusters:
        return sentences(say("misses.none"))
    blocks = [section(f"*{escape(say('misses.title'))}*")]
    for number, cluster in enumerate(clusters):
        look = say.button("look", Control.MISS, Ref(key=cluster.key))
        look["action_id"] = Control.MISS.id(number)
        blocks += [section(f"*{escape(cut(cluster.title, TITLE))}*", accessory=look),
                   context(_counts(cluster, say))]
    return Page(blocks)


def group(cluster: Cluster | None, say: Say) -> Page:
    """One group: how it was asked, what came near and why that fell short, what to do."""
    back = say.button("back", Control.MISSES, Ref())
    if cluster is None:
        return sentences(say("misses.gone"), *actions([back]))
    about = Ref(key=cluster.key)
    blocks = [
        section(f"*{escape(cut(cluster.title, TITLE))}*"), context(_counts(cluster, say)),
        section(_asked(cluster, say)),
    ]
    if cluster.near:
        blocks.append(section(_near(cluster, say)))
    controls = [
        say.button("variant", Control.VARIANT, about, style="primary"),
        say.button("new", Control.NEW, about),
        say.button("scope", Control.SCOPE, about, **say.confirm("scope")),
        say.button("dismiss", Control.DISMISS, about, **say.confirm("dismiss")),
        back,
    ]
    return Page(blocks + actions(controls))


def done(text: str, say: Say) -> Page:
    """What became of a group, and the way back to the others."""
    return sentences(text, *back_to_queue(say))


def back_to_queue(say: Say) -> list[JSON]:
    """The way back."""
    return actions([say.button("back", Control.MISSES, Ref())])


def _counts(cluster: Cluster, say: Say) -> str:
    languages = ", ".join(f"{say.language(name)} {n}" for name, n in cluster.locales.items())
    return cut(escape(say("misses.counts", asked=cluster.asked, people=cluster.people,
                          languages=languages, kind=say(f"kind.{cluster.kind}"))), CONTEXT)


def _asked(cluster: Cluster, say: Say) -> str:
    lines = [f"• {escape(cut(text.text, TITLE))} ({text.locale}, {text.count})"
             for text in cluster.texts[:TEXTS]]
    lines = lines or [escape(say("misses.no_texts"))]
    return fit([f"*{escape(say('misses.asked'))}*", *lines], SECTION, "\n")


def _near(cluster: Cluster, say: Say) -> str:
    lines = [f"• {escape(near.question)} `{near.entry_id}`\n    _{escape(near.why)}_"
             for near in cluster.near]
    return fit([f"*{escape(say('misses.near'))}*", *lines], SECTION, "\n")
