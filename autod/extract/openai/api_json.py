"""JSON as the service takes and gives it: its shape is the vendor's, and nothing in it can be relied on."""

from __future__ import annotations

from typing import Any

ApiJson = dict[str, Any]
"""Stays inside this package: whoever calls it gets values with types."""
