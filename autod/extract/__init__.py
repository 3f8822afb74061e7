"""Turning what was read into metadata: engines behind one interface."""
