"""Dates: as they are printed, tied to their labels, and which is which."""
