"""The demonstration: sample documents of our own, and the product at work on them."""
