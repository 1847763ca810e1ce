"""`aifaq check`: findings in three forms, and the exit code."""

import json
import shutil

import pytest

from tests.dialogs import KNOWLEDGE


@pytest.fixture
def base(tmp_path):
    """A copy of the small base that tests may break."""
    return shutil.copytree(KNOWLEDGE["small"], tmp_path / "base")


def break_file(base):
    path = base / "services" / "library-hours.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("standing:", "standng:"), "utf-8")


def test_a_broken_file_fails(aifaq, base):
    """File, line, remedy, exit code 1."""
    break_file(base)
    result = aifaq("check", str(base))
    assert result.code == 1
    assert "services/library-hours.yaml:3: error:" in result.out
    assert "did you mean `standing`" in result.out


def test_warnings_fail_only_when_strict(aifaq, base):
    """Without the entry that takes another's questions, warnings are left and no error."""
    (base / "services" / "stadium-pass-price.yaml").unlink()
    for path in base.glob("services/*.yaml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("stadium-pass-price, ", ""), encoding="utf-8")
    assert aifaq("check", str(base)).code == 0
    assert aifaq("check", str(base), "--strict").code == 1


def test_json(aifaq, base):
    """A list of findings."""
    break_file(base)
    found = json.loads(aifaq("check", str(base), "--format", "json").out)
    assert found[0]["path"] == "services/library-hours.yaml"
    assert found[0]["line"] == 3
    assert found[0]["severity"] == "error"


def test_github_annotations(aifaq, base):
    """Workflow commands with the path as seen from the working folder."""
    break_file(base)
    out = aifaq("check", "base", "--format", "github").out
    assert out.startswith("::error file=base/services/library-hours.yaml,line=3,")


def test_every_broken_part_is_reported(aifaq, base):
    """Faults of entries and of the interface come together."""
    break_file(base)
    (base / "interface").mkdir()
    (base / "interface" / "en.yaml").write_text("- not\n- a block\n")
    out = aifaq("check", str(base)).out
    assert "services/library-hours.yaml" in out
    assert "interface/en.yaml" in out
