"""The steps ``evaluate`` and ``export``: what the finished student is worth, and its file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from bot.encoder import OnnxEncoder
from training.corpus import read_pairs
from training.distil import embed
from training.export import build_graph, peaks
from training.exported import read_student
from training.measures import (
    Encode,
    accuracy_at_one,
    match_report,
    mean_cosine,
    read_questions,
    read_variants,
    similarity_agreement,
)
from training.recipe import Folders, Recipe
from training.steps import HELD_OUT, load_finished, messages, turn_path
from training.target import kept_turn, turned_teacher
from training.teacher import Teacher

NAME = "aifaq-minilm-fr-en"
VERSION = "7"
LEAST_COSINE = 0.99
"""Mean cosine that the 8-bit file must keep to the unquantised student."""

SAMPLED = 20
"""One written message in so many shows which channels are large."""


def export(folders: Folders, recipe: Recipe, out: Path, others: Sequence[Path] = ()) -> None:
    """Write model.onnx, tokenizer.json and encoder.json, and check the file against the student.

    Args:
        folders: where the finished student is.
        recipe: the numbers.
        out: where the files go.
        others: exported encoders of the same start; weights are averaged with theirs.
    """
    student, tokenizer = load_finished(folders, recipe)
    average_with(student, [read_student(other)[0] for other in others])
    write_model(student, tokenizer, out, recipe.max_tokens)
    kept = check(student, tokenizer, out, [text for text, _ in messages()[1::SAMPLED]])
    size = sum(path.stat().st_size for path in out.iterdir() if path.suffix in {".onnx", ".json"})
    print(f"export: {out}, {size / 1e6:.1f} MB, mean cosine to the unquantised student {kept:.4f}")
    if kept < LEAST_COSINE:
        raise SystemExit(f"The 8-bit file strays too far from the student: {kept:.4f}.")


def average_with(student: Any, others: Sequence[Any]) -> None:
    """Give the student the mean of its weights and those of others of the same shape.

    Wortsman et al. 2022, "Model soups": where runs share their start, the mean is as good as the
    best of them or better, and hangs less on the chance of one.
    """
    weights = [one.state_dict() for one in (student, *others)]
    for name, own in weights[0].items():
        if own.is_floating_point():
            own.copy_(torch.stack([each[name].to(own.device) for each in weights]).mean(0))


def write_model(student: Any, tokenizer: Tokenizer, out: Path, max_tokens: int) -> None:
    """Write the three files that ``bot.encoder`` reads."""
    out.mkdir(parents=True, exist_ok=True)
    sample = [text for text, _ in messages()[::SAMPLED]]
    seen = peaks(student, tokenizer, sample, max_tokens)
    onnx.save(build_graph(student, peaks=seen), out / "model.onnx")
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)
    about = {
        "name": NAME,
        "version": VERSION,
        "dim": int(student.config.hidden_size),
        "max_tokens": max_tokens,
        "heads": int(student.config.num_attention_heads),
    }
    (out / "encoder.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def check(student: Any, tokenizer: Tokenizer, out: Path, texts: Sequence[str]) -> float:
    """Return the mean cosine between the file's vectors and the student's."""
    return mean_cosine(OnnxEncoder(out).encode(texts), embed(student, tokenizer, texts))


def evaluate(
    folders: Folders,
    out: Path,
    knowledge: Path | None = None,
    questions: Path | None = None,
) -> None:
    """Print the figures of the exported encoder beside the teacher's."""
    turn = kept_turn(turn_path(folders)) if turn_path(folders).exists() else None
    teacher, encoder = turned_teacher(Teacher(folders.teacher), turn), OnnxEncoder(out)
    held_out = list(read_pairs(folders.cache / "held-out.tsv"))[:HELD_OUT]

    def teach(texts: Sequence[str]) -> NDArray[np.float32]:
        return teacher(texts).astype(np.float32)

    english, french = [p.en for p in held_out], [p.fr for p in held_out]
    goal = teach(english)
    encodes: dict[str, Encode] = {"student": encoder.encode, "teacher": teach}
    for name, encode in encodes.items():
        en, fr = encode(english), encode(french)
        print(
            f"{name}, {len(held_out)} held-out pairs: translation found fr-en"
            f" {accuracy_at_one(fr, en):.3f}, en-fr {accuracy_at_one(en, fr):.3f}; cosine to the"
            f" teacher's English en {mean_cosine(en, goal):.3f}, fr {mean_cosine(fr, goal):.3f};"
            f" rank correlation of similarities en {similarity_agreement(en, goal):.3f},"
            f" fr {similarity_agreement(fr, goal):.3f}"
        )
        if knowledge and questions:
            report = match_report(read_questions(questions), read_variants(knowledge), encode)
            for where, figure in report.items():
                print(f"{name}, {where}: {figure.accuracy:.3f} acc@1, {figure.auroc:.3f} AUROC")
    print(f"student: {_milliseconds(encoder, french):.2f} ms per question, one thread, median")


def _milliseconds(encoder: OnnxEncoder, texts: Sequence[str]) -> float:
    times = []
    for text in texts[:300]:
        started = perf_counter()
        encoder.encode([text])
        times.append(perf_counter() - started)
    return float(np.median(times)) * 1e3
