"""Paper Autopilot: drop paper into a folder; get a filed, searchable, accounted-for archive."""

__version__ = "0.1.0"
