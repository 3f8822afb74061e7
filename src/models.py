"""``from src.models import Document``."""

from autod.db.models import Document

__all__ = ["Document"]
