"""Pure values: what a document says and what it costs. Knows the standard library and pydantic."""
