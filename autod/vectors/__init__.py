"""Stores that find documents by meaning, where one was asked for; ``autod.search`` finds words."""
