"""The steps of the command, each of which goes on from what the cache holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from bot.knowledge import load_knowledge
from bot.matching.corpus import build_corpus
from training.adapt import adapt
from training.distil import Progress, distil, embed, load_checkpoint
from training.exported import is_exported, read_student
from training.measures import accuracy_at_one, mean_cosine
from training.narrow import narrow, with_inner
from training.phrases import NOBODY, entry_phrasings, written_pairs
from training.prepare import Prepared, chosen, prepare
from training.recipe import Folders, Recipe
from training.student import build_student, starting_embeddings, student_tokenizer
from training.target import fit_turn, keep_turn, kept_turn, turned, turned_teacher
from training.teacher import Embed, Teacher
from training.tune import Message, Phrasing, tune
from training.vocabulary import plain_tokenizer

HELD_OUT = 2_000
"""Held-out pairs among which a sentence must find its translation."""

TURN_TEXTS = 20_000
"""English texts by which the teacher's space is turned to the student's."""


def checkpoint_path(folders: Folders) -> Path:
    """Return where the student's weights and the run's progress are kept."""
    return folders.cache / "student.pt"


def adapted_path(folders: Folders, shown: int) -> Path:
    """Return where the student is kept that was adapted after so many texts."""
    return folders.cache / f"adapted-{shown}.pt"


def turn_path(folders: Folders) -> Path:
    """Return where it is kept how the teacher's space was turned."""
    return folders.cache / "turn.npy"


def tuned_path(folders: Folders) -> Path:
    """Return where the tuned student's weights are kept."""
    return folders.cache / "tuned.pt"


def narrowed_path(folders: Folders) -> Path:
    """Return where the narrowed student's weights are kept."""
    return folders.cache / "narrowed.pt"


def start(folders: Folders, recipe: Recipe, prepared: Prepared) -> tuple[Any, Tokenizer]:
    """Return the untrained student and its tokenizer, built once and then read from the cache."""
    origin = folders.start or folders.teacher
    if is_exported(Path(origin)):
        return read_student(Path(origin))
    teacher = Teacher(origin)
    tokenizer_path, table_path = folders.cache / "tokenizer.json", folders.cache / "start.npy"
    if not table_path.exists():
        tokenizer = student_tokenizer(origin, prepared.pairs, recipe)
        rows = teacher.model.embeddings.word_embeddings.weight.detach().cpu().numpy()
        table = starting_embeddings(tokenizer, plain_tokenizer(origin), rows, prepared.pairs)
        tokenizer.save(str(tokenizer_path))
        np.save(table_path, table)
    tokenizer = Tokenizer.from_file(str(tokenizer_path))
    return build_student(teacher.model, np.load(table_path), recipe.layers), tokenizer


