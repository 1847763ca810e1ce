"""Logs: two forms, one number per question, and nothing in them that must not be."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest

from bot import logs
from bot.models import Question
from bot.records import Records
from bot.service import Faq
from bot.settings import Settings
from tests.hostile import hostile_texts

SetUp = Callable[..., io.StringIO]


@pytest.fixture
def set_up() -> Iterator[SetUp]:
    """Sends the logs to a text; the levels are put back afterwards."""
    names = ("", *logs.OURS)
    before = {name: logging.getLogger(name).level for name in names}
    handlers = list(logging.getLogger().handlers)

    def begin(**settings: object) -> io.StringIO:
        stream = io.StringIO()
        logs.set_up(Settings(**settings), stream)
        return stream

    yield begin
    logging.getLogger().handlers[:] = handlers
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


log = logging.getLogger("aifaq.test")


def test_a_line_for_people(set_up: SetUp) -> None:
    """When, how grave, who, what."""
    stream = set_up()
    log.info("%d entries in service", 56)
    assert stream.getvalue().split(" ", 2)[2] == "INFO aifaq.test 56 entries in service\n"


def test_a_line_for_machines(set_up: SetUp) -> None:
    """One JSON object a line, the traceback apart."""
    stream = set_up(log_format="json")
    try:
        raise ValueError("no good")
    except ValueError:
        log.exception("it failed\nover two lines")
    (line,) = stream.getvalue().splitlines()
    told = json.loads(line)
    assert told["level"] == "error"
    assert told["logger"] == "aifaq.test"
    assert told["message"] == "it failed\nover two lines"
    assert told["error"].startswith("Traceback (most recent call last):\n")
    assert told["error"].endswith("ValueError: no good")


@pytest.mark.parametrize("form", ["text", "json"])
async def test_lines_of_a_question_share_its_number(set_up: SetUp, form: str) -> None:
    """Through awaits and tasks, while other questions are at work."""
    stream = set_up(log_format=form)

    async def later(name: str) -> None:
        await asyncio.sleep(0)
        log.info("late %s", name)

    async def answer(name: str) -> str:
        with logs.of_question() as number:
            log.info("early %s", name)
            await asyncio.create_task(later(name))
            return number

    numbers = dict(zip("ab", await asyncio.gather(answer("a"), answer("b")), strict=True))
    log.info("outside")
    lines = stream.getvalue().splitlines()
    assert numbers["a"] != numbers["b"]
    assert len(lines) == 5
    for line in lines[:4]:
        name = line.split("early " if "early " in line else "late ")[1][0]
        assert numbers[name] in line
        assert numbers["b" if name == "a" else "a"] not in line
    assert not any(number in lines[4] for number in numbers.values())


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_comes_out(set_up: SetUp, form: str) -> None:
    """Configured secrets, what looks like a token, and passwords in addresses are masked."""
    shapes = (
        "xoxb-1234567890-abcdefghij",
        "xapp-1-A0123456789-abcdef",
        "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAx.GaBcDe.abcdefghijklmnopqrstuvwxyz012345",
        "postgresql://aifaq:other-password@host/db",
    )
    stream = set_up(log_format=form, discord_token="my-own-token", secret_key="sixteen characters")
    try:
        raise RuntimeError(f"refused: my-own-token and {shapes[0]}")
    except RuntimeError:
        log.exception("with %s and %s", "sixteen characters", shapes)
    text = stream.getvalue()
    for secret in ("my-own-token", "sixteen characters", "other-password", *shapes[:3]):
        assert secret not in text
    assert "host/db" in text


@pytest.mark.parametrize("text", hostile_texts())
@pytest.mark.parametrize("form", ["text", "json"])
def test_nobody_forges_a_line(set_up: SetUp, form: str, text: str) -> None:
    """Whatever is logged stays one record, without control characters."""
    stream = set_up(log_format=form)
    log.warning("asked: %s", text)
    written = stream.getvalue()
    assert not set(written) & {"\x1b", "\x07", "\r", "\x00", "\u2028", "\x9b"}
    if form == "json":
        (line,) = written.split("\n")[:-1]
        assert json.loads(line)["message"].startswith("asked: ")
    else:
        first, *more = written.rstrip("\n").split("\n")
        assert "WARNING aifaq.test asked: " in first
        assert all(line.startswith("    ") for line in more)


@pytest.mark.parametrize("level", ["info", "warning", "error"])
def test_texts_of_questions_are_logged_at_debug_only(set_up: SetUp, level: str) -> None:
    """The log at info tells the outcome, at debug the text too."""
    text = "a question with the word xylophone"
    faq = Faq.load(Settings(encoder="none"))

    def ask() -> None:
        question = Question(text)
        reply = faq.respond(question)
        Records().asked(platform="console", person="p", channel="c", question=question,
                        reply=reply, seconds=0.01)

    stream = set_up(log_level=level)
    ask()
    assert "xylophone" not in stream.getvalue()
    assert ("fallback" in stream.getvalue()) == (level == "info")
    stream = set_up(log_level="debug")
    ask()
    assert "xylophone" in stream.getvalue()


def test_libraries_stay_quiet_even_at_debug(set_up: SetUp) -> None:
    """discord.py's and slack-sdk's debug lines hold whole messages."""
    stream = set_up(log_level="debug")
    logging.getLogger("discord.gateway").debug("payload")
    logging.getLogger("slack_bolt").debug("payload")
    assert stream.getvalue() == ""


def test_setting_up_again_does_not_double_the_lines(set_up: SetUp) -> None:
    """The last one holds."""
    first, second = set_up(), set_up()
    log.info("once")
    assert first.getvalue() == ""
    assert second.getvalue().count("once") == 1
