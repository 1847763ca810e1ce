"""/healthz, /readyz and /metrics of an app in this process."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapters.http import serving
from bot import metrics
from bot.app import App
from bot.errors import SettingsError
from bot.models import Question
from bot.settings import Settings

DASHBOARD = Path(__file__).parent.parent.parent.parent / "deploy" / "grafana" / "aifaq.json"


@pytest.fixture
def app() -> App:
    return App.create(Settings(http="127.0.0.1:0", encoder="none", database_url="none"))


@pytest.fixture
async def url(app: App) -> AsyncIterator[str]:
    async with serving(app) as port:
        yield f"http://127.0.0.1:{port}"


async def get(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.text()


async def figures(url: str) -> dict[str, float]:
    text = (await get(f"{url}/metrics"))[1]
    return {
        " ".join([one.name, *(value for _, value in sorted(one.labels.items()))]): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


async def test_off_by_default() -> None:
    """Without an address nothing listens and nothing is counted."""
    app = App.create(Settings(encoder="none", database_url="none"))
    async with serving(app) as port:
        assert port is None
        assert metrics._sink is None


async def test_alive(url: str) -> None:
    """Whatever the platforms do."""
    assert await get(f"{url}/healthz") == (200, '{"ok": true}')


async def test_ready_only_when_every_platform_is_connected(app: App, url: str) -> None:
    """Each part tells what is wrong."""
    app.health.set("discord", True, "1 of 1 shards connected")
    app.health.set("slack", False, "no connection: refused")
    status, text = await get(f"{url}/readyz")
    told = json.loads(text)
    assert status == 503
    assert told["ready"] is False
    assert told["parts"]["slack"]["detail"] == "no connection: refused"
    assert told["knowledge"]["entries"] == len(app.faq.knowledge.entries)

    app.health.set("slack", True, "connected")
    status, text = await get(f"{url}/readyz")
    assert status == 200
    assert json.loads(text)["ready"] is True


async def test_figures_follow_what_happens(app: App, url: str) -> None:
    """Questions by platform, language and outcome; times; waits; the queue; reloads."""
    app.health.set("slack", False)
    for text, seconds in (("How much did it cost to train DeepSeek R1?", 0.03), ("xyzzy", 2.0)):
        question = Question(text, "en")
        app.records.asked(
            platform="slack", person="U1", channel="C1", question=question,
            reply=app.faq.respond(question), seconds=seconds,
        )
    metrics.waited("slack", 3)
    app.reloader.failures += 1

    told = await figures(url)
    assert told["aifaq_questions_total en answer slack"] == 1
    assert told["aifaq_questions_total en fallback slack"] == 1
    assert told["aifaq_match_seconds_count"] == 2
    assert told["aifaq_reply_seconds_sum slack"] == pytest.approx(2.03)
    assert told["aifaq_reply_seconds_bucket 0.05 slack"] == 1
    assert told["aifaq_rate_limit_waits_total slack"] == 1
    assert told["aifaq_rate_limit_wait_seconds_total slack"] == 3
    assert told["aifaq_store_queue"] == app.records.waiting == 2
    assert told["aifaq_store_dropped_total"] == 0
    assert told["aifaq_reloads_total refused"] == 1
    assert told["aifaq_connected slack"] == 0
    assert told["aifaq_entries"] == len(app.faq.knowledge.entries)
    assert told["process_resident_memory_bytes"] > 0


async def test_nothing_in_the_pages_is_about_a_person(app: App, url: str) -> None:
    """No text, no id, no secret."""
    app.records.asked(
        platform="slack", person="U12345", channel="C12345", question=Question("xylophone?"),
        reply=app.faq.respond(Question("xylophone?")), seconds=0.1,
    )
    for page in ("healthz", "readyz", "metrics"):
        text = (await get(f"{url}/{page}"))[1]
        assert not re.search("xylophone|12345", text)


async def test_other_pages_and_methods_are_refused(url: str) -> None:
    """There is nothing else."""
    assert (await get(url))[0] == 404
    async with aiohttp.ClientSession() as session, session.post(f"{url}/healthz") as response:
        assert response.status == 405


async def test_an_address_in_use_is_named() -> None:
    """The setting, the address and the reason."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        app = App.create(Settings(http=address, encoder="none", database_url="none"))
        with pytest.raises(SettingsError, match=f"AIFAQ_HTTP={address} cannot be listened on"):
            async with serving(app):
                pass
    assert metrics._sink is None


async def test_the_dashboard_asks_for_figures_that_exist(app: App, url: str) -> None:
    """Every name in the Grafana file is one that /metrics has."""
    app.health.set("slack", True)
    app.records._store = object()  # type: ignore[assignment]  # so that its figure is told
    text = (await get(f"{url}/metrics"))[1]
    families = {f.name: f for f in text_string_to_metric_families(text)}
    known = {name for family in families.values() for name in _names(family)}
    asked = {
        name
        for panel in json.loads(DASHBOARD.read_text())["panels"]
        for target in panel["targets"]
        for name in re.findall(r"\b(?:aifaq|process)_\w+", target["expr"])
    }
    assert len(asked) > 8
    assert asked <= known


def _names(family: object) -> set[str]:
    name, kind = family.name, family.type  # type: ignore[attr-defined]
    if kind == "counter":
        return {f"{name}_total"}
    return {f"{name}_bucket"} if kind == "histogram" else {name}