def prepare_targets(
    folders: Folders, prepared: Prepared, student: Any, tokenizer: Tokenizer
) -> tuple[Prepared, Embed]:
    """Return what is trained on with its target vectors, and the teacher that gives such vectors.

    Args:
        folders: where the run keeps how the teacher's space was turned.
        prepared: the pairs with the teacher's own vectors.
        student: untrained; the teacher's space is turned to where it starts.
        tokenizer: its tokenizer.
    """
    if not turn_path(folders).exists():
        sample = slice(None, None, max(1, len(prepared.english) // TURN_TEXTS))
        begun = embed(student, tokenizer, prepared.english[sample])
        keep_turn(turn_path(folders), fit_turn(prepared.vectors[sample], begun))
    turn = kept_turn(turn_path(folders))
    aimed = replace(prepared, vectors=turned(prepared.vectors, turn))
    return aimed, turned_teacher(Teacher(folders.teacher), turn)


def load_student(folders: Folders, recipe: Recipe) -> tuple[Any, Tokenizer]:
    """Return the student before any tuning: as the last of train, adapt and narrow left it."""
    student, tokenizer, _ = _after(folders, recipe, "narrow")
    return student, tokenizer


def load_finished(folders: Folders, recipe: Recipe) -> tuple[Any, Tokenizer]:
    """Return the student that is shipped: as the last of train, adapt, narrow and tune left it.

    Raises:
        SystemExit: if it was trained or adapted further since it was narrowed or tuned.
    """
    student, tokenizer, _ = _after(folders, recipe, "narrow", "tune")
    return student, tokenizer


def _after(folders: Folders, recipe: Recipe, *steps: str) -> tuple[Any, Tokenizer, int]:
    """Return the student as the last of these steps left it that was run, and as `_load` does."""
    student, tokenizer, shown = _load(folders, recipe)
    kept = {"narrow": narrowed_path(folders), "tune": tuned_path(folders)}
    for step in steps:
        if not kept[step].exists():
            continue
        state = torch.load(kept[step], map_location="cpu", weights_only=True)
        if state["shown"] != shown:
            raise SystemExit(
                f"{kept[step]} was made of an earlier student; run the step `{step}` again"
            )
        inner = len(state["student"]["encoder.layer.0.intermediate.dense.bias"])
        with_inner(student, inner).load_state_dict(state["student"])
    return student, tokenizer, shown


def _keep(path: Path, student: Any, shown: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"student": student.state_dict(), "shown": shown}, path)


def narrow_for(folders: Folders, recipe: Recipe, knowledge: Path) -> None:
    """Narrow the trained student, keeping its vectors above all where a base's questions lie."""
    student, tokenizer, shown = _load(folders, recipe)
    phrasings = phrasings_of(knowledge)
    topics = [(one.topic, one.lang) for one in phrasings if one.topic]
    asked = [*((one.text, one.lang) for one in phrasings), *topics, *near_misses(phrasings)]
    pairs, _ = chosen(folders, recipe)
    others = [
        message
        for pair in pairs[: recipe.narrowing.others]
        for message in ((pair.en, "en"), (pair.fr, "fr"))
    ]
    narrow(student, tokenizer, [*asked, *asked, *messages(), *others], recipe)
    tuned_path(folders).unlink(missing_ok=True)  # it was made of the wider one
    _keep(narrowed_path(folders), student, shown)


def tune_on(folders: Folders, recipe: Recipe, knowledge: Path) -> None:
    """Tune the student on a knowledge base's phrasings, and keep the result apart."""
    student, tokenizer, shown = _after(folders, recipe, "narrow")
    phrasings = phrasings_of(knowledge)
    tune(
        student, tokenizer, phrasings, recipe,
        messages=messages(), misses=near_misses(phrasings),
    )
    _keep(tuned_path(folders), student, shown)


def phrasings_of(knowledge: Path) -> list[Phrasing]:
    """Return all questions and variants of a base, and what was written beyond them."""
    corpus = build_corpus(load_knowledge(knowledge))
    ids = {entry.id for entry in corpus.entries}
    own = dict.fromkeys((one.entry_id, one.locale, one.text) for one in corpus.variants)
    beyond = [one for one in entry_phrasings() if one[0] in ids]
    found = []
    for one in dict.fromkeys([*own, *beyond]):
        entry, lang, text = one
        topic = corpus.without_subjects(text)
        found.append(Phrasing(text, lang, entry, topic if topic != text else "", one in own))
    return found


def messages() -> list[Message]:
    """Return the written messages with their language."""
    return [
        message
        for pair in written_pairs()
        for message in ((pair.en, "en"), (pair.fr, "fr"))
    ]


def near_misses(phrasings: Sequence[Phrasing]) -> list[Message]:
    """Return the written near misses with their language.

    Args:
        phrasings: of a whole base; one that has none of the entries that the near misses were
            written beside may answer them, and gets none.
    """
    written = entry_phrasings()
    if {entry for entry, _, _ in written}.isdisjoint(phrasing.entry for phrasing in phrasings):
        return []
    return [(text, lang) for entry, lang, text in written if entry == NOBODY]


def _load(folders: Folders, recipe: Recipe) -> tuple[Any, Tokenizer, int]:
    """Return the student as trained or adapted, its tokenizer, and how many texts it has seen.

    Where nothing was trained in this cache and the start is an exported encoder, that is the
    student: to tune it on a base takes neither pairs nor teacher.
    """
    if not checkpoint_path(folders).exists() and is_exported(Path(folders.start)):
        return *read_student(Path(folders.start)), 0
    student, tokenizer = start(folders, recipe, prepare(folders, recipe))
    shown = load_checkpoint(checkpoint_path(folders), student).shown
    adapted = adapted_path(folders, shown)
    if adapted.exists():
        shown += load_checkpoint(adapted, student).shown
    return student.eval(), tokenizer, shown


def adapt_to_chat(folders: Folders, recipe: Recipe) -> None:
    """Show the trained student the written chat questions; a finished run is not repeated."""
    prepared = prepare(folders, recipe)
    student, tokenizer = start(folders, recipe, prepared)
    _, teacher = prepare_targets(folders, prepared, student, tokenizer)
    shown = load_checkpoint(checkpoint_path(folders), student).shown
    adapt(
        student, tokenizer, prepared.pairs, teacher, recipe,
        checkpoint=adapted_path(folders, shown),
    )


def train(folders: Folders, recipe: Recipe) -> None:
    """Prepare, then train, telling the held-out figures after every chunk."""
    prepared = prepare(folders, recipe)
    student, tokenizer = start(folders, recipe, prepared)
    aimed, teacher = prepare_targets(folders, prepared, student, tokenizer)
    held_out = prepared.held_out[:HELD_OUT]
    english, french = [p.en for p in held_out], [p.fr for p in held_out]
    goal = teacher(english).astype(np.float32)

    def tell(student: Any, progress: Progress) -> None:
        en, fr = (embed(student, tokenizer, texts) for texts in (english, french))
        print(
            f"held out, {progress.shown} texts: cosine to the teacher"
            f" en {mean_cosine(en, goal):.4f} fr {mean_cosine(fr, goal):.4f};"
            f" translation found fr-en {accuracy_at_one(fr, en):.3f}"
            f" en-fr {accuracy_at_one(en, fr):.3f}",
            flush=True,
        )

    if not checkpoint_path(folders).exists():
        tell(student, Progress())
    distil(
        student,
        tokenizer,
        aimed,
        recipe,
        checkpoint=checkpoint_path(folders),
        after_chunk=tell,
    )
