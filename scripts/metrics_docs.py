"""Write docs/METRICS.md from the list of metrics; ``--check`` only compares.

Usage: ``python -m scripts.metrics_docs [--check]`` from the repository root.
"""

from __future__ import annotations

import sys
from pathlib import Path

from autod.cli.surprises import guarded
from autod.metrics import BUCKETS, LABELS, METRICS, Metric, Source

HEAD = """\
# Metrics

For whoever builds dashboards and alerts. A running daemon gives them at `/metrics` on its own port
(`PAPER_AUTOPILOT_MONITOR_PORT`), for Prometheus; `autod stats` shows the most important ones without it.
[MONITORING.md](MONITORING.md) says how to scrape them. This page is generated from the list that the daemon
itself uses (`make generate`).

No metric and no label holds anything of a document, not even its name.
"""

TITLES = {
    Source.ARCHIVE: (
        "Of the archive",
        "Read from the database at the moment of asking: they survive restarts and are the same from every "
        "worker of a fleet, so take `max` over workers, never `sum`. A ratio is absent while there is "
        "nothing to divide by. All are absent while the database is down.",
    ),
    Source.PROCESS: (
        "Of one daemon",
        "Since its start. Prometheus's own `process_…` metrics (memory, CPU, open files) come with them.",
    ),
}


def page() -> str:
    """The text of docs/METRICS.md."""
    parts = [HEAD]
    for source, (title, words) in TITLES.items():
        parts.append(f"\n## {title}\n\n{words}\n\n| Metric | Kind | Labels | Meaning |\n|---|---|---|---|\n")
        parts += [_row(metric) for metric in METRICS if metric.source is source]
    parts.append("\n## Labels\n\n| Label | Values |\n|---|---|\n")
    for label, values in LABELS.items():
        parts.append(f"| `{label}` | {', '.join(values)} |\n")
    bounds = ", ".join(f"{bound:g}" for bound in BUCKETS)
    parts.append(
        "\nA `window` reaches from now back an hour, 24 hours, 7 or 30 days. The step `ask` is all of\n"
        "asking a remote reader, with the steps from `reserve` to `forget` in it; `document` is a life.\n"
        f"Histograms have the bounds {bounds} seconds.\n"
    )
    return "".join(parts)


def _row(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    return f"| `{metric.name}` | {metric.kind.value} | {labels} | {metric.meaning} |\n"


def main(arguments: list[str]) -> int:
    path, text = Path("docs/METRICS.md"), page()
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in arguments:
        print("METRICS.md does not match the metrics; run: make generate", file=sys.stderr)
        return 1
    path.write_text(text, encoding="utf-8")
    print("wrote METRICS.md")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(lambda: main(sys.argv[1:])))
