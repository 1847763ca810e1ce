"""What tuning does for entries it never saw: those that moderators add afterwards.

Every sixth entry is left out of the tuning; then questions that belong to these entries are matched
against the phrasings of all entries, by nearest vector alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.distil import embed
from training.measures import LANGUAGES, match, read_questions, read_variants
from training.recipe import Folders, Recipe
from training.steps import load_student, messages, near_misses, phrasings_of
from training.tune import tune

LEFT_OUT = 6
"""One entry in this many is left out."""


def report(folders: Folders, recipe: Recipe, knowledge: Path, questions: Path | None) -> None:
    """Print how well left-out entries are found: untuned, tuned without them, tuned with them.

    Raises:
        SystemExit: if there are no questions to measure with.
    """
    if questions is None:
        raise SystemExit("The step `transfer` needs --questions.")
    variants = read_variants(knowledge)
    both = [pair for lang in LANGUAGES for pair in variants[lang]]
    entries = sorted({entry for entry, _ in both})
    left_out = set(entries[::LEFT_OUT])
    asked = [
        question
        for question in read_questions(questions)
        if not question.accept or question.accept & left_out
    ]
    phrasings = phrasings_of(knowledge)
    seen = [phrasing for phrasing in phrasings if phrasing.entry not in left_out]
    for name, learned in (
        ("untuned", []),
        (f"tuned without these {len(left_out)} entries", seen),
        ("tuned with them", phrasings),
    ):
        student, tokenizer = load_student(folders, recipe)
        if learned:
            tune(
                student, tokenizer, learned, recipe,
                messages=messages(), misses=near_misses(phrasings), log=lambda _: None,
            )

        def encode(
            texts: Sequence[str], student: object = student, tokenizer: object = tokenizer
        ) -> NDArray[np.float32]:
            return embed(student, tokenizer, texts)  # type: ignore[arg-type]

        figure = match(asked, both, encode)
        print(f"{name}: {figure.accuracy:.3f} acc@1, {figure.auroc:.3f} AUROC", flush=True)
