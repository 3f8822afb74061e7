"""The embedded engine: finds metadata by rules, with no model, account or network."""
