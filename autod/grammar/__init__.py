"""How values are written: what a text says when it is read as a date, an amount, a name or a number."""
