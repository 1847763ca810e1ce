"""Fuzz one target with atheris, for as long as one likes.

    pip install atheris
    python -m tests.fuzz loader -max_total_time=60

Arguments after the target are libFuzzer's. The corpus starts with the hostile texts and the shipped
entries, and grows in the folder named (`tests/fuzz/corpus/<target>` by default, not committed).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.hostile import hostile_texts

NAMES = ("loader", "interface", "question", "slack-event", "slack-markup", "handles")
SHIPPED = Path(__file__).parent.parent.parent / "knowledge"


def seeds(target: str) -> list[bytes]:
    """Where to start from."""
    texts = [text.encode("utf-8", "surrogatepass") for text in hostile_texts()]
    if target in ("loader", "interface"):
        return [file.read_bytes() for file in sorted(SHIPPED.glob("*/*.yaml"))[:20]] + texts
    payloads = ("f:p:en:AAAAAAAAAAE:deepseek-training-cost+gpt4-training-cost", "[" * 2_000)
    event = {"type": "message", "channel_type": "im", "user": "U1", "text": "<@U0000000> hello"}
    return [*texts, *(text.encode() for text in (*payloads, json.dumps(event)))]


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        sys.exit(f"{__doc__}\nTargets: {', '.join(NAMES)}")
    try:
        import atheris
    except ImportError:
        sys.exit("atheris is not installed: pip install atheris")
    name = sys.argv.pop(1)
    if all(argument.startswith("-") for argument in sys.argv[1:]):
        corpus = Path(__file__).parent / "corpus" / name
        corpus.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds(name)):
            (corpus / f"seed-{number}").write_bytes(seed)
        sys.argv.append(str(corpus))
    with atheris.instrument_imports(include=["adapters", "bot"]):
        from tests.fuzz.targets import TARGETS
    atheris.Setup(sys.argv, TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
