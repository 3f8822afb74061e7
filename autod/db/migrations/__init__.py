"""Alembic's scripts; ``autod db upgrade`` and ``alembic upgrade head`` run them."""
