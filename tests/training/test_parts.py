"""What the training is made of: pairs, noise, phrases, lexicon, vocabulary, figures."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordPiece

from bot.knowledge import load_knowledge
from training.corpus import Pair, choose_pairs, is_held_out, read_pairs, write_pairs
from training.lexicon import starting_rows, translation_table
from training.measures import (
    Asked,
    accuracy_at_one,
    auroc,
    match,
    mean_cosine,
    read_questions,
    read_variants,
)
from training.noise import mistype, noisy, shorten, without_accents
from training.phrases import (
    NOBODY,
    entry_phrasings,
    fill,
    phrase_pairs,
    with_preposition,
    written_pairs,
)
from training.recipe import Recipe
from training.student import config_layers
from training.target import fit_turn, turned
from training.vocabulary import build_tokenizer, count_words, english_pieces, french_pieces


def test_pairs_survive_being_written_and_read(tmp_path):
    pairs = [Pair("a cat", "un chat", "x"), Pair("why?", "pourquoi ?", "y")]
    write_pairs(tmp_path / "pairs.tsv", pairs)
    assert list(read_pairs(tmp_path / "pairs.tsv")) == pairs


def test_sentences_with_one_english_side_are_held_out_together():
    assert is_held_out("Why is that?", 7) == is_held_out("why is that", 7)
    held = [text for text in map(str, range(7_000)) if is_held_out(text, 7)]
    assert 800 < len(held) < 1_200


def test_long_pairs_are_left_out_and_sources_limited():
    pairs = [Pair(f"number {n}", f"nombre {n}", "much") for n in range(500)]
    pairs += [Pair("word " * 50, "mot " * 50, "long"), Pair("short one", "court", "short")]
    recipe = Recipe(source_limits={"much": 100}, held_out_share=10)
    training, held_out = choose_pairs(iter(pairs), recipe)
    taken = training + held_out
    assert sum(pair.source == "much" for pair in taken) == 100
    assert not any(pair.source == "long" for pair in taken)
    assert any(pair.source == "short" for pair in taken)


def test_the_choice_of_pairs_is_the_same_for_the_same_seed():
    pairs = [Pair(f"number {n}", f"nombre {n}", "much") for n in range(50)]
    assert choose_pairs(iter(pairs), Recipe()) == choose_pairs(iter(pairs), Recipe())


@pytest.mark.parametrize("seed", range(50))
def test_a_typo_changes_one_word_by_one_letter(seed):
    text = "comment fonctionne le chiffrement"
    typed = mistype(text, "fr", random.Random(seed))
    assert abs(len(typed) - len(text)) <= 1
    assert len(typed.split()) == 4
    assert sum(a != b for a, b in zip(typed.split(), text.split(), strict=True)) <= 1


def test_short_words_are_spared():
    assert mistype("le la un 4", "fr", random.Random(0)) == "le la un 4"


def test_shorthand_keeps_whole_words():
    assert "pkoi" not in shorten("pourquoi", "fr", random.Random(0))
    assert shorten("pourquoi", "fr", random.Random(0)) == "pk"
    assert shorten("pourquoiement", "fr", random.Random(0)) == "pourquoiement"


@pytest.mark.parametrize("text", ["", "?", "a", "...", "É", "L'IA, c'est quoi ?"])
def test_noise_takes_any_text(text):
    for seed in range(30):
        assert isinstance(noisy(text, "fr", random.Random(seed)), str)


def test_accents_are_taken_off():
    assert without_accents("Où ça, à Noël ?") == "Ou ca, a Noel ?"


@pytest.mark.parametrize(
    ("preposition", "term", "joined"),
    [
        ("de", "le code", "du code"),
        ("de", "les puces", "des puces"),
        ("de", "la loi", "de la loi"),
        ("de", "l'IA", "de l'IA"),
        ("de", "une puce", "d'une puce"),
        ("de", "Google", "de Google"),
        ("à", "le code", "au code"),
        ("à", "les lois", "aux lois"),
    ],
)
def test_french_prepositions_join_their_articles(preposition, term, joined):
    assert with_preposition(preposition, term) == joined


def test_a_frame_is_filled_in_both_languages():
    frame = ("the impact of {x} on {y}", "l'impact {de x} sur {y}")
    terms = ("chips", "les puces"), ("China", "la Chine")
    en, fr = fill(frame, *terms)
    assert en == "the impact of chips on China"
    assert fr == "l'impact des puces sur la Chine"


def test_written_questions_stand_once_in_both_languages():
    """A tab lost or a line written twice would teach the wrong vector, or one too often."""
    pairs = written_pairs()
    assert len(pairs) > 3_000
    assert all(pair.en.strip() and pair.fr.strip() for pair in pairs)
    assert len({(pair.en.casefold(), pair.fr.casefold()) for pair in pairs}) == len(pairs)


def test_further_phrasings_belong_to_an_entry_in_a_language_and_stand_once():
    """A lost column or an entry that is gone would quietly teach nothing, or the wrong thing."""
    knowledge = load_knowledge()
    lines = entry_phrasings()
    assert all(entry == NOBODY or knowledge.find(entry) for entry, _, _ in lines)
    assert {lang for _, lang, _ in lines} == set(knowledge.locales)
    assert all(text.strip() for _, _, text in lines)
    assert len({(lang, text.casefold()) for _, lang, text in lines}) == len(lines)


def test_regression_questions_are_not_learned_from():
    """Confidences are fitted on them; an encoder that knew them would make these too sure."""
    knowledge = load_knowledge()
    asked = {one.text.casefold() for one in (*knowledge.questions, *knowledge.out_of_scope)}
    learned = {text.casefold() for _, _, text in entry_phrasings()}
    learned |= {text.casefold() for pair in written_pairs() for text in (pair.en, pair.fr)}
    assert not asked & learned


def test_phrases_are_many_and_whole():
    pairs = phrase_pairs(500, seed=1)
    assert len(pairs) > 500
    assert not any("{" in pair.en + pair.fr for pair in pairs)


def test_the_lexicon_finds_which_word_stands_for_which():
    # 0 the, 1 cat, 2 dog, 3 le, 4 chat, 5 chien
    french, english = [[3, 4], [3, 5], [3, 4]], [[0, 1], [0, 2], [0, 1]]
    table = translation_table(french * 5, english * 5, pieces=6, rounds=20).toarray()
    assert table[4].argmax() == 1
    assert table[5].argmax() == 2
    rows = np.eye(6, dtype=np.float32)
    starts = starting_rows(translation_table(french, english, 6, 20), rows, [3, 4, 5])
    assert [int(row.argmax()) for row in starts[1:]] == [1, 2]


def test_a_piece_without_a_translation_starts_at_nothing():
    table = translation_table([[1]], [[0]], pieces=3)
    assert not starting_rows(table, np.eye(3, dtype=np.float32), [2]).any()


def test_the_vocabulary_keeps_english_and_adds_whole_french_words():
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefghijklmnopqrstuvwxyz?'", "cat", "##s"]
    teacher = build_tokenizer(pieces)
    english = english_pieces(teacher, ["cats", "a cat"], limit=100)
    assert {"cat", "##s", "a"} <= set(english)
    french = french_pieces(count_words(["Le chaton dort"] * 30), count_words([]), english, limit=8)
    tokenizer = build_tokenizer([*english, *french])
    assert tokenizer.encode("le CHATON").tokens[-2] == "chaton"
    assert tokenizer.encode("cats").tokens == teacher.encode("cats").tokens


def test_the_tokenizer_folds_what_keyboards_differ_in():
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "l", "'", "oeuvre", "ecole"]
    tokenizer = build_tokenizer(pieces)
    assert isinstance(tokenizer, Tokenizer)
    assert isinstance(tokenizer.model, WordPiece)
    assert tokenizer.encode("L\u2019ŒUVRE").ids == tokenizer.encode("l'oeuvre").ids
    assert tokenizer.encode("École").tokens[1] == "ecole"


@pytest.mark.parametrize(
    ("layers", "taken"), [(6, [0, 1, 2, 3, 4, 5]), (3, [1, 3, 5]), (4, [1, 2, 3, 5]), (1, [5])]
)
def test_layers_are_taken_evenly_and_the_last_always(layers, taken):
    chosen = config_layers(6, layers)
    assert chosen[-1] == 5
    assert len(chosen) == len(set(chosen)) == layers
    if layers != 4:
        assert chosen == taken


def test_a_wider_teacher_is_turned_to_where_the_student_stands():
    """Where both agree on who is near whom, the turned vectors are the student's own."""
    rng = np.random.default_rng(0)
    student = rng.normal(size=(300, 6)).astype(np.float32)
    student /= np.linalg.norm(student, axis=1, keepdims=True)
    spread, _ = np.linalg.qr(rng.normal(size=(10, 6)))
    teacher = (student @ spread.T.astype(np.float32)).astype(np.float16)
    turn = fit_turn(teacher, student)
    assert turn.shape == (10, 6)
    assert mean_cosine(turned(teacher, turn).astype(np.float32), student) > 0.999


