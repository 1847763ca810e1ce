"""Makes the pictures of docs/moderating.md with the program itself; their figures are invented.

Run `python docs/make_moderating_pictures.py` when the statistics look different.
"""  # noqa: INP001 - a script beside the documentation, no package

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.charts.stats import stats_chart
from bot.moderation.misses import Cluster, ClusterKind
from bot.service import Faq
from bot.settings import Settings
from bot.store.rows import DayCount, EntryFeedback, Stats

IMAGES = Path(__file__).parent / "images"
DAYS = 30
A_DAY = {"answer": 38, "suggestions": 9, "fallback": 8, "smalltalk": 4}
WEEKEND = 0.5
ASKED = {
    "deepseek-training-cost": (123, 40, 3), "what-is-r1": (69, 20, 1),
    "r1-open-source": (48, 13, 2), "deepseek-bans": (37, 10, 9), "r1-vs-openai": (30, 8, 0),
    "deepseek-data-privacy": (25, 6, 4), "run-r1-locally": (21, 5, 1),
    "gpt4-training-cost": (19, 5, 2),
}
"""Entry: times shown, thumbs up, thumbs down."""
MISSED = (
    (31, ClusterKind.CHOICE, "Which version runs on a phone?",
     "Quelle version tourne sur un téléphone ?"),
    (22, ClusterKind.MISS, "does it work with Home Assistant", "ça marche avec Home Assistant ?"),
    (17, ClusterKind.CHOICE, "How much is an H200?", "Combien coûte une H200 ?"),
    (12, ClusterKind.MISS, "is there a course on prompting", "il y a une formation au prompt ?"),
    (9, ClusterKind.MISS, "What is a context window?", "C'est quoi une fenêtre de contexte ?"),
    (7, ClusterKind.MISS, "Can it make pictures?", "Sait-il faire des images ?"),
)


def main() -> None:
    """Write one picture for each language."""
    faq = Faq.load(Settings(encoder="none"))
    now = datetime.now(UTC)
    for locale in ("en", "fr"):
        clusters = [
            Cluster(key=english, kind=kind, title=french if locale == "fr" else english, texts=(),
                    asked=count, people=count, locales={}, platforms={}, last=now, entry_id=None)
            for count, kind, english, french in MISSED
        ]
        picture = stats_chart(_stats(now), clusters, faq, locale, DAYS)
        (IMAGES / f"moderating-{locale}.png").write_bytes(picture)


def _stats(now: datetime) -> Stats:
    days = []
    for back in range(DAYS - 1, -1, -1):
        day = (now - timedelta(days=back)).date()
        swing = 1 + 0.3 * math.sin(back * 1.7) + 0.15 * math.sin(back * 0.6)
        share = swing * (WEEKEND if day.isoweekday() > 5 else 1)  # noqa: PLR2004 -- Friday
        days += [DayCount(day, name, round(count * share)) for name, count in A_DAY.items()]
    outcomes = {name: sum(one.count for one in days if one.decision == name) for name in A_DAY}
    return Stats(
        since=now - timedelta(days=DAYS), questions=sum(outcomes.values()), people=412,
        days=tuple(days), asked=tuple((key, shown) for key, (shown, _, _) in ASKED.items()),
        feedback=tuple(EntryFeedback(key, up, down) for key, (_, up, down) in ASKED.items()),
        outcomes=outcomes,
        locales={"en": 900, "fr": 600},
        platforms={"discord": 1000, "slack": 500},
    )


if __name__ == "__main__":
    main()
