"""Start-up time and memory of every command."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load.people import stage
from benchmarks.load.tables import Report
from tests.faults.process import REPOSITORY

QUESTION = "How much did it cost to train DeepSeek R1?"
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("--version",),
    ("--help",),
    ("ask", "--help"),
    ("ask", QUESTION),
    ("explain", QUESTION),
    ("chat",),
    ("topics",),
    ("rank",),
    ("check",),
    ("settings",),
    ("doctor",),
    ("stats",),
    ("due",),
    ("misses",),
    ("drafts",),
    ("export", "--help"),
    ("slack", "manifest"),
)
LONG_SECONDS = 5.0
"""What takes longer is run once."""
TYPED = f"{QUESTION}\n".encode()
"""What `chat` and `rank` read."""


@dataclass(order=True)
class Run:
    """What one process took."""

    cpu: float
    wall: float
    memory: float
    """Megabytes at the most."""
    code: int


async def starts(report: Report, repeats: int) -> None:
    """Each command until it has ended, and `run` until it is ready."""
    report.table(
        "Start-up of every command",
        "Until the process has ended, with its work done; `run` until it is ready. The first start "
        "builds the index of the base, later ones read it. The best of "
        f"{repeats} starts; memory at its highest.",
        ("<command", "s", "CPU s", "memory MB"),
    )
    with tempfile.TemporaryDirectory() as home:
        entry = _some_entry(home)
        for command in (*COMMANDS, ("show", entry)):
            if command == ("ask", QUESTION):
                with tempfile.TemporaryDirectory() as empty:
                    _row(report, "ask …, the first time", _run(command, empty))
            best = _run(command, home)
            if best.wall < LONG_SECONDS:
                best = min([best, *(_run(command, home) for _ in range(repeats - 1))])
            _row(report, " ".join(word if word != QUESTION else "…" for word in command), best)
    for name, ways in (("discord", ("Discord",)), ("slack", ("Slack, Socket Mode",)),
                       ("all", ("Discord", "Slack, Socket Mode"))):
        async with stage(*ways, rate=1.0, AIFAQ_ENCODER="bundled"):
            pass  # what it keeps is there from now on
        async with stage(*ways, rate=1.0, AIFAQ_ENCODER="bundled") as here:
            report.row(f"`aifaq run {name}`", here.bot.started, here.bot.cpu, here.bot.memory / 1e6)


def _row(report: Report, words: str, run: Run) -> None:
    if run.code > 1:
        words += f" (ended with {run.code})"
    report.row(f"`aifaq {words}`", run.wall, run.cpu, run.memory)


def _some_entry(home: str) -> str:
    """The id of an entry of the shipped base; also fills the cache."""
    command = [sys.executable, "-m", "adapters", "topics", "--json"]
    done = subprocess.run(command, cwd=REPOSITORY, env=_environment(home), check=True,
                          capture_output=True, text=True)
    topics = json.loads(done.stdout)
    while isinstance(topics, list | dict) and "id" not in topics:
        topics = topics[0] if isinstance(topics, list) else next(
            value for value in topics.values() if isinstance(value, list))
    return str(topics["id"])


def _environment(home: str) -> dict[str, str]:
    folders = {f"AIFAQ_{name}_DIR": str(Path(home) / name.lower()) for name in ("DATA", "CACHE")}
    return {"PATH": os.environ["PATH"], "HOME": home, "LANG": "C.UTF-8"} | folders


def _run(command: tuple[str, ...], home: str) -> Run:
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "adapters", *command], cwd=REPOSITORY, env=_environment(home),
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    assert process.stdin
    process.stdin.write(TYPED)
    with suppress(BrokenPipeError):  # where it reads nothing
        process.stdin.close()
    # Looked up while it runs: what the kernel tells at the end counts this process's own size in.
    memory, ended = 0.0, 0
    while not ended:
        memory = max(memory, _peak(process.pid))
        time.sleep(0.005)
        ended, status, used = os.wait4(process.pid, os.WNOHANG)
    process.returncode = code = os.waitstatus_to_exitcode(status)
    return Run(used.ru_utime + used.ru_stime, time.monotonic() - began, memory, code)


def _peak(number: int) -> float:
    """Megabytes that a process took at the most so far."""
    try:
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{number}/status").read_text())
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0
