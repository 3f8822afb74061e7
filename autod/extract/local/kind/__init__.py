"""What a document is: its kind, a narrower kind, and its own heading."""
