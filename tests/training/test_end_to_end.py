"""A tiny run from sentences to a file that the bot loads, on data made here."""

from __future__ import annotations

import gzip
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers

from bot.encoder import OnnxEncoder
from training.__main__ import parse
from training.corpus import Pair
from training.distil import embed
from training.exported import read_student
from training.finish import check, evaluate, export, write_model
from training.prepare import prepare
from training.recipe import Adapting, Folders, Narrowing, Recipe, Tuning
from training.steps import (
    adapt_to_chat,
    load_finished,
    load_student,
    narrow_for,
    narrowed_path,
    train,
    tune_on,
    tuned_path,
)
from training.vocabulary import build_tokenizer

WORDS = {
    "cat": "chat", "dog": "chien", "house": "maison", "price": "prix", "chip": "puce",
    "law": "loi", "bank": "banque", "model": "modele", "risk": "risque", "data": "donnee",
    "eats": "mange", "sees": "voit", "sells": "vend", "wants": "veut", "hides": "cache",
}  # fmt: skip


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> Folders:
    root = tmp_path_factory.mktemp("run")
    rng = random.Random(0)
    lines = []
    for _ in range(800):
        words = rng.sample(sorted(WORDS), rng.randint(2, 5))
        lines.append(f"{' '.join(words)}\t{' '.join(WORDS[w] for w in words)}\tmade\n")
    with gzip.open(root / "pairs.tsv.gz", "wt", encoding="utf-8") as file:
        file.writelines(lines)
    save_teacher(root / "teacher", width=32)
    return Folders(root, root / "cache", str(root / "teacher"))


def save_teacher(folder: Path, width: int) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *(f"##{c}" for c in letters), *WORDS]
    config = transformers.BertConfig(
        vocab_size=len(pieces),
        hidden_size=width,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
    )
    torch.manual_seed(width)
    transformers.BertModel(config).save_pretrained(folder)
    tokenizer = build_tokenizer(pieces)
    tokenizer.save(str(folder / "tokenizer.json"))
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]"
    ).save_pretrained(folder)


RECIPE = Recipe(
    french_pieces=40, layers=2, texts=16_384, phrases=0, batch_tokens=4_096, held_out_share=10
)


def test_a_student_is_trained_exported_and_loaded(folders, tmp_path, capsys):
    train(folders, RECIPE)
    first, last = held_out_figures(capsys.readouterr().out)
    assert last > first
    export(folders, RECIPE, tmp_path / "out")
    encoder = OnnxEncoder(tmp_path / "out")
    assert encoder.encode(["chat", "cat"]).shape == (2, 32)
    evaluate(folders, tmp_path / "out")
    assert "held-out pairs" in capsys.readouterr().out


def test_a_finished_run_is_not_trained_again(folders, capsys):
    train(folders, RECIPE)
    assert "texts/s" not in capsys.readouterr().out


def test_a_run_goes_on_from_its_checkpoint(folders, capsys):
    train(folders, replace(RECIPE, texts=2 * 16_384))
    shown = [line for line in capsys.readouterr().out.splitlines() if line.startswith("train:")]
    assert len(shown) == 1
    assert "32768/32768" in shown[0]


def test_the_file_gives_the_students_vectors(folders, tmp_path):
    student, tokenizer = load_student(folders, RECIPE)
    export(folders, RECIPE, tmp_path)
    assert check(student, tokenizer, tmp_path, ["cat eats", "chien", ""]) > 0.99
    assert np.isfinite(embed(student, tokenizer, ["chat voit chien"])).all()


def test_a_file_is_read_back_as_the_student_that_it_was(folders, tmp_path):
    export(folders, RECIPE, tmp_path)
    student, tokenizer = read_student(tmp_path)
    texts = ["cat eats", "chien voit maison", ""]
    assert check(student, tokenizer, tmp_path, texts) > 0.99
    original, _ = load_student(folders, RECIPE)
    assert (embed(student, tokenizer, texts) * embed(original, tokenizer, texts)).sum(1).min() > 0.99


