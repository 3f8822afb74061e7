"""The names that the runbook types; each module only re-exports from ``autod``."""