def test_a_teacher_of_the_students_width_is_left_as_it_is():
    vectors = np.eye(4, dtype=np.float16)
    turn = fit_turn(vectors, np.eye(4, dtype=np.float32)[::-1])
    assert turn is None
    assert turned(vectors, turn) is vectors


def test_separation_counts_pairs_in_order():
    assert auroc(np.float32([0.9, 0.8]), np.float32([0.1, 0.2])) == 1
    assert auroc(np.float32([0.1]), np.float32([0.9])) == 0
    assert auroc(np.float32([0.5]), np.float32([0.5])) == 0.5
    assert auroc(np.float32([0.9, 0.3]), np.float32([0.5])) == 0.5


def test_accuracy_counts_rows_that_find_themselves():
    rows = np.eye(3, dtype=np.float32)
    assert accuracy_at_one(rows, rows) == 1
    assert accuracy_at_one(rows, rows[[1, 0, 2]]) == pytest.approx(1 / 3)


def test_questions_are_matched_to_the_entries_that_answer_them(tmp_path):
    (tmp_path / "budget").mkdir()
    (tmp_path / "budget" / "price.yaml").write_text(
        "category: budget\nen:\n  question: a\n  variants: [b]\nfr:\n  question: c\n"
    )
    variants = read_variants(tmp_path)
    assert variants == {"en": [("price", "a"), ("price", "b")], "fr": [("price", "c")]}
    rows = [
        {"text": "a", "lang": "en", "accept": ["price"]},
        {"text": "z", "lang": "en", "accept": []},
    ]
    (tmp_path / "q.jsonl").write_text("\n".join(map(json.dumps, rows)))
    questions = read_questions(tmp_path / "q.jsonl")
    assert questions[1] == Asked("z", "en", frozenset())

    def encode(texts):
        return np.array([[ord(t) == ord("a"), ord(t) == ord("b")] for t in texts], dtype=np.float32)

    figures = match(questions, variants["en"], encode)
    assert (figures.accuracy, figures.auroc) == (1.0, 1.0)
