"""What a question costs as the base grows: time per question, time to build, memory.

    python -m benchmarks.cost                     # 56 to 20,000 entries
    python -m benchmarks.cost --entries 56 1000   # some of them

The base is made up: entries of ten variants from a vocabulary that grows with the base as words
do in real text (Heaps' law). Every size and engine runs in a process of its own, on one core,
without the sentence encoder, which benchmarks/encoder.py measures. Processor time beside the
clock's says what a machine busy with other work hides.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

SIZES = (56, 560, 5_600, 20_000)
ENGINES = ("aifaq", "rapidfuzz WRatio", "BM25 (bm25s)")
VARIANTS = 10
QUESTIONS = 200


def made_up(entries: int) -> tuple[list[list[str]], list[str]]:
    """Variants of each entry, and questions that resemble some of them."""
    rng = np.random.default_rng(entries)
    size = int(90 * (entries * VARIANTS * 8) ** 0.5)
    letters = np.array(list("abcdefghilmnoprstuv"))
    vocabulary = ["".join(rng.choice(letters, rng.integers(3, 11))) for _ in range(size)]
    ranks = 1.0 / np.arange(1, size + 1)
    common = rng.choice(size, size=(entries, VARIANTS, 6), p=ranks / ranks.sum())
    topic = rng.integers(0, size, size=(entries, 12))
    variants = [
        [
            " ".join(vocabulary[at] for at in (*common[entry, row], *rng.choice(topic[entry], 3)))
            for row in range(VARIANTS)
        ]
        for entry in range(entries)
    ]
    asked = [
        " ".join(
            variants[int(rng.integers(entries))][int(rng.integers(VARIANTS))].split()[:8][::-1]
        )
        for _ in range(QUESTIONS)
    ]
    return variants, asked


def build(engine: str, variants: list[list[str]]) -> Callable[[str], object]:
    """Index the variants and return what answers a question."""
    lines = [line for entry in variants for line in entry]
    if engine == "rapidfuzz WRatio":
        from rapidfuzz import fuzz, process

        return lambda text: process.extractOne(text, lines, scorer=fuzz.WRatio)
    if engine == "BM25 (bm25s)":
        import bm25s

        retriever = bm25s.BM25()
        tokens = bm25s.tokenize(lines, stopwords=None, show_progress=False)
        retriever.index(tokens, show_progress=False)

        def ask(text: str) -> object:
            asked = bm25s.tokenize(text, stopwords=None, show_progress=False)
            return retriever.retrieve(asked, k=10, show_progress=False)

        return ask
    from bot.knowledge import Glossary, KnowledgeBase
    from bot.matching import Matcher
    from bot.models import Entry, EntryText

    entries = {
        f"e{at}": Entry(f"e{at}", "made-up", {"en": EntryText(own[0], tuple(own[1:]), (), own[0])})
        for at, own in enumerate(variants)
    }
    base = KnowledgeBase(Path(), entries, {}, Glossary(), (), (), "")
    return Matcher(base).rank


def measure(engine: str, entries: int) -> dict[str, float]:
    """Figures of one engine at one size; to be run in a fresh process."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    variants, asked = made_up(entries)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    ask = build(engine, variants)
    built = time.process_time() - started
    for text in asked[:20]:
        ask(text)
    times = []
    for text in asked[: 20 if engine.startswith("rapidfuzz") and entries > 1000 else None]:
        began = time.perf_counter(), time.process_time()
        ask(text)
        times.append((time.perf_counter() - began[0], time.process_time() - began[1]))
    clock, busy = 1e3 * np.array(times).T
    return {
        "build, s": round(built, 2),
        "p50, ms": round(float(np.quantile(busy, 0.5)), 2),
        "p95, ms": round(float(np.quantile(busy, 0.95)), 2),
        "p99, ms": round(float(np.quantile(busy, 0.99)), 2),
        "p95 by the clock, ms": round(float(np.quantile(clock, 0.95)), 2),
        "memory, MB": round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024),
    }


def main() -> None:
    """Measure each engine at each size in a child process and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--engines", nargs="+", default=list(ENGINES))
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure[0], int(options.measure[1]))))
        return
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    header_done = False
    for entries in options.entries:
        for engine in options.engines:
            command = [sys.executable, "-m", "benchmarks.cost", "--measure", engine, str(entries)]
            done = subprocess.run(
                command, check=True, stdout=subprocess.PIPE, text=True, env=environment
            )
            row = json.loads(done.stdout.splitlines()[-1])
            if not header_done:
                print(f"| entries | engine | {' | '.join(row)} |\n|---:|---|{'---:|' * len(row)}")
                header_done = True
            print(f"| {entries:,} | {engine} | {' | '.join(map(str, row.values()))} |", flush=True)


if __name__ == "__main__":
    main()
