"""The figures as Prometheus reads them: computed when it asks, so that nothing runs in between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import accumulate

from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from services.watch.core.arrivals import minute_of
from services.watch.core.entry import seconds
from services.watch.core.figures import open_counts
from services.watch.core.picture import Picture
from services.watch.core.tally import DAY_SECONDS, DAYS

OPEN_COUNTS = {
    "open": "open",
    "due_soon": "open and due soon",
    "overdue": "open past their due moment",
    "paused": "open with their clock standing",
}


class PictureCollector(Collector):
    """Gauges by controller and right; instances that share the work are summed by the reader."""

    def __init__(self, picture: Callable[[], Picture], now: Callable[[], datetime], due_soon_days: int) -> None:
        self._picture = picture
        self._now = now
        self._due_soon_days = due_soon_days

    def describe(self) -> list[Metric]:
        """Name nothing before there is something; a registry must not compute at start."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield every figure of this moment."""
        picture, now = self._picture(), seconds(self._now())
        yield from self._cases(picture, now)
        yield from self._claims(picture, now)
        minutes = picture.arrivals.a_minute(now)
        last = minutes.get(minute_of(now) - 1, Counter())
        arrived = GaugeMetricFamily(
            "habeas_messages_last_minute", "Messages in the last full minute.", labels=["controller"]
        )
        hour = GaugeMetricFamily("habeas_messages_last_hour", "Messages in the last 60 minutes.", labels=["controller"])
        for name in sorted(picture.rows.keys() | picture.arrivals.controllers()):
            arrived.add_metric([name], last[name])
            hour.add_metric([name], sum(counted[name] for counted in minutes.values()))
        yield arrived
        yield hour

    def _cases(self, picture: Picture, now: int) -> Iterator[Metric]:
        gauges = {
            name: GaugeMetricFamily(f"habeas_cases_{name}", f"Cases {said}.", labels=["controller"])
            for name, said in {**OPEN_COUNTS, "completed": "completed"}.items()
        }
        for controller, row in sorted(picture.rows.items()):
            counts = {**open_counts(row.dues, now, self._due_soon_days), "completed": row.completed}
            for name, gauge in gauges.items():
                gauge.add_metric([controller], counts[name])
        yield from gauges.values()

    def _claims(self, picture: Picture, now: int) -> Iterator[Metric]:
        labels = ["controller", "right"]
        gauges = {
            name: GaugeMetricFamily(f"habeas_claims_{name}", f"Claims {said}.", labels=labels)
            for name, said in {**OPEN_COUNTS, "completed_late": "completed after their due moment"}.items()
        }
        ended = GaugeMetricFamily(
            "habeas_claims_completed", "Claims completed, by how they ended.", labels=[*labels, "outcome"]
        )
        took = HistogramMetricFamily(
            "habeas_claims_seconds_to_complete", "From arrival to the answer, of completed claims.", labels=labels
        )
        for controller, row in sorted(picture.rows.items()):
            for right, counted in sorted(row.rights.items()):
                counts = {
                    **open_counts(counted.dues, now, self._due_soon_days),
                    "completed_late": counted.times.late,
                }
                for name, gauge in gauges.items():
                    gauge.add_metric([controller, right], counts[name])
                for outcome, count in sorted(counted.outcomes.items()):
                    ended.add_metric([controller, right, outcome], count)
                bounds = [*(str(float(days * DAY_SECONDS)) for days in DAYS), "+Inf"]
                cumulated = list(zip(bounds, accumulate(counted.times.buckets), strict=True))
                took.add_metric([controller, right], cumulated, sum_value=counted.times.seconds)
        yield from gauges.values()
        yield ended
        yield took
