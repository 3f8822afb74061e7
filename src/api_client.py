"""``from src.api_client import ResponsesAPIClient``."""

from autod.library import ResponsesAPIClient

__all__ = ["ResponsesAPIClient"]
