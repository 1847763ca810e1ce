"""Load on the whole bot: how much it answers, how fast, and at what cost in time and memory.

    python -m benchmarks.load                      # everything, within twelve minutes
    python -m benchmarks.load --write              # the same, and into benchmarks/load/README.md
    python -m benchmarks.load --short              # everything in two or three minutes, roughly
    python -m benchmarks.load rates growth         # some of it: rates, soak, growth, starts
    python -m benchmarks.load soak --minutes 10    # memory over a long run

The bot runs as `aifaq run …` in a process of its own, against the platforms' protocols on
127.0.0.1, with SQLite on disk and the bundled sentence encoder.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import time

from benchmarks.load.growth import growth
from benchmarks.load.rates import rates, soak
from benchmarks.load.starts import starts
from benchmarks.load.tables import Report, machine

PARTS = ("rates", "soak", "growth", "starts")
SIZES = [56, 560, 5_600, 20_000]


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all when none is named")
    parser.add_argument("--short", action="store_true", help="a rough figure in little time")
    parser.add_argument("--write", action="store_true", help="put the tables into README.md")
    parser.add_argument("--minutes", type=float, help="of the soak: 3, or half a minute if short")
    parser.add_argument("--rate", type=float, default=10.0, help="questions a second, gently")
    parser.add_argument("--entries", type=int, nargs="+", help="sizes of the base")
    parser.add_argument("--encoder", default="bundled")
    chosen = parser.parse_args()
    parts = chosen.parts or list(PARTS)
    if unknown := set(parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    report, began = Report(), time.monotonic()
    report.say(f"{machine()[0].upper()}{machine()[1:]}; encoder {chosen.encoder}.")
    asyncio.run(_measure(report, parts, chosen))
    report.say(f"\nMeasured in {(time.monotonic() - began) / 60:.1f} minutes.")
    if chosen.write:
        report.write()


async def _measure(report: Report, parts: list[str], chosen: argparse.Namespace) -> None:
    # A late acknowledgement of an event that nobody waits for is no news here.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    short = chosen.short
    if "rates" in parts:
        await rates(report, 6.0 if short else 20.0, chosen.rate, chosen.encoder)
    if "soak" in parts:
        minutes = chosen.minutes or (0.5 if short else 3.0)
        await soak(report, minutes, chosen.rate, chosen.encoder)
    if "growth" in parts:
        sizes = chosen.entries or (SIZES[:2] if short else SIZES)
        await growth(report, sizes, chosen.rate, 5.0 if short else 10.0, 60.0 if short else 330.0)
    if "starts" in parts:
        await starts(report, 1 if short else 2)


if __name__ == "__main__":
    main()
