"""Watch the inbox, decide that a file is ready, start its workflow."""
