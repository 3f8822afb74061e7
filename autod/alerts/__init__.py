"""Telling people when something is wrong, once, and once more when it is right again.

``rules`` judges facts, ``hysteresis`` decides when to speak; both are pure. ``channels`` carry the message.
"""
