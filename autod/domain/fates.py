"""What can become of a paid question: codes under names that do not tell who was asked.

The codes are stable, people group by them, and so they keep the name of the service that came first.
"""

from __future__ import annotations

from autod.codes import Code

OF_THE_SERVICE = "openai_"
"""How the codes of all that a service can cause begin."""

UNREACHABLE = Code.OPENAI_UNREACHABLE
REFUSED = Code.OPENAI_REQUEST_REFUSED

UNKNOWN_OUTCOME = Code.OPENAI_OUTCOME_UNKNOWN
"""It left, and nobody knows whether it was billed."""

UNSEEN = Code.OPENAI_ANSWER_UNSEEN
"""An answer that may have been paid for cannot be looked for now."""

CUT = Code.OPENAI_ANSWER_TRUNCATED
"""The answer came to its limit."""

FAILED_THERE = frozenset({Code.OPENAI_ANSWER_FAILED, Code.OPENAI_ANSWER_CANCELLED})
"""The service did not get the answer done: its own trouble, which passes."""

UNBELIEVABLE = Code.OPENAI_USAGE_UNBELIEVABLE
"""The service counted more than the call can have used."""

WAITS_FOR_A_BATCH = Code.OPENAI_BATCH_WAITING
NOT_IN_TIME = Code.OPENAI_BATCH_EXPIRED
"""A batch ended without it."""

GAVE_UP = Code.OPENAI_BATCH_GAVE_UP
"""Several batches ended without it."""

NOT_WHOLE = Code.OPENAI_BATCH_UNREADABLE
"""A batch's answers did not arrive whole."""

AS_IT_SHOULD = frozenset(
    {
        NOT_IN_TIME,
        WAITS_FOR_A_BATCH,
        Code.OPENAI_BUSY,
        Code.OPENAI_FLEX_UNAVAILABLE,
        Code.OPENAI_RATE_LIMITED,
    }
)
"""Of documents that wait although the service answers as it should."""
