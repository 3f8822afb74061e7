"""``from src.vector_store import VectorStoreManager``."""

from autod.library import VectorStoreManager

__all__ = ["VectorStoreManager"]
