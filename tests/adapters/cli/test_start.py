"""The command itself: fast to start, helpful, and quiet about what is not its fault."""

import subprocess
import sys
from importlib.metadata import PackageNotFoundError

import pytest
import typer

from adapters.cli import app

HEAVY = (
    "numpy",
    "pydantic",
    "rich",
    "yaml",
    "prompt_toolkit",
    "matplotlib",
    "discord",
    "sqlalchemy",
)
LAZY_GROUPS = {"discord", "slack"}


def commands():
    group = typer.main.get_group(app)
    return [name for name in group.list_commands(None) if name not in LAZY_GROUPS]


def loaded_by(arguments, names):
    """Which of the modules a command has imported when it ends, as printed."""
    script = (
        f"import sys; sys.argv = ['aifaq', *{arguments!r}]\n"
        "from adapters.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print(sorted(set({names!r}) & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=__file__.rsplit("/tests/", 1)[0],
    )
    return done.stdout.splitlines()[-1]


def test_help_loads_nothing_heavy():
    """`aifaq --help` imports typer and little else."""
    assert loaded_by(["--help"], HEAVY) == "[]"


def test_asking_loads_no_more_than_it_needs():
    """`aifaq ask` in a pipe brings in neither a chat platform nor a store nor charts."""
    needless = ("discord", "slack_bolt", "slack_sdk", "aiohttp", "sqlalchemy", "matplotlib", "rich",
                "prompt_toolkit", "prometheus_client", "ruamel")
    assert loaded_by(["ask", "hello"], needless) == "[]"


def test_the_version_is_told_also_where_nothing_is_installed(aifaq, monkeypatch):
    """A checkout that is run as it is says so, without a traceback."""
    monkeypatch.setattr("importlib.metadata.version", lambda _name: "1.2.3")
    assert aifaq("--version").out == "aifaq 1.2.3\n"

    def missing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.version", missing)
    result = aifaq("--version")
    assert result.code == 0
    assert "not installed" in result.out


@pytest.mark.parametrize("command", commands())
def test_every_command_explains_itself(aifaq, command):
    """Each command has a help with an example in it."""
    result = aifaq(command, "--help")
    assert result.code == 0
    assert f"Usage: aifaq {command}" in result.out
    assert "Example:" in result.out or "COMMAND" in result.out


@pytest.mark.parametrize("platform", sorted(LAZY_GROUPS))
def test_platforms_bring_their_own_commands(aifaq, platform):
    """`aifaq discord` and `aifaq slack` list what the adapters offer."""
    result = aifaq(platform, "--help")
    assert result.code == 0
    assert "doctor" in result.out


def test_a_wrong_option_is_exit_code_2(aifaq):
    """Wrong usage is told apart from an error."""
    result = aifaq("ask", "--nonsense", "x")
    assert result.code == 2
    assert "--nonsense" in result.err


def test_a_missing_folder_is_one_sentence(aifaq):
    """A folder that is not there is named, with what to do, and without a traceback."""
    result = aifaq("ask", "x", "--knowledge", "nowhere")
    assert result.code == 1
    assert result.err.startswith("aifaq: ")
    assert "nowhere" in result.err
    assert "--knowledge" in result.err
    assert "Traceback" not in result.err


def test_a_broken_base_lists_its_faults(aifaq, tmp_path):
    """Every fault is named with file and line."""
    folder = tmp_path / "base" / "things"
    folder.mkdir(parents=True)
    (folder / "one.yaml").write_text("id: one\ncategory: things\nen: {question: Q?}\n")
    (folder / "two.yaml").write_text("id: two\ncategory: things\nanser: x\n")
    result = aifaq("ask", "x", "--knowledge", str(tmp_path / "base"))
    assert result.code == 1
    assert "things/one.yaml:3:" in result.err
    assert "things/two.yaml" in result.err


def test_a_wrong_setting_is_named(aifaq, monkeypatch):
    """The environment variable at fault is in the message."""
    monkeypatch.setenv("AIFAQ_ANSWERING", "sometimes")
    result = aifaq("ask", "x")
    assert result.code == 1
    assert "AIFAQ_ANSWERING" in result.err


def test_an_unknown_language_names_the_known_ones(aifaq):
    """`--locale xx` says which languages there are."""
    result = aifaq("topics", "--locale", "xx")
    assert result.code == 1
    assert "en" in result.err
    assert "fr" in result.err


def test_a_reader_that_leaves_is_no_error(monkeypatch):
    """`aifaq topics | head -1` ends without a traceback."""
    command = f"{sys.executable} -m adapters topics | head -1"
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        check=True,
        cwd=__file__.rsplit("/tests/", 1)[0],
    )
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""
