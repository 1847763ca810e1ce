"""Figures in Prometheus's form: some told as they happen, some looked up at each scrape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from bot.app import App
from bot.models import Locale

MATCH_BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0)
REPLY_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 6.0, 15.0, 60.0)
"""Seconds; both platforms want a first sign of life within three."""


class Figures:
    """Everything `/metrics` shows; takes figures as a `bot.metrics.Sink`."""

    def __init__(self, app: App) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        registry.register(State(app))
        self._questions = Counter(
            "aifaq_questions", "Questions answered, by what became of them.",
            ["platform", "language", "outcome"], registry=registry,
        )
        self._matches = Histogram(
            "aifaq_match_seconds", "Time to find a reply in the knowledge base.",
            buckets=MATCH_BUCKETS, registry=registry,
        )
        self._replies = Histogram(
            "aifaq_reply_seconds", "Time from a question's event to the reply sent.",
            ["platform"], buckets=REPLY_BUCKETS, registry=registry,
        )
        self._waits = Counter(
            "aifaq_rate_limit_waits", "Times that a platform asked to wait.",
            ["platform"], registry=registry,
        )
        self._waited = Counter(
            "aifaq_rate_limit_wait_seconds", "Seconds that a platform asked to wait.",
            ["platform"], registry=registry,
        )

    def asked(self, platform: str, locale: Locale, outcome: str, seconds: float) -> None:
        """Count a question and time its reply."""
        self._questions.labels(platform, locale, outcome).inc()
        self._replies.labels(platform).observe(seconds)

    def matched(self, seconds: float) -> None:
        """Time a search."""
        self._matches.observe(seconds)

    def waited(self, platform: str, seconds: float) -> None:
        """Count a wait."""
        self._waits.labels(platform).inc()
        self._waited.labels(platform).inc(seconds)


class State(Collector):
    """What the running bot knows of itself at the moment of a scrape."""

    def __init__(self, app: App) -> None:
        self._app = app

    def describe(self) -> Iterable[Metric]:
        """Nothing fixed: names are checked at the scrape."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """The figures now."""
        app, records = self._app, self._app.records
        about = {"version": _version(), "knowledge": app.faq.version}
        yield InfoMetricFamily("aifaq", "What is running.", value=about)
        yield GaugeMetricFamily(
            "aifaq_entries", "Entries in service.", value=len(app.faq.knowledge.entries)
        )
        yield GaugeMetricFamily(
            "aifaq_store_queue", "Records that wait to be written.", value=records.waiting
        )
        yield CounterMetricFamily(
            "aifaq_store_dropped", "Records that were lost.", value=records.dropped
        )
        if records.store_up is not None:
            yield GaugeMetricFamily(
                "aifaq_store_up", "1 while the store answers.", value=records.store_up
            )
        yield self._connected()
        yield self._reloads()

    def _connected(self) -> Metric:
        connected = GaugeMetricFamily(
            "aifaq_connected", "1 while a platform is connected.", labels=["platform"]
        )
        for name, part in self._app.health.parts.items():
            connected.add_metric([name], float(part.ok))
        return connected

    def _reloads(self) -> Metric:
        reloads = CounterMetricFamily(
            "aifaq_reloads", "States of the knowledge folder looked at since the start, by result.",
            labels=["result"],
        )
        reloader = self._app.reloader
        reloads.add_metric(["taken"], reloader.swaps)
        reloads.add_metric(["refused"], reloader.failures)
        return reloads


def _version() -> str:
    try:
        return version("aifaq")
    except PackageNotFoundError:  # run from a folder that is not installed
        return "unknown"
