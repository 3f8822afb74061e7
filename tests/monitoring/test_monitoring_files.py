"""Prometheus's own tools accept our rules, and rules and dashboard name only metrics that exist."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from autod.alerts.rules import AlertName
from autod.app import App
from autod.config import Settings
from autod.inbox.watch import Watch
from autod.metrics import BY_NAME, LABELS, MetricKind
from autod.monitoring.overseeing import overseen
from tests.monitoring.free_port import free_port
from tests.paper import pdf_of
from tests.settings import settings_in

FOLDER = Path(__file__).parents[2] / "packaging" / "monitoring"
DASHBOARD = json.loads((FOLDER / "grafana-dashboard.json").read_text(encoding="utf-8"))
RULES = yaml.safe_load((FOLDER / "paper-autopilot.rules.yml").read_text(encoding="utf-8"))
ALERTS = RULES["groups"][0]["rules"]
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
EXPRESSIONS = [*QUERIES, *(rule["expr"] for rule in ALERTS)]
HISTOGRAM = re.compile(r"_(bucket|count|sum)$")

needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")


def promtool(*arguments: str, folder: Path = FOLDER) -> str:
    done = subprocess.run(
        ["promtool", *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@needs_promtool
def test_the_rules_are_valid_and_each_fires_when_it_should() -> None:
    promtool("check", "rules", "paper-autopilot.rules.yml")
    promtool("check", "config", "prometheus.yml")
    promtool("test", "rules", "rules.test.yml")


@needs_promtool
def test_the_dashboards_queries_are_valid(tmp_path: Path) -> None:
    filled = [query.replace("$job", ".*") for query in QUERIES]
    rules = [{"record": f"panel:{number}", "expr": query} for number, query in enumerate(filled)]
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    promtool("check", "rules", "rules.yml", folder=tmp_path)


def named(expression: str) -> Iterator[tuple[str, str]]:
    """Each metric of ours in an expression, with its selector."""
    for name, selector in re.findall(r"\b(autod_\w+)(?:\{([^}]*)\})?", expression):
        histogram = BY_NAME.get(HISTOGRAM.sub("", name))
        yield (histogram.name if histogram and histogram.kind is MetricKind.HISTOGRAM else name), selector


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_only_metrics_and_labels_that_exist_are_named(expression: str) -> None:
    for name, selector in named(expression):
        metric = BY_NAME[name]
        for label, _, value in re.findall(r"(\w+)(=~|!=|=)\"([^\"]*)\"", selector):
            if label == "job":
                continue
            assert label in metric.labels, expression
            assert set(value.split("|")) <= set(LABELS[label]), expression


def test_every_alert_of_the_daemon_has_a_rule_and_every_rule_says_what_to_do() -> None:
    rules = {rule["alert"].removeprefix("PaperAutopilot").lower() for rule in ALERTS}
    assert {name.replace("_", "") for name in AlertName} <= rules
    for rule in ALERTS:
        assert rule["labels"]["severity"] in ("P0", "P1", "P2", "P3")
        assert rule["annotations"]["next_step"]


def test_every_figure_of_the_archive_is_on_the_dashboard() -> None:
    shown = {name for query in QUERIES for name, _ in named(query)}
    left_out = {
        "autod_build_info", "autod_up_seconds", "autod_api_failures", "autod_window_completed",
        "autod_window_failed",
    }  # fmt: skip
    assert set(BY_NAME) - shown == left_out


def test_panels_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells


@contextmanager
def prometheus(folder: Path, target: int) -> Iterator[str]:
    """A real Prometheus that scrapes the port ``target``, with our rules."""
    settings = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))
    settings["global"]["scrape_interval"] = "1s"
    settings["scrape_configs"][0]["static_configs"][0]["targets"] = [f"127.0.0.1:{target}"]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(settings))
    shutil.copy(FOLDER / "paper-autopilot.rules.yml", folder)
    port = free_port()
    with (folder / "out").open("w") as output:
        process = subprocess.Popen(
            ["prometheus", "--config.file=prometheus.yml", f"--web.listen-address=127.0.0.1:{port}",
             f"--storage.tsdb.path={folder / 'data'}"],
            cwd=folder,
            stdout=output,
            stderr=output,
        )  # fmt: skip
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def ask(address: str, query: str) -> list[dict[str, Any]]:
    question = f"{address}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
    try:
        with urllib.request.urlopen(question, timeout=5) as answer:  # noqa: S310 - our own Prometheus
            found: list[dict[str, Any]] = json.load(answer)["data"]["result"]
            return found
    except OSError:
        return []


@pytest.mark.skipif(shutil.which("prometheus") is None, reason="Prometheus is not installed")
def test_a_real_prometheus_scrapes_a_real_daemon(tmp_path: Path, sqlite_url: str) -> None:
    settings: Settings = settings_in(tmp_path, sqlite_url, monitor_port=free_port())
    with App(settings) as app, Watch(app.folders.inbox) as watch:
        (app.folders.inbox / "a.pdf").write_bytes(pdf_of())
        app.process(app.folders.inbox / "a.pdf")
        daemon = app.daemon(watch)
        with overseen(settings, app, daemon), prometheus(tmp_path, settings.monitor_port) as address:
            loop = threading.Thread(target=daemon.run)
            loop.start()
            try:
                deadline = time.monotonic() + 60
                while not (filed := ask(address, 'autod_events_total{event="filed"}')):
                    assert time.monotonic() < deadline, (tmp_path / "out").read_text()
                    time.sleep(0.2)
                answers = {query: ask(address, query.replace("$job", ".*")) for query in EXPRESSIONS}
                alive = ask(address, "autod_alive and on() up")
            finally:
                daemon.stop()
                loop.join(10)
    assert filed[0]["value"][1] == "1"
    assert alive[0]["value"][1] == "1"
    assert sum(bool(answer) for answer in answers.values()) > 15
