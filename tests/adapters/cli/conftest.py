import io
import sys
from dataclasses import dataclass

import pytest

from adapters import __main__ as entry
from tests.dialogs import KNOWLEDGE

SMALL = str(KNOWLEDGE["small"])


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch, tmp_path):
    """No setting of the machine, no terminal, no encoder: the same everywhere, and fast."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "AIFAQ_KNOWLEDGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AIFAQ_ENCODER", "none")
    monkeypatch.setenv("AIFAQ_KNOWLEDGE", SMALL)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def aifaq(monkeypatch, capsys):
    """Runs the command in this process: `aifaq("ask", "…", stdin=b"")` -> Result."""

    def run(*args: str, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "argv", ["aifaq", *args])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as done:
            entry.main()
        out, err = capsys.readouterr()
        return Result(int(done.value.code or 0), out, err)

    return run
