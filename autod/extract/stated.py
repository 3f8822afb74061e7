"""What a file states itself: an embedded e-invoice, the code of a Swiss QR bill. Exact, and free."""

from __future__ import annotations

from collections.abc import Mapping

from autod.domain.extraction import STATED, Found
from autod.domain.field_columns import Stated
from autod.domain.fields import names_where
from autod.domain.kinds import kind_of
from autod.domain.reading import Reading
from autod.extract.einvoice import read_einvoice
from autod.extract.swiss_qr import find_swiss_qr

_ALWAYS = names_where(lambda field: field.about.stated is Stated.ALWAYS)
_TO_BE_PAID = names_where(lambda field: field.about.stated is Stated.TO_PAY)


def stated_facts(reading: Reading) -> dict[str, Found]:
    """Fields by name of ``Metadata``; the invoice's word counts before the code's. Never raises."""
    invoice = read_einvoice(reading.invoice_xml) if reading.invoice_xml else {}
    return find_swiss_qr(reading, reading.codes) | invoice


def states_all(reading: Reading) -> bool:
    """Whether the file states exactly what a person relies on, so that no reader need be paid for it.

    What is only printed does not count. How to pay must be stated unless nothing is to be paid.
    """
    exact = {name: item for name, item in stated_facts(reading).items() if item.source in STATED}
    wanted = (*_ALWAYS, *_TO_BE_PAID) if _asks_for_money(exact) else _ALWAYS
    return all(name in exact for name in wanted)


def _asks_for_money(facts: Mapping[str, Found]) -> bool:
    kind, due = facts.get("doc_type"), facts.get("amount_due")
    return kind is not None and kind_of(kind.value).to_pay and (due is None or due.value > 0)
