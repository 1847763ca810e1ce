"""The fuzzed targets hold for the corpus and what hypothesis makes of it; briefly with atheris."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.__main__ import NAMES, seeds
from tests.fuzz.targets import TARGETS

REPOSITORY = Path(__file__).parent.parent.parent
SEEDS = {name: seeds(name) for name in TARGETS}


@st.composite
def mangled(draw: st.DrawFn, name: str) -> bytes:
    """A seed with a piece cut out, doubled, or replaced by any bytes."""
    data = draw(st.sampled_from(SEEDS[name]))
    start = draw(st.integers(0, len(data)))
    end = draw(st.integers(start, min(len(data), start + 200)))
    piece = draw(st.one_of(st.binary(max_size=40), st.just(data[start:end] * 2)))
    return data[:start] + piece + data[end:]


def test_every_target_has_a_name() -> None:
    """The names are told before the targets are imported."""
    assert tuple(TARGETS) == NAMES


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus(name: str) -> None:
    """Every seed as it is."""
    for seed in SEEDS[name]:
        TARGETS[name](seed)


@pytest.mark.parametrize("name", TARGETS)
def test_mangled_seeds(name: str) -> None:
    """Two hundred variations, the same in every run."""

    @settings(
        max_examples=200, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(mangled(name))
    def holds(data: bytes) -> None:
        TARGETS[name](data)

    holds()


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is not installed")
@pytest.mark.parametrize("name", ["slack-event", "handles"])
def test_a_short_run_of_atheris(name: str, tmp_path: Path) -> None:
    """The harness works; longer runs are made by hand."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", name, "-runs=2000", str(tmp_path)],
        cwd=REPOSITORY, check=False, capture_output=True, text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
