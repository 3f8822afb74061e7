"""Both ends of the reading process: the calls made to it, and what runs in it behind its walls."""
