"""One document's life: the workflow, its steps, and the durable engine under them."""
