"""Programs that build, check and set up the project; not part of the product."""
