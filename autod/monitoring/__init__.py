"""Watching over a running daemon: its own port, its metrics, its alerts, its watchdog."""
