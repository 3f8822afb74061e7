"""One figure from the signals about a value; never a model's own word for itself."""

from __future__ import annotations

from autod.domain.extraction import Found
from autod.verify.grounding import Grounding

_IN_DOUBT = 0.45
_SECOND_WITNESS = 0.5  # a confirmed value keeps this share of its remaining doubt


def confidence(found: Found, grounding: Grounding, *, confirmed: bool, doubted: bool) -> float:
    """How much to believe a value, 0..1.

    The rule's counted score, times how surely its words were read and how literally they were found;
    less doubt when a second, independent signal agrees; at most .45 when a check failed.
    """
    value = min(1.0, max(0.0, found.score)) * grounding.word_confidence * grounding.strength
    if confirmed:
        value = 1.0 - (1.0 - value) * _SECOND_WITNESS
    return min(value, _IN_DOUBT) if doubted else value
