"""Asking a paid service: each question at most once, within its caps, alone or in batches."""
