"""Amounts of money and quantities: as they are printed, tied to their labels, and what they are."""
