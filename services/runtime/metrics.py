"""What the worker, the relay and the jobs count. One instance a registry; the service is a label."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge


class RuntimeMetrics:
    """The runtime's counters and gauges; names and labels are listed in docs/store.md."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.events: Final = Counter(
            "habeas_events", "Events taken from the bus, by outcome.", ["service", "outcome"], registry=registry
        )
        self.retries: Final = Counter(
            "habeas_held_tries", "Tries of held events, by outcome.", ["service", "outcome"], registry=registry
        )
        self.published: Final = Counter(
            "habeas_relay_published", "Events the bus acknowledged.", ["service"], registry=registry
        )
        self.jobs: Final = Counter(
            "habeas_job_tries", "Tries of outside effects.", ["service", "kind", "outcome"], registry=registry
        )
        self.job_repeats: Final = Counter(
            "habeas_job_repeats",
            "Outside effects begun again without knowing whether the last try took effect.",
            ["service", "kind"],
            registry=registry,
        )
        self.faults: Final = Counter(
            "habeas_store_faults", "Database faults that were waited out.", ["service", "fault"], registry=registry
        )
        self.outbox: Final = Gauge(
            "habeas_outbox_events", "Events committed and not yet published.", ["service"], registry=registry
        )
        self.held_keys: Final = Gauge("habeas_held_keys", "Keys with held events.", ["service"], registry=registry)
        self.parked: Final = Gauge(
            "habeas_parked", "Events and jobs that wait for a human.", ["service", "what"], registry=registry
        )
