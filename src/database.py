"""``from src.database import DatabaseManager``."""

from autod.db.manager import DatabaseManager

__all__ = ["DatabaseManager"]
