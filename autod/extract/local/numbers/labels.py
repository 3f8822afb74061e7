"""The labels that stand before numbers on documents, and whose numbers may be a document's own.

Keys are what the number belongs to. A phrase that names a number ("invoice number") is sure of one; a bare
phrase (key with ``?``) names a document, and counts only when a number follows at once.
"""

from __future__ import annotations

from autod.words import groups, keys, phrases
from autod.words.label_table import LabelTable

_NAMES = groups("numbers.names")
_NEVER_BARE = keys("numbers.names", "account", "customer", "policy", "claim", "loan")


def _labels() -> LabelTable:
    """Each name with each word for "number" after, before and at the end of it; then the names alone."""
    after, before, tails = phrases("numbers.after"), phrases("numbers.before"), phrases("numbers.tails")
    table = LabelTable({"other": phrases("numbers.foreign")})
    for key, names in _NAMES.items():
        table.add(key, groups("numbers.revised").get(key, ()))
        table.add_compound(key, names, after)
        table.add_compound(key, before, names)
        table.add(key, [name + tail for name in names for tail in tails])
    for key, names in _NAMES.items():
        if key not in _NEVER_BARE:
            table.add(f"{key}?", names)
    return table


LABELS = _labels()

# Ends of words that say, somewhere before a bare "No.", what is numbered; "other" is nothing of ours.
KIND_ENDINGS = groups("numbers.endings")

FIELDS = {f"{key}_number": key for key in _NEVER_BARE}
