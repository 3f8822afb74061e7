"""The durable engine behind its wall: only ``runner`` and ``upkeep`` know DBOS."""
