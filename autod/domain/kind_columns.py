"""What there is to say about a kind of document: the columns of the table in ``autod.domain.kinds``."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from enum import Enum


class Total(Enum):
    """When such a document has a total: under any label for one, only under one that names a total, never."""

    ANY = "any"
    NAMED = "named"
    NONE = "none"


class Due(Enum):
    """What remains to be paid: nothing is asked for, what a label asks for, or else the whole total."""

    NONE = "none"
    ASKED = "asked"
    WHOLE = "whole"


class Haste(Enum):
    """How soon such a document needs attention before anything else is known of it."""

    ORDINARY = "ordinary"
    PRESSING = "pressing"
    LEISURE = "leisure"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of document. What has a default is what most kinds are like; all else every row must say.

    Args:
        name: as it is stored and written, such as ``utility_bill``.
        area: category and subcategory of life that it belongs to; None for ``other``.
        own_number: whose number may be its own, best first; ``|`` parts those of equal standing.
        total, due: see there.
        haste: see there.
        to_pay: it asks its reader for money, so that paying it is a thing to do.

        dated_by: labels that may name the date it bears, the best first.
        dated_unlabelled: a date that no label explains may be its own.
        dated_beside_heading: its heading may name its date: "Rechnung Nr. 47 vom 3.5.2025".
        dated_alone: a date alone on a line in the upper half is its own.
        dated_at_close: it bears the last day it covers.
        agreement: running text between parties: its date, parties and term stand in sentences.
        covers_month: it covers a month, which its head may name.
        runs_out: what it promises ends on a day: "expires" is the last day covered.
        due_by_terms: the last day to pay may follow from "within 14 days", or from a sentence.
        due_in_sentence: the last day to pay is first looked for in its sentences.
        due_soon: a last day to pay that is years away is a misreading.
        asks_by_day: its sentences may ask for something by a day.

        total_stands_last: of several totals the last one counts.
        money_in_passing: an amount alone is no reason to name a currency.
        carries_balance: old debts may make more due than its total.
        may_be_negative: its amounts may be below nothing.
        items: it may list goods or services.
        meters: it may show meters.
        number_after_sign: "Nº 123" alone may be its own number.

        holder_is_payee: the holder of an account on it is whom to pay.
        filled_in: a form; its captions name the parties, what is large names the form.
        large_title: large lines at its head are its title, not who made it.
        signed: who signed it made it.
        from_till: printed by a till: one column, the shop at its head, a clock time beside its date.
        of_a_person: the name at its head is whose it is.
        titled_by_subject: its subject line is its title.

        named_in_passing: what heads it also heads columns of others, so its name needs a second sign.
        dated_rows: many rows that begin with a date speak for it.
        borrowed_by_tills: a till's roll may be headed with its name.
        billed_in_words: beside a till's words it needs words that no till prints.
        torn_off: it stands below the text of others, and is one itself only where it stands alone.
        borne_by_letters: a letter that bears its number is about it.
        greeted: a greeting and a closing speak for it.
    """

    name: str
    _: KW_ONLY
    area: tuple[str, str] | None
    own_number: tuple[str, ...]
    total: Total
    due: Due
    haste: Haste = Haste.ORDINARY
    to_pay: bool = False

    dated_by: tuple[str, ...] = ("issue", "invoice", "statement", "quote", "credit", "plain", "effective")
    dated_unlabelled: bool = False
    dated_beside_heading: bool = False
    dated_alone: bool = False
    dated_at_close: bool = False
    agreement: bool = False
    covers_month: bool = False
    runs_out: bool = False
    due_by_terms: bool = False
    due_in_sentence: bool = False
    due_soon: bool = False
    asks_by_day: bool = False

    total_stands_last: bool = False
    money_in_passing: bool = False
    carries_balance: bool = False
    may_be_negative: bool = False
    items: bool = False
    meters: bool = False
    number_after_sign: bool = False

    holder_is_payee: bool = False
    filled_in: bool = False
    large_title: bool = False
    signed: bool = False
    from_till: bool = False
    of_a_person: bool = False
    titled_by_subject: bool = False

    named_in_passing: bool = False
    dated_rows: bool = False
    borrowed_by_tills: bool = False
    billed_in_words: bool = False
    torn_off: bool = False
    borne_by_letters: bool = False
    greeted: bool = False

    @property
    def category(self) -> str:
        """The broad area, empty where it has none."""
        return self.area[0] if self.area else ""
