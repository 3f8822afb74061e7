"""Total, amount due, tax and currency are told apart, and checked against each other."""

from __future__ import annotations

from decimal import Decimal

import pytest

from autod.domain.extraction import EvidenceSource, Found
from autod.domain.kinds import DocType
from autod.domain.reading import FormField, Reading
from autod.extract.local.amounts.fields import find_amounts
from tests.extract.sheets import reading_of


def found_in(text: str, language: str = "en", doc_type: DocType = DocType.INVOICE) -> dict[str, Found]:
    return find_amounts(reading_of(text), language, doc_type)


def values(text: str, language: str = "en", doc_type: DocType = DocType.INVOICE) -> dict[str, object]:
    return {name: found.value for name, found in found_in(text, language, doc_type).items()}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Subtotal    200.00\nVAT 20%    40.00\nGrand total    GBP 240.00"),
        ("en", "Total excl. VAT    £200.00\nVAT    £40.00\nTotal incl. VAT    £240.00"),
        ("de", "Nettobetrag    200,00 €\nzzgl. 20 % MwSt.    40,00 €\nGesamtbetrag    240,00 €"),
        ("fr", "Total HT    200,00 €\nTVA 20 %    40,00 €\nTotal TTC    240,00 €"),
        ("es", "Base imponible    200,00 €\nIVA 20%    40,00 €\nTotal factura    240,00 €"),
        ("it", "Imponibile    200,00 €\nIVA 20%    40,00 €\nTotale documento    240,00 €"),
        ("nl", "Subtotaal    € 200,00\nBTW 20%    € 40,00\nTotaal    € 240,00"),
        ("pt", "Total sem IVA    200,00 €\nIVA    40,00 €\nTotal com IVA    240,00 €"),
    ],
)
def test_total_and_tax_are_found_by_label_and_arithmetic(language: str, text: str) -> None:
    found = found_in(text, language)
    assert found["total_amount"].value == Decimal("240.00")
    assert found["tax_amount"].value == Decimal("40.00")
    assert found["total_amount"].score > 0.9


def test_a_total_that_arithmetic_confirms_scores_higher() -> None:
    confirmed = found_in("Subtotal 200.00\nTax 40.00\nTotal 240.00")["total_amount"]
    alone = found_in("Total 240.00")["total_amount"]
    assert confirmed.score > alone.score


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Gesamtbetrag{}1 234,56{}EUR"),
        ("en", "Grand total{}1 234.56{}EUR"),
        ("it", "Totale documento{}1 234,56{}EUR"),
        ("nl", "Totaal{}1 234,56{}EUR"),
    ],
)
def test_an_amount_that_may_go_on_before_its_space_is_never_taken_in_silence(
    language: str, text: str
) -> None:
    sure = found_in(text.format(": ", " "), language)["total_amount"]
    assert sure.value == Decimal("1234.56")
    near = found_in(text.format(" ", " "), language)["total_amount"]
    assert near.value == Decimal("1234.56")
    doubted = found_in(text.removesuffix("EUR").format(" ", ""), language)["total_amount"]
    assert (doubted.value, doubted.score < 0.6) == (Decimal("234.56"), True)
    apart = found_in(text.format("    ", " ").replace("1 2", "1      2"), language)["total_amount"]
    assert (apart.value, apart.score > 0.6) == (Decimal("234.56"), True)


def test_totals_under_their_headings_are_told_apart() -> None:
    found = values(
        """
        Net amount     VAT amount     Total amount
        100.00 EUR     19.00 EUR      119.00 EUR
        """
    )
    assert found == {
        "total_amount": Decimal("119.00"), "tax_amount": Decimal("19.00"), "currency": "EUR",
    }  # fmt: skip


def test_the_total_of_a_column_is_in_the_row_of_totals() -> None:
    found = values(
        """
        Month       Count    Gross Amount    Net Amount
        January     4        $400.00         $340.00
        February    6        $600.00         $510.00
        Totals      10       $1,000.00       $850.00
        """
    )
    assert found["total_amount"] == Decimal("1000.00")


def test_a_heading_of_goods_is_no_total() -> None:
    found = values(
        """
        Description    Qty    Unit price    Total
        Pipe           2      10.00         20.00
        Bend           1      5.00          5.00
        """
    )
    assert "total_amount" not in found


