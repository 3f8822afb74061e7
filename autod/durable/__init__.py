"""The durable engine behind its wall: no other room knows DBOS."""
