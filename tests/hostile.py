"""The hostile corpus: `tests/data/hostile.txt`, a JSON string a line; and longer texts."""

from __future__ import annotations

import json
from pathlib import Path

CORPUS = Path(__file__).parent / "data" / "hostile.txt"
LONG = ("a" * 5_000, "<@U012345> " * 2_000, "**" * 3_000, "\n" * 4_000, "é" * 2_001, "🙂" * 2_001)


def hostile_texts() -> list[str]:
    """All of them, for `pytest.mark.parametrize`."""
    lines = CORPUS.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line and not line.startswith("#")] + list(LONG)