def test_a_file_may_be_the_mean_of_two_students(folders, tmp_path):
    """Each weight lies half way, so that vectors lie between those of the two."""
    export(folders, RECIPE, tmp_path / "one")
    other, tokenizer = read_student(tmp_path / "one")
    rows = other.embeddings.word_embeddings.weight
    with torch.no_grad():
        rows += torch.randn(rows.shape, generator=torch.Generator().manual_seed(1)) * rows.std()
    write_model(other, tokenizer, tmp_path / "other", 64)
    export(folders, RECIPE, tmp_path / "mean", [tmp_path / "other"])
    one, other, mean = (
        OnnxEncoder(tmp_path / name).encode(["cat eats", "chien voit maison"])
        for name in ("one", "other", "mean")
    )
    apart = (one * other).sum(1)
    assert ((mean * one).sum(1) > apart).all()
    assert ((mean * other).sum(1) > apart).all()


def test_a_student_goes_on_from_a_file_towards_a_wider_teacher(folders, tmp_path, capsys):
    """A teacher of more dimensions is brought to the student's, and the file's words are known."""
    export(folders, RECIPE, tmp_path / "file")
    save_teacher(tmp_path / "wide", width=48)
    further = replace(
        folders,
        cache=tmp_path / "cache",
        teacher=str(tmp_path / "wide"),
        start=str(tmp_path / "file"),
    )
    train(further, RECIPE)
    first, last = held_out_figures(capsys.readouterr().out)
    assert last > first
    export(further, RECIPE, tmp_path / "out")
    evaluate(further, tmp_path / "out")
    assert OnnxEncoder(tmp_path / "out").dim == 32


WRITTEN = [
    Pair(f"{a} {b}", f"{WORDS[a]} {WORDS[b]}", "written") for a in WORDS for b in WORDS if a != b
]


def test_an_adapted_student_is_nearer_to_its_teacher_in_what_people_type(
    folders, monkeypatch, capsys
):
    """It learns from most of the written questions and is measured on the others."""
    monkeypatch.setattr("training.adapt.written_pairs", lambda: WRITTEN)
    adapting = Adapting(others=200, rate=1e-3, embedding_rate=1e-2)
    recipe = replace(RECIPE, adapting=adapting)
    trained, tokenizer = load_student(folders, recipe)
    adapt_to_chat(folders, recipe)
    before, after = [
        float(line.rsplit(" ", 1)[1])
        for line in capsys.readouterr().out.splitlines()
        if line.startswith("held-out chat questions")
    ]
    assert after > before
    try:
        adapted, _ = load_student(folders, recipe)
        texts = ["chat voit chien"]
        assert not np.allclose(
            embed(adapted, tokenizer, texts), embed(trained, tokenizer, texts), atol=1e-3
        )
        adapt_to_chat(folders, recipe)
        assert "texts/s" not in capsys.readouterr().out
    finally:
        for path in folders.cache.glob("adapted-*"):
            path.unlink()


ENTRY = """id: {id}
category: pets
standing: confirmed
as_of: 2026-11-01
review_by: 2027-05-01
en: {{question: {en}, variants: [{en} sees, {en} eats, {en} sells, {en} hides], answer: yes}}
fr: {{question: {fr}, variants: [{fr} voit, {fr} mange, {fr} vend, {fr} cache], answer: oui}}
"""


@pytest.fixture
def knowledge(tmp_path) -> Path:
    pets = tmp_path / "knowledge" / "pets"
    pets.mkdir(parents=True)
    for english, french in (("cat", "chat"), ("dog", "chien"), ("house", "maison")):
        (pets / f"{english}.yaml").write_text(ENTRY.format(id=english, en=english, fr=french))
    return pets.parent


