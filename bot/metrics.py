"""Counters and timings for Prometheus. No contents, no names."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

EVENTS = Counter("gendan_events_total", "Events by what became of them", ["platform", "kind", "outcome"])
REJECTED = Counter("gendan_callbacks_refused_total", "Callbacks not believed or not understood", ["platform", "reason"])
HANDLING = Histogram("gendan_handling_seconds", "Time in a handler", buckets=_FAST)
DELIVERIES = Counter("gendan_deliveries_total", "Deliveries by outcome", ["platform", "outcome"])
SENDING_TIME = Histogram("gendan_send_seconds", "Time of one send at the platform", ["platform"], buckets=_FAST)
PREPARED_TIME = Histogram("gendan_prepare_seconds", "Time to download and recognise one file", buckets=(*_FAST, 30, 60))
INBOX_OPEN = Gauge("gendan_inbox_open", "Events waiting or in work")
INBOX_DEAD = Gauge("gendan_inbox_dead", "Dead letters")
OUTBOX_OPEN = Gauge("gendan_outbox_open", "Deliveries waiting or in work")
OUTBOX_FAILED = Gauge("gendan_outbox_failed", "Deliveries that failed for good")
JOBS = Counter("gendan_job_runs_total", "Job runs by outcome", ["job", "outcome"])
