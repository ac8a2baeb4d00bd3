"""The Prometheus metrics: items received, open cases, pending notices, and the health of the parts."""

from collections.abc import Mapping

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, generate_latest

from bot.status import Health, Report

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """The metrics of one process, in a registry of its own, so that two bots in one test do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._messages = Counter(
            "casebook_items",
            "Items that reached us, by door and by what became of them",
            ["source", "outcome"],
            registry=self.registry,
        )
        self._cases = Gauge(
            "casebook_cases",
            "Cases that are open, and those of them escalated",
            ["state"],
            registry=self.registry,
        )
        self._notices = Gauge("casebook_notices", "Notices in the outbox, by state", ["state"], registry=self.registry)
        self._oldest_unsent = Gauge(
            "casebook_oldest_unsent_seconds", "Age of the oldest notice that is due", registry=self.registry
        )
        self._parts = Gauge("casebook_part_healthy", "1 unless the part is broken", ["part"], registry=self.registry)
        self._healthy = Gauge("casebook_healthy", "1 unless /health answers 503", registry=self.registry)
        self._answers = Counter(
            "casebook_http_answers", "Answers of the web port", ["address", "status"], registry=self.registry
        )

    def received(self, source: str, outcome: str) -> None:
        """Count an item that was received through the door `source`, with its outcome."""
        self._messages.labels(source, outcome).inc()

    def answered(self, address: str, status: int) -> None:
        """Count an HTTP response; `address` must be one of ours, so that clients cannot create labels."""
        self._answers.labels(address, str(status)).inc()

    def book(self, *, open_cases: int, escalated: int, notices: Mapping[str, int]) -> None:
        """Set the numbers of cases and notices in the database; `notices` is their number by state."""
        self._cases.labels("open").set(open_cases)
        self._cases.labels("escalated").set(escalated)
        self._notices.clear()
        for state, count in notices.items():
            self._notices.labels(state).set(count)

    def parts(self, report: Report) -> None:
        """Set the health of every part."""
        self._oldest_unsent.set(report.outbox.oldest_unsent_seconds or 0)
        self._healthy.set(report.status is not Health.UNHEALTHY)
        for name, part in report.parts.items():
            self._parts.labels(name).set(not part.broken)

    def render(self) -> bytes:
        """All metrics as Prometheus text."""
        return generate_latest(self.registry)
