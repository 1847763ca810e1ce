"""Replies and explanations as plain data for `--json`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from bot.models import Answer, Candidate, Link, Reply
from bot.service import Explanation


def reply_data(reply: Reply) -> dict[str, Any]:
    """A reply with all that a reader sees, and the candidates behind it."""
    return {
        "kind": str(reply.kind),
        "decision": str(reply.decision),
        "locale": reply.locale,
        "confidence": round(reply.confidence, 4),
        "text": reply.text,
        "answers": [answer_data(answer) for answer in reply.answers],
        "suggestions": _links(reply.suggestions),
        "candidates": [candidate_data(found) for found in reply.candidates],
    }


def answer_data(answer: Answer) -> dict[str, Any]:
    """An answer as shown."""
    figures = answer.figures
    return {
        "id": answer.entry_id,
        "revision": answer.revision,
        "category": answer.category,
        "locale": answer.locale,
        "question": answer.question,
        "answer": answer.text,
        "standing": answer.standing and str(answer.standing),
        "as_of": answer.as_of and answer.as_of.isoformat(),
        "review_due": answer.review_due,
        "sources": [asdict(source) for source in answer.sources],
        "figures": figures
        and {
            "unit": figures.unit,
            "scale": figures.scale,
            "values": [
                {
                    "value": figure.value,
                    "label": figure.labels.get(answer.locale),
                    "standing": figure.standing and str(figure.standing),
                    "source": figure.source,
                }
                for figure in figures.values
            ],
        },
        "related": _links(answer.related),
        "other_locales": list(answer.other_locales),
    }


def candidate_data(candidate: Candidate) -> dict[str, Any]:
    """An entry that was considered; enough for a machine to rank by."""
    return {"id": candidate.entry.id, "confidence": round(candidate.confidence, 4)}


def explanation_data(explanation: Explanation) -> dict[str, Any]:
    """Why a question gets its reply, with each signal of each candidate."""
    return {
        "question": explanation.question,
        "detected": explanation.detected,
        "locale": explanation.locale,
        "decision": str(explanation.reply.decision),
        "kind": str(explanation.reply.kind),
        "corrections": explanation.corrections,
        "unknown": list(explanation.unknown),
        "cutoffs": asdict(explanation.cutoffs),
        "candidates": [
            candidate_data(found)
            | {
                "score": round(found.score, 4),
                "variant": found.variant.text,
                "signals": {name: round(value, 4) for name, value in found.signals.items()},
            }
            for found in explanation.candidates
        ],
    }


def _links(links: Iterable[Link]) -> list[dict[str, str]]:
    return [{"id": link.entry_id, "question": link.question} for link in links]