def test_a_tuned_student_is_what_is_exported(folders, tmp_path, knowledge):
    recipe = replace(RECIPE, tuning=Tuning(rounds=40, entries=3, texts=4, rate=1e-3, stay=0.1))
    tune_on(folders, recipe, knowledge)
    try:
        trained, tokenizer = load_student(folders, recipe)
        tuned, _ = load_finished(folders, recipe)
        export(folders, recipe, tmp_path / "out")
        texts = ["cat sees", "chien vend"]
        assert check(tuned, tokenizer, tmp_path / "out", texts) > 0.99
        assert (embed(tuned, tokenizer, texts) * embed(trained, tokenizer, texts)).sum(
            1
        ).min() < 0.99
        train(folders, replace(RECIPE, texts=3 * 16_384))
        with pytest.raises(SystemExit, match="run the step `tune`"):
            load_finished(folders, recipe)
    finally:
        tuned_path(folders).unlink()


def test_a_narrowed_student_is_tuned_and_exported(folders, tmp_path, knowledge):
    """It is smaller, gives nearly the same vectors, and its file can be read back."""
    narrowing = Narrowing(inner=16, sampled=200, texts=30_000, batch=128, rate=1e-3)
    tuning = Tuning(rounds=40, entries=3, texts=4, rate=1e-3, stay=0.1)
    recipe = replace(RECIPE, tuning=tuning, narrowing=narrowing)
    texts = ["cat sees", "chien vend", "maison"]
    wide, tokenizer = load_student(folders, recipe)
    before = embed(wide, tokenizer, texts)
    tune_on(folders, recipe, knowledge)
    narrow_for(folders, recipe, knowledge)
    try:
        narrowed, _ = load_finished(folders, recipe)  # not the one tuned while it was wide
        assert narrowed.encoder.layer[0].intermediate.dense.weight.shape == (16, 32)
        assert (embed(narrowed, tokenizer, texts) * before).sum(1).min() > 0.95
        tune_on(folders, recipe, knowledge)
        tuned, _ = load_finished(folders, recipe)
        assert (embed(tuned, tokenizer, texts) * before).sum(1).min() < 0.95
        export(folders, recipe, tmp_path / "out")
        back, _ = read_student(tmp_path / "out")
        assert back.config.intermediate_size == 16
        assert check(tuned, tokenizer, tmp_path / "out", texts) > 0.99
        assert (embed(back, tokenizer, texts) * embed(tuned, tokenizer, texts)).sum(1).min() > 0.99
    finally:
        tuned_path(folders).unlink(missing_ok=True)
        narrowed_path(folders).unlink()


def test_a_file_is_tuned_on_a_base_without_pairs_or_teacher(folders, tmp_path, knowledge):
    export(folders, RECIPE, tmp_path / "file")
    alone = Folders(None, tmp_path / "cache", "no teacher", start=str(tmp_path / "file"))
    recipe = replace(RECIPE, tuning=Tuning(rounds=40, entries=3, texts=4, rate=1e-3, stay=0.1))
    tune_on(alone, recipe, knowledge)
    export(alone, recipe, tmp_path / "out")
    before, after = (
        OnnxEncoder(tmp_path / name).encode(["cat sees", "chat vend", "dog sees"])
        for name in ("file", "out")
    )
    assert after[0] @ (after[1] - after[2]) > before[0] @ (before[1] - before[2])


def test_a_step_that_needs_pairs_says_so(folders, tmp_path):
    with pytest.raises(SystemExit, match="--data"):
        train(Folders(None, tmp_path / "cache", folders.teacher), RECIPE)


def test_the_targets_are_the_teachers_vectors_of_the_english_sides(folders):
    prepared = prepare(folders, RECIPE)
    assert prepared.vectors.shape == (len(prepared.english), 32)
    for place in (0, 100):
        assert prepared.english[prepared.target[place]] == prepared.pairs[place].en
    assert not {p.en for p in prepared.pairs} & {p.en for p in prepared.held_out}


def test_the_command_line_names_its_folders():
    options = parse(["all", "--data", "d", "--cache", "c", "--texts", "5"])
    assert (options.step, options.texts) == ("all", 5)


def held_out_figures(output: str) -> tuple[float, float]:
    """Return the French cosine to the teacher before and after training."""
    lines = [line for line in output.splitlines() if line.startswith("held out")]
    first, last = (float(line.split(" fr ")[1].split(";")[0]) for line in (lines[0], lines[-1]))
    return first, last
