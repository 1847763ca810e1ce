"""The vector cache computes only what has changed, and a broken one is only slower."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from bot import vectors as vectors_module
from bot.vectors import VectorCache


class Counting:
    """An encoder that remembers what it was asked."""

    def __init__(self, name: str = "counting@1", dim: int = 4) -> None:
        self.name, self.dim = name, dim
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += texts
        rows = [np.random.default_rng(list(t.encode())).normal(size=self.dim) for t in texts]
        found = np.array(rows, dtype=np.float32).reshape(-1, self.dim)
        return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_vectors_are_the_encoders_in_the_order_asked():
    encoder = Counting()
    cache = VectorCache(encoder)
    cache.vectors(["c", "a"])
    found = cache.vectors(["a", "b", "c", "a"])
    assert found.dtype == np.float32
    assert np.abs(found - Counting().encode(["a", "b", "c", "a"])).max() < 1e-3


def test_a_reload_computes_only_what_has_changed():
    encoder = Counting()
    cache = VectorCache(encoder)
    cache.vectors(["one", "two", "three"])
    encoder.asked.clear()
    cache.vectors(["one", "two, reworded", "three"])
    assert encoder.asked == ["two, reworded"]


def test_the_same_text_twice_is_computed_once():
    encoder = Counting()
    VectorCache(encoder).vectors(["same", "same"])
    assert encoder.asked == ["same"]


def test_a_restart_computes_nothing(tmp_path):
    VectorCache(Counting(), tmp_path).vectors(["one", "two"])
    encoder = Counting()
    found = VectorCache(encoder, tmp_path).vectors(["two", "one"])
    assert encoder.asked == []
    assert np.abs(found - Counting().encode(["two", "one"])).max() < 1e-3


def test_another_encoder_never_reads_these_vectors(tmp_path):
    VectorCache(Counting("counting@1"), tmp_path).vectors(["one"])
    other = Counting("counting@2")
    VectorCache(other, tmp_path).vectors(["one"])
    assert other.asked == ["one"]


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 cut off", b"nonsense"])
def test_a_damaged_file_is_rebuilt(tmp_path, damage):
    VectorCache(Counting(), tmp_path).vectors(["one"])
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)
    encoder = Counting()
    VectorCache(encoder, tmp_path).vectors(["one"])
    assert encoder.asked == ["one"]
    again = Counting()
    VectorCache(again, tmp_path).vectors(["one"])
    assert again.asked == []


def test_a_file_whose_parts_do_not_fit_is_rebuilt(tmp_path):
    VectorCache(Counting(), tmp_path).vectors(["one"])
    (file,) = tmp_path.iterdir()
    np.savez(file, keys=np.zeros((2, 16), np.uint8), rows=np.zeros((1, 4), np.float16))
    encoder = Counting()
    VectorCache(encoder, tmp_path).vectors(["one"])
    assert encoder.asked == ["one"]


def test_a_folder_that_cannot_be_written_is_told_once_and_costs_no_vectors(tmp_path, caplog):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    cache = VectorCache(Counting(), blocked / "cache")
    assert cache.vectors(["one"]).shape == (1, 4)
    assert cache.vectors(["two"]).shape == (1, 4)
    assert len([r for r in caplog.records if "cannot be written" in r.message]) == 1


def test_nothing_asked_gives_nothing(tmp_path):
    assert VectorCache(Counting(), tmp_path).vectors([]).shape == (0, 4)


def test_the_oldest_vectors_make_room_for_new_ones(monkeypatch):
    monkeypatch.setattr(vectors_module, "MOST_ROWS", 3)
    encoder = Counting()
    cache = VectorCache(encoder)
    cache.vectors(["a", "b", "c"])
    found = cache.vectors(["c", "d"])
    assert len(cache) == 3
    assert np.abs(found - Counting().encode(["c", "d"])).max() < 1e-3
    encoder.asked.clear()
    cache.vectors(["b", "c", "d"])
    assert encoder.asked == []
    cache.vectors(["a"])
    assert encoder.asked == ["a"]


def test_a_first_start_that_is_cut_off_keeps_what_it_has(tmp_path, monkeypatch):
    monkeypatch.setattr(vectors_module, "BLOCK", 2)

    class CutOff(Counting):
        def encode(self, texts):
            if "d" in texts:
                raise KeyboardInterrupt
            return super().encode(texts)

    with pytest.raises(KeyboardInterrupt):
        VectorCache(CutOff(), tmp_path).vectors(["a", "b", "c", "d"])
    encoder = Counting()
    VectorCache(encoder, tmp_path).vectors(["a", "b", "c", "d"])
    assert encoder.asked == ["c", "d"]
