"""How values are written."""