@pytest.mark.parametrize(
    "text",
    [
        "Total qty 5", "Total weight 12.50", "Total 6% supplies 12.50", "Total discount 4.00",
        "2.15 is in total",
        "Total liability under this agreement shall never exceed 1,000.00", "Total Included GST 0.42",
    ],
)  # fmt: skip
def test_totals_of_other_things_are_left_alone(text: str) -> None:
    assert "total_amount" not in values(text, doc_type=DocType.RECEIPT)


def test_cash_less_change_confirms_the_total_of_a_receipt() -> None:
    text = "Total 37.40\nCash 50.00\nChange 12.60"
    assert found_in(text, doc_type=DocType.RECEIPT)["total_amount"].score > 0.85


def test_a_rounded_total_is_the_total() -> None:
    text = "Total sales 37.42\nRounding -0.02\nTotal payable 37.40\nCash 50.00\nChange 12.60"
    assert values(text, doc_type=DocType.RECEIPT)["total_amount"] == Decimal("37.40")


def test_a_prepayment_leaves_less_to_pay_than_the_total() -> None:
    found = values("Total amount    500.00 €\nAmount paid    200.00 €\nBalance due    300.00 €")
    assert (found["total_amount"], found["amount_due"]) == (Decimal("500.00"), Decimal("300.00"))


def test_without_words_for_it_nothing_is_due() -> None:
    assert "amount_due" not in values("Grand total 240.00")


def test_a_paid_invoice_has_nothing_due() -> None:
    found = found_in("Gesamtbetrag 240,00 €\nBetrag dankend erhalten", "de")["amount_due"]
    assert (found.value, found.quote) == (Decimal(0), "Betrag dankend erhalten")


def test_a_total_to_pay_is_both_total_and_due_with_one_quote() -> None:
    found = found_in("Net à payer    240,00 €", "fr")
    assert found["total_amount"].quote == found["amount_due"].quote == "240,00 €"


def test_several_rates_of_tax_are_added_up_when_the_sum_fits() -> None:
    found = found_in("Netto 300,00 €\nMwSt. 19 %  19,00 €\nMwSt. 7 %  14,00 €\nGesamtbetrag 333,00 €", "de")
    assert found["tax_amount"].value == Decimal("33.00")
    assert found["tax_amount"].source is EvidenceSource.DERIVED


def test_documents_without_a_total_get_none() -> None:
    text = "Opening balance 10.00\nTotal 240.00 €\nBalance 250.00 €"
    assert set(values(text, doc_type=DocType.BANK_STATEMENT)) <= {"currency"}


def test_a_contract_gets_only_a_total_named_as_such() -> None:
    assert "total_amount" not in values("Total 240.00", doc_type=DocType.CONTRACT)
    assert values("Total amount $240.00", doc_type=DocType.CONTRACT)["total_amount"] == Decimal("240.00")


@pytest.mark.parametrize(
    ("text", "language", "currency"),
    [
        ("Total 240,00 €", "de", "EUR"), ("Total (EUR) 240.00", "en", "EUR"), ("Total $240.00", "en", "USD"),
        ("Toronto, Canada\nTotal $240.00", "en", "CAD"), ("Shop Sdn Bhd, Johor\nTotal 240.00", "en", "MYR"),
        ("Total 240,00 kr\nStockholm, Sverige", "sv", "SEK"), ("Total CHF 240.00", "de", "CHF"),
    ],
)  # fmt: skip
def test_the_currency_comes_from_symbols_codes_and_country(text: str, language: str, currency: str) -> None:
    assert values(text, language)["currency"] == currency


def test_a_page_that_names_no_currency_leaves_it_open() -> None:
    assert "currency" not in values("Gesamtbetrag 240,00", "de")


def test_a_form_field_named_for_the_total_gives_it() -> None:
    reading = Reading(reading_of("Some form").pages, (FormField("page1.GrandTotal", "$240.00", 1),))
    found = find_amounts(reading, "en", DocType.INVOICE)["total_amount"]
    assert (found.value, found.source) == (Decimal("240.00"), EvidenceSource.FORM)
