"""The `aifaq` command: runs it, and turns what goes wrong into a sentence and an exit code.

Exit codes: 0 done, 1 an error or faults found, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import contextlib
import os
import sys

from bot.errors import AifaqError, KnowledgeError

MAX_FAULTS = 20
"""Faults of a broken knowledge base that are printed; `aifaq check` prints them all."""


def main() -> None:
    """Run the command line; always ends in SystemExit."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets a question mark instead of a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.exit(_run())


def _run() -> int:
    from adapters.cli import app

    try:
        app(prog_name="aifaq")
    except SystemExit as done:
        return _flushed(done.code if isinstance(done.code, int) else 0)
    except KeyboardInterrupt:
        return _flushed(130)
    except BrokenPipeError:
        return _flushed(1)
    except AifaqError as error:
        sys.stderr.write(f"aifaq: {_sentence(error)}\n")
        return _flushed(1)
    return _flushed(0)


def _sentence(error: AifaqError) -> str:
    if not isinstance(error, KnowledgeError) or len(error.faults) == 1:
        return str(error)
    shown = [f"  {fault}" for fault in error.faults[:MAX_FAULTS]]
    if len(error.faults) > MAX_FAULTS:
        shown.append(f"  … and {len(error.faults) - MAX_FAULTS} more; `aifaq check` lists them all")
    head = f"the knowledge base cannot be loaded, it has {len(error.faults)} faults:"
    return "\n".join([head, *shown])


def _flushed(code: int) -> int:
    """Write out what waits; a reader that has gone away is no error worth a traceback."""
    try:
        sys.stdout.flush()
    except (BrokenPipeError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return code or 1
    return code


if __name__ == "__main__":
    main()
