"""An explanation as labelled lines, the same for cards and for plain text."""

from __future__ import annotations

from collections.abc import Sequence

from bot.knowledge.messages import Messages
from bot.models import Candidate, Locale, ReplyKind
from bot.service import Explanation

SHOWN = 5
"""Candidates that are shown."""


def summary(explanation: Explanation, locale: Locale, messages: Messages) -> list[tuple[str, str]]:
    """Label and value: question, language, corrections, unknown words, cutoffs, decision."""

    def phrase(key: str, **values: object) -> str:
        return messages.text(f"explain.{key}", locale, **values)

    def language(code: Locale) -> str:
        return messages.text(f"language.{code}", locale)

    detected = (
        phrase("detected", language=language(explanation.detected))
        if explanation.detected
        else phrase("undecided")
    )
    cutoffs = explanation.cutoffs
    lines = [
        (messages.text("console.asked", locale), explanation.question),
        (
            phrase("language"),
            f"{detected} · {phrase('reply', language=language(explanation.locale))}",
        ),
    ]
    if explanation.corrections:
        pairs = (f"{typed} → {taken}" for typed, taken in explanation.corrections.items())
        lines.append((phrase("corrections"), ", ".join(pairs)))
    if explanation.unknown:
        lines.append((phrase("unknown"), ", ".join(explanation.unknown)))
    lines += [
        (
            phrase("cutoffs"),
            phrase(
                "cutoffs_text",
                answer=number(cutoffs.answer),
                suggest=number(cutoffs.suggest),
                margin=number(cutoffs.margin),
            ),
        ),
        (phrase("decision"), _decision(explanation, locale, messages)),
    ]
    return lines


def _decision(explanation: Explanation, locale: Locale, messages: Messages) -> str:
    found = explanation.candidates
    reply = explanation.reply
    first = found[0].confidence if found else 0.0
    lead = first - (found[1].confidence if len(found) > 1 else 0.0)
    if reply.kind is ReplyKind.SMALLTALK:
        key = "smalltalk"
    elif not found:
        key = "empty"
    else:
        key = str(reply.decision)
    return messages.text(f"explain.decision_{key}", locale).format(
        first=number(first), lead=number(lead)
    )


def signal_names(candidates: Sequence[Candidate]) -> list[str]:
    """All signals of the candidates, in the engine's order."""
    return list(dict.fromkeys(name for found in candidates for name in found.signals))


def number(value: float) -> str:
    """A confidence or a signal, two decimals."""
    return f"{value:.2f}".replace("-0.00", "0.00")
