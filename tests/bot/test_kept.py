"""The index kept between starts: as good as a new one, and trusted in nothing."""

from __future__ import annotations

import os
import pickle
import shutil
import stat
from pathlib import Path

import pytest

from bot import kept, service
from bot.errors import KnowledgeError
from bot.models import Question
from bot.service import Faq
from bot.settings import Settings

SMALL = Path(__file__).parent.parent / "dialogs" / "small"
QUESTION = Question("When is the library open?")


@pytest.fixture(autouse=True)
def worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small base is built too fast to be kept."""
    monkeypatch.setattr(kept, "WORTH_SECONDS", 0.0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of a base of its own, with a cache folder of its own."""
    knowledge = shutil.copytree(SMALL, tmp_path / "knowledge")
    return Settings(knowledge=knowledge, cache_dir=tmp_path / "cache", encoder="none")


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One item for each time that an index is built."""
    times: list[str] = []
    build = service.Matcher.__init__

    def count(self: service.Matcher, *about: object, **more: object) -> None:
        times.append("built")
        build(self, *about, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(service.Matcher, "__init__", count)
    return times


def the_file(settings: Settings) -> Path:
    assert settings.cache_dir
    [found] = settings.cache_dir.iterdir()
    return found


def test_a_second_start_reads_what_the_first_one_built(
    settings: Settings, built: list[str]
) -> None:
    """And gives the same replies, also after a reload."""
    first, second = Faq.load(settings), Faq.load(settings)
    assert built == ["built"]
    assert second.version == first.version
    assert second.explain(QUESTION) == first.explain(QUESTION)
    assert first.respond(QUESTION).answer is not None
    second.swap(second.knowledge, second.messages)
    assert second.respond(QUESTION) == first.respond(QUESTION)


@pytest.mark.parametrize("file", ["one", "interface/en.yaml"])
def test_a_changed_file_is_noticed(settings: Settings, built: list[str], file: str) -> None:
    """Its bytes count, not its time."""
    Faq.load(settings)
    path = settings.knowledge / file
    if file == "one":
        path = next(one for one in sorted(settings.knowledge.glob("*/*.yaml"))
                    if one.parent.name not in ("interface", "questions"))
    status = path.stat() if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    path.write_text((path.read_text() if status else "own: yes please\n") + "# changed\n")
    if status:
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    Faq.load(settings)
    assert built == ["built"] * 2


def test_a_folder_by_another_spelling_has_its_own_root(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The root of a base is where its files are read again, from any working directory."""
    monkeypatch.chdir(settings.knowledge)
    Faq.load(settings.model_copy(update={"knowledge": Path()}))
    monkeypatch.chdir("/")
    assert Faq.load(settings).knowledge.root == settings.knowledge


def test_other_code_or_another_encoder_builds_its_own(
    settings: Settings, built: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What an older version built is not read by a newer one."""
    Faq.load(settings)
    monkeypatch.setattr(kept, "CODE", tmp_path / "cache")
    Faq.load(settings)
    Faq.load(settings.model_copy(update={"encoder": "bundled"}))
    assert built == ["built"] * 3


def test_a_broken_folder_is_refused_as_ever(settings: Settings) -> None:
    """What is kept hides no fault."""
    Faq.load(settings)
    entry = next(one for one in sorted(settings.knowledge.glob("*/*.yaml"))
                 if one.parent.name not in ("interface", "questions"))
    entry.write_text("id: [")
    with pytest.raises(KnowledgeError):
        Faq.load(settings)


@pytest.mark.parametrize("damage", [b"", b"nothing of the kind", pickle.dumps({"a": 1})])
def test_a_damaged_file_costs_time_only(
    settings: Settings, built: list[str], damage: bytes
) -> None:
    """Cut off, overwritten or of another kind: built anew and kept again."""
    Faq.load(settings)
    the_file(settings).write_bytes(damage)
    assert Faq.load(settings).respond(QUESTION).answer is not None
    Faq.load(settings)
    assert built == ["built"] * 2


class _Harm:
    def __init__(self, call: object, *about: object) -> None:
        self.call, self.about = call, about

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return self.call, self.about


@pytest.mark.parametrize("call", [os.system, eval, Path.write_text, kept.content_hash])
def test_a_hostile_file_runs_nothing(
    settings: Settings, built: list[str], call: object, tmp_path: Path
) -> None:
    """Only objects of the bot's own classes are made; no function is called."""
    Faq.load(settings)
    mark = tmp_path / "mark"
    about: dict[object, tuple[object, ...]] = {
        os.system: (f"touch {mark}",), eval: (f"open({str(mark)!r}, 'w')",),
        Path.write_text: (mark, "x"), kept.content_hash: (tmp_path,),
    }
    the_file(settings).write_bytes(pickle.dumps(_Harm(call, *about[call])))
    Faq.load(settings)
    assert not mark.exists()
    assert built == ["built"] * 2


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="rights as on Unix")
def test_nobody_else_reads_or_writes_it(settings: Settings, built: list[str]) -> None:
    """Made for its owner alone; one that others may write to is not read."""
    Faq.load(settings)
    file = the_file(settings)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o666)
    Faq.load(settings)
    assert built == ["built"] * 2


def test_few_and_no_large_files_are_kept(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest go; what is too large is built at each start."""
    assert settings.cache_dir
    glossary = settings.knowledge / "glossary.yaml"
    for number in range(5):
        glossary.write_text(f"# {number}\n")
        Faq.load(settings)
    assert len(list(settings.cache_dir.iterdir())) == kept.MOST_FILES
    monkeypatch.setattr(kept, "LARGEST", 100)
    glossary.write_text("# once more\n")
    Faq.load(settings)
    assert len(list(settings.cache_dir.iterdir())) == kept.MOST_FILES


def test_a_folder_that_cannot_be_written_is_no_trouble(settings: Settings) -> None:
    """As on a read-only disk: each start builds."""
    assert settings.cache_dir
    settings.cache_dir.write_text("a file where the folder should be")
    assert Faq.load(settings).respond(QUESTION).answer is not None
