"""OASIS UBL 2.x invoices and credit notes, as Peppol and XRechnung use them."""

from __future__ import annotations

from autod.domain.extraction import Found
from autod.domain.kinds import DocType
from autod.domain.metadata import LineItem
from autod.extract.einvoice.tree import Element
from autod.extract.einvoice.values import Sheet, as_amount, as_currency, as_iban

_MAX_LINES = 2_000


def read_ubl(root: Element) -> dict[str, Found]:
    """Fields of a UBL ``Invoice`` or ``CreditNote`` whose root element is ``root``."""
    sheet = Sheet()
    sheet.put_text("reference_number", root.first("ID"))
    sheet.put_date("primary_date", root.first("IssueDate"))
    sheet.put_date("due_date", root.first("DueDate", "PaymentMeans/PaymentDueDate"))
    sheet.put_date("period_start", root.first("InvoicePeriod/StartDate"))
    sheet.put_date("period_end", root.first("InvoicePeriod/EndDate"))
    _put_money(sheet, root)
    account = root.first("PaymentMeans/PayeeFinancialAccount/ID")
    sheet.put("iban", as_iban(account.text) if account else None, account)
    _put_parties(sheet, root)
    _put_lines(sheet, root)
    kind = DocType.CREDIT_NOTE if root.name == "CreditNote" else DocType.INVOICE
    sheet.put_kind(root.first("InvoiceTypeCode", "CreditNoteTypeCode"), default=kind)
    sheet.put("doc_type", kind, root)
    return sheet.found


def _put_money(sheet: Sheet, root: Element) -> None:
    code = root.first("DocumentCurrencyCode")
    currency = as_currency(code.text) if code else None
    total = root.first("LegalMonetaryTotal/TaxInclusiveAmount")
    sheet.put_amount("total_amount", total)
    sheet.put_amount("amount_due", root.first("LegalMonetaryTotal/PayableAmount"))
    taxes = [
        tax
        for tax in root.all("TaxTotal/TaxAmount")
        if tax.attribute("currencyID") in ("", currency or tax.attribute("currencyID"))
    ]
    sheet.put_amount("tax_amount", taxes[0] if taxes else None)
    sheet.put("currency", currency, code)
    if total is not None:
        sheet.put("currency", as_currency(total.attribute("currencyID")), total)


def _put_parties(sheet: Sheet, root: Element) -> None:
    seller = root.first("AccountingSupplierParty/Party")
    buyer = root.first("AccountingCustomerParty/Party")
    if seller is not None:
        sheet.put_text("issuer", _name(seller))
        numbers = [
            (scheme.first("TaxScheme/ID"), scheme.first("CompanyID"))
            for scheme in seller.all("PartyTaxScheme")
        ]
        numbers.sort(key=lambda pair: pair[0] is None or pair[0].text != "VAT")
        sheet.put_text("tax_id", numbers[0][1] if numbers else None)
        sheet.put_text("email", seller.first("Contact/ElectronicMail"))
        sheet.put_text("phone", seller.first("Contact/Telephone"))
    if buyer is not None:
        sheet.put_text("recipient", _name(buyer))
        sheet.put_text("customer_number", buyer.first("PartyIdentification/ID"))
    parties = [p for p in (seller, buyer) if p is not None]
    addresses = [(a, _address(a)) for p in parties if (a := p.first("PostalAddress"))]
    texts = tuple(text for _, text in addresses if text)
    if texts:
        sheet.put("addresses", texts, addresses[0][0])


def _name(party: Element) -> Element | None:
    return party.first("PartyLegalEntity/RegistrationName", "PartyName/Name")


def _address(address: Element) -> str:
    def text(name: str) -> str:
        element = address.first(name)
        return element.text if element else ""

    town = f"{text('PostalZone')} {text('CityName')}".strip()
    parts = [text("StreetName"), text("AdditionalStreetName"), town, text("Country/IdentificationCode")]
    return ", ".join(part for part in parts if part)


def _put_lines(sheet: Sheet, root: Element) -> None:
    items: list[LineItem] = []
    left_out = 0
    where: Element | None = None
    for line in root.all("InvoiceLine|CreditNoteLine"):
        name = line.first("Item/Name", "Item/Description")
        if name is None:
            continue
        if len(items) >= _MAX_LINES:
            left_out += 1
            continue
        where = where or line
        amount, price = line.first("LineExtensionAmount"), line.first("Price/PriceAmount")
        quantity = line.first("InvoicedQuantity|CreditedQuantity")
        items.append(
            LineItem(
                description=name.text,
                quantity=as_amount(quantity.text) if quantity else None,
                unit_price=as_amount(price.text) if price else None,
                amount=as_amount(amount.text) if amount else None,
            )
        )
    sheet.put("line_items", tuple(items), where, left_out=left_out)
