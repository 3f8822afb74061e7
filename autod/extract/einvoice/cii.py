"""UN/CEFACT Cross Industry Invoice and order messages, ZUGFeRD 1.0 to Factur-X 1.x and Order-X."""

from __future__ import annotations

from autod.domain.extraction import Found
from autod.domain.metadata import LineItem
from autod.extract.einvoice.tree import Element
from autod.extract.einvoice.values import Sheet, as_amount, as_currency, as_iban

_MAX_LINES = 2_000
_HEADER = "ExchangedDocument|HeaderExchangedDocument"
_DEAL = "SupplyChainTradeTransaction|SpecifiedSupplyChainTradeTransaction"
_AGREEMENT = "ApplicableHeaderTradeAgreement|ApplicableSupplyChainTradeAgreement"
_SETTLEMENT = "ApplicableHeaderTradeSettlement|ApplicableSupplyChainTradeSettlement"
_SUMS = "SpecifiedTradeSettlementHeaderMonetarySummation|SpecifiedTradeSettlementMonetarySummation"
_LINE_SUM = (
    "SpecifiedLineTradeSettlement|SpecifiedSupplyChainTradeSettlement/"
    "SpecifiedTradeSettlementLineMonetarySummation|SpecifiedTradeSettlementMonetarySummation/LineTotalAmount"
)
_LINE_PRICE = (
    "SpecifiedLineTradeAgreement|SpecifiedSupplyChainTradeAgreement/"
    "NetPriceProductTradePrice|GrossPriceProductTradePrice/ChargeAmount"
)
_LINE_QUANTITY = (
    "SpecifiedLineTradeDelivery|SpecifiedSupplyChainTradeDelivery/"
    "BilledQuantity|AgreedQuantity|RequestedQuantity"
)


def read_cii(root: Element) -> dict[str, Found]:
    """Fields of a CII invoice or order whose root element is ``root``."""
    sheet = Sheet()
    deal = root.first(_DEAL)
    if deal is not None:
        settlement = deal.first(_SETTLEMENT)
        if settlement is not None:
            _put_money(sheet, settlement)
            _put_payment(sheet, settlement)
        agreement = deal.first(_AGREEMENT)
        if agreement is not None:
            _put_parties(sheet, agreement)
        _put_lines(sheet, deal)
    header = root.first(_HEADER)
    if header is not None:
        _put_header(sheet, header)
    return sheet.found


def _put_header(sheet: Sheet, header: Element) -> None:
    sheet.put_text("reference_number", header.first("ID"))
    sheet.put_text("title", header.first("Name"))
    sheet.put_date("primary_date", header.first("IssueDateTime/DateTimeString"))
    sheet.put_kind(header.first("TypeCode"))


def _put_money(sheet: Sheet, settlement: Element) -> None:
    code = settlement.first("InvoiceCurrencyCode", "OrderCurrencyCode")
    sums = settlement.first(_SUMS)
    if sums is None:
        sheet.put("currency", as_currency(code.text) if code else None, code)
        return
    sheet.put_amount("total_amount", sums.first("GrandTotalAmount"))
    sheet.put_amount("amount_due", sums.first("DuePayableAmount"))
    currency = as_currency(code.text) if code else None
    taxes = list(sums.all("TaxTotalAmount"))
    own = [tax for tax in taxes if tax.attribute("currencyID") in ("", currency or "")]
    # A second tax total is the same sum in the currency of the books, not of the invoice.
    sheet.put_amount("tax_amount", next(iter(own or taxes), None))
    sheet.put("currency", currency, code)
    total = sums.first("GrandTotalAmount")
    if total is not None:
        sheet.put("currency", as_currency(total.attribute("currencyID")), total)


def _put_payment(sheet: Sheet, settlement: Element) -> None:
    account = settlement.first(
        "SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount/IBANID"
    )
    sheet.put("iban", as_iban(account.text) if account else None, account)
    sheet.put_date("due_date", settlement.first("SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString"))
    period = settlement.first("BillingSpecifiedPeriod")
    if period is not None:
        sheet.put_date("period_start", period.first("StartDateTime/DateTimeString"))
        sheet.put_date("period_end", period.first("EndDateTime/DateTimeString"))


def _put_parties(sheet: Sheet, agreement: Element) -> None:
    seller, buyer = agreement.first("SellerTradeParty"), agreement.first("BuyerTradeParty")
    if seller is not None:
        sheet.put_text("issuer", seller.first("Name"))
        numbers = list(seller.all("SpecifiedTaxRegistration/ID"))
        numbers.sort(key=lambda number: number.attribute("schemeID") != "VA")
        sheet.put_text("tax_id", numbers[0] if numbers else None)
        contact = seller.first("DefinedTradeContact")
        if contact is not None:
            sheet.put_text(
                "email",
                contact.first("EmailURIUniversalCommunication/URIID|CompleteNumber"),
            )
            sheet.put_text("phone", contact.first("TelephoneUniversalCommunication/CompleteNumber"))
        for uri in seller.all("URIUniversalCommunication/URIID"):
            if uri.attribute("schemeID") == "EM":
                sheet.put_text("email", uri)
    if buyer is not None:
        sheet.put_text("recipient", buyer.first("Name"))
        sheet.put_text("customer_number", buyer.first("ID"))
    parties = [p for p in (seller, buyer) if p is not None]
    addresses = [(a, _address(a)) for p in parties if (a := p.first("PostalTradeAddress"))]
    texts = tuple(text for _, text in addresses if text)
    if texts:
        sheet.put("addresses", texts, addresses[0][0])


def _address(address: Element) -> str:
    def text(name: str) -> str:
        element = address.first(name)
        return element.text if element else ""

    town = f"{text('PostcodeCode')} {text('CityName')}".strip()
    parts = [text("LineOne"), text("LineTwo"), text("LineThree"), town, text("CountryID")]
    return ", ".join(part for part in parts if part)


def _put_lines(sheet: Sheet, deal: Element) -> None:
    items: list[LineItem] = []
    left_out = 0
    where: Element | None = None
    for line in deal.all("IncludedSupplyChainTradeLineItem"):
        name = line.first("SpecifiedTradeProduct/Name", "SpecifiedTradeProduct/Description")
        if name is None:
            continue
        if len(items) >= _MAX_LINES:
            left_out += 1
            continue
        where = where or line
        amount, price = line.first(_LINE_SUM), line.first(_LINE_PRICE)
        quantity = line.first(_LINE_QUANTITY)
        items.append(
            LineItem(
                description=name.text,
                quantity=as_amount(quantity.text) if quantity else None,
                unit_price=as_amount(price.text) if price else None,
                amount=as_amount(amount.text) if amount else None,
            )
        )
    sheet.put("line_items", tuple(items), where, left_out=left_out)
