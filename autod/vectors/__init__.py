"""Stores that find documents by meaning: at OpenAI where that was asked for, else the embedded index."""
