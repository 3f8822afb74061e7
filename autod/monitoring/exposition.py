"""Metrics in the form that Prometheus reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import prometheus_client
from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from autod.metrics import BUCKETS, BY_NAME, METRICS, MetricKind
from autod.monitoring.measured import Measured, step_label

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Exposition:
    """Everything that can be scraped: what ``readings`` gives at the moment, and how long steps took."""

    def __init__(self, readings: Callable[[], Iterable[Measured]]) -> None:
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_Readings(readings))
        ProcessCollector(registry=self._registry)
        seconds = BY_NAME["autod_step_seconds"]
        self._steps = Histogram(
            seconds.name, seconds.meaning, seconds.labels, buckets=BUCKETS, registry=self._registry
        )

    def step_ended(self, name: str, seconds: float, well: bool) -> None:
        """Count a step; a listener of the step clock."""
        self._steps.labels(step_label(name), "ok" if well else "failed").observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self._registry)


class _Readings(Collector):
    """Turns readings into families, described by the one list of metrics."""

    def __init__(self, readings: Callable[[], Iterable[Measured]]) -> None:
        self._readings = readings

    def collect(self) -> Iterator[Metric]:
        families = {
            metric.name: (CounterMetricFamily if metric.kind is MetricKind.COUNTER else GaugeMetricFamily)(
                metric.name, metric.meaning, labels=metric.labels
            )
            for metric in METRICS
            if metric.kind is not MetricKind.HISTOGRAM
        }
        for reading in self._readings():
            families[reading.name].add_metric(reading.labels, float(reading.value))
        yield from (family for family in families.values() if family.samples)
