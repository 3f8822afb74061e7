"""Embedded e-invoices are read exactly, and hostile XML gives nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from autod.domain.extraction import EvidenceSource
from autod.domain.kinds import DocType
from autod.extract.einvoice import read_einvoice

CII = """\ufeff<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:ram="urn:ram" xmlns:udt="urn:udt">
 <rsm:ExchangedDocument><ram:ID>R-77/2026</ram:ID><ram:Name>RECHNUNG</ram:Name>
  <ram:TypeCode>{code}</ram:TypeCode>
  <ram:IssueDateTime><udt:DateTimeString format="102">20260303</udt:DateTimeString></ram:IssueDateTime>
 </rsm:ExchangedDocument>
 <rsm:SupplyChainTradeTransaction>
  <ram:IncludedSupplyChainTradeLineItem>
   <ram:SpecifiedTradeProduct><ram:Name>Kupferrohr</ram:Name></ram:SpecifiedTradeProduct>
   <ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice>
     <ram:ChargeAmount>50.00</ram:ChargeAmount></ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement>
   <ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode="C62">4</ram:BilledQuantity>
   </ram:SpecifiedLineTradeDelivery>
   <ram:SpecifiedLineTradeSettlement><ram:SpecifiedTradeSettlementLineMonetarySummation>
     <ram:LineTotalAmount>200.00</ram:LineTotalAmount>
   </ram:SpecifiedTradeSettlementLineMonetarySummation></ram:SpecifiedLineTradeSettlement>
  </ram:IncludedSupplyChainTradeLineItem>
  <ram:ApplicableHeaderTradeAgreement>
   <ram:SellerTradeParty><ram:Name>Nordfeld GmbH</ram:Name>
    <ram:DefinedTradeContact><ram:TelephoneUniversalCommunication>
      <ram:CompleteNumber>+49 30 1234</ram:CompleteNumber></ram:TelephoneUniversalCommunication>
      <ram:EmailURIUniversalCommunication><ram:URIID>post@nordfeld.example</ram:URIID>
      </ram:EmailURIUniversalCommunication></ram:DefinedTradeContact>
    <ram:PostalTradeAddress><ram:PostcodeCode>10115</ram:PostcodeCode><ram:LineOne>Weg 1</ram:LineOne>
      <ram:CityName>Berlin</ram:CityName><ram:CountryID>DE</ram:CountryID></ram:PostalTradeAddress>
    <ram:SpecifiedTaxRegistration><ram:ID schemeID="FC">30/123/456</ram:ID></ram:SpecifiedTaxRegistration>
    <ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">DE136695976</ram:ID></ram:SpecifiedTaxRegistration>
   </ram:SellerTradeParty>
   <ram:BuyerTradeParty><ram:ID>K-16259</ram:ID><ram:Name>Harlow KG</ram:Name></ram:BuyerTradeParty>
  </ram:ApplicableHeaderTradeAgreement>
  <ram:ApplicableHeaderTradeSettlement>
   <ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
   <ram:SpecifiedTradeSettlementPaymentMeans><ram:PayeePartyCreditorFinancialAccount>
     <ram:IBANID>DE02 1203 0000 0000 2020 51</ram:IBANID></ram:PayeePartyCreditorFinancialAccount>
   </ram:SpecifiedTradeSettlementPaymentMeans>
   <ram:BillingSpecifiedPeriod>
     <ram:StartDateTime><udt:DateTimeString>20260201</udt:DateTimeString></ram:StartDateTime>
     <ram:EndDateTime><udt:DateTimeString>20260228</udt:DateTimeString></ram:EndDateTime>
   </ram:BillingSpecifiedPeriod>
   <ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime><udt:DateTimeString>20260402</udt:DateTimeString>
   </ram:DueDateDateTime></ram:SpecifiedTradePaymentTerms>
   <ram:SpecifiedTradeSettlementHeaderMonetarySummation>
    <ram:TaxTotalAmount currencyID="GBP">32.10</ram:TaxTotalAmount>
    <ram:TaxTotalAmount currencyID="EUR">38.00</ram:TaxTotalAmount>
    <ram:GrandTotalAmount>{total}</ram:GrandTotalAmount><ram:DuePayableAmount>138.00</ram:DuePayableAmount>
   </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
  </ram:ApplicableHeaderTradeSettlement>
 </rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>"""

ZUGFERD_1 = """<rsm:CrossIndustryDocument xmlns:rsm="urn:ferd:1p0" xmlns:ram="r" xmlns:udt="u">
 <rsm:HeaderExchangedDocument><ram:ID>471102</ram:ID><ram:TypeCode>380</ram:TypeCode>
 </rsm:HeaderExchangedDocument>
 <rsm:SpecifiedSupplyChainTradeTransaction>
  <ram:ApplicableSupplyChainTradeAgreement><ram:SellerTradeParty><ram:Name>Lieferant GmbH</ram:Name>
  </ram:SellerTradeParty></ram:ApplicableSupplyChainTradeAgreement>
  <ram:ApplicableSupplyChainTradeSettlement><ram:SpecifiedTradeSettlementMonetarySummation>
   <ram:GrandTotalAmount currencyID="EUR">235.62</ram:GrandTotalAmount>
  </ram:SpecifiedTradeSettlementMonetarySummation></ram:ApplicableSupplyChainTradeSettlement>
 </rsm:SpecifiedSupplyChainTradeTransaction></rsm:CrossIndustryDocument>"""

UBL = """<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cac="a" xmlns:cbc="b">
 <cbc:ID>INV-9</cbc:ID><cbc:IssueDate>2026-03-03</cbc:IssueDate><cbc:DueDate>2026-04-02</cbc:DueDate>
 <cbc:InvoiceTypeCode>389</cbc:InvoiceTypeCode><cbc:DocumentCurrencyCode>SEK</cbc:DocumentCurrencyCode>
 <cac:AccountingSupplierParty><cac:Party><cac:PartyName><cbc:Name>Shop</cbc:Name></cac:PartyName>
  <cac:PartyTaxScheme><cbc:CompanyID>SE556012579001</cbc:CompanyID>
   <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
  <cac:PartyLegalEntity><cbc:RegistrationName>Shop AB</cbc:RegistrationName></cac:PartyLegalEntity>
 </cac:Party></cac:AccountingSupplierParty>
 <cac:TaxTotal><cbc:TaxAmount currencyID="SEK">25</cbc:TaxAmount></cac:TaxTotal>
 <cac:LegalMonetaryTotal><cbc:TaxInclusiveAmount currencyID="SEK">125.00</cbc:TaxInclusiveAmount>
  <cbc:PayableAmount currencyID="SEK">125.00</cbc:PayableAmount></cac:LegalMonetaryTotal>
 <cac:InvoiceLine><cbc:InvoicedQuantity>1</cbc:InvoicedQuantity>
  <cbc:LineExtensionAmount>100.00</cbc:LineExtensionAmount><cac:Item><cbc:Name>Lamp</cbc:Name></cac:Item>
 </cac:InvoiceLine></Invoice>"""


def cii(code: str = "380", total: str = "238.00") -> str:
    return CII.replace("{code}", code).replace("{total}", total)


def test_a_cii_invoice_gives_every_field_it_states() -> None:
    values = {name: item.value for name, item in read_einvoice(cii()).items()}

    rows = values.pop("line_items")
    assert values == {
        "doc_type": DocType.INVOICE,
        "title": "RECHNUNG",
        "reference_number": "R-77/2026",
        "primary_date": date(2026, 3, 3),
        "due_date": date(2026, 4, 2),
        "period_start": date(2026, 2, 1),
        "period_end": date(2026, 2, 28),
        "total_amount": Decimal("238.00"),
        "amount_due": Decimal("138.00"),
        "tax_amount": Decimal("38.00"),
        "currency": "EUR",
        "iban": "DE02120300000000202051",
        "issuer": "Nordfeld GmbH",
        "recipient": "Harlow KG",
        "tax_id": "DE136695976",
        "customer_number": "K-16259",
        "email": "post@nordfeld.example",
        "phone": "+49 30 1234",
        "addresses": ("Weg 1, 10115 Berlin, DE",),
    }
    assert [(row.description, row.quantity, row.unit_price, row.amount) for row in rows] == [
        ("Kupferrohr", Decimal(4), Decimal("50.00"), Decimal("200.00"))
    ]


def test_a_value_carries_the_element_it_came_from() -> None:
    found = read_einvoice(cii())["reference_number"]

    assert found.source is EvidenceSource.EMBEDDED_XML
    assert found.quote == "CrossIndustryInvoice/ExchangedDocument/ID: R-77/2026"
    assert found.page is None


@pytest.mark.parametrize(
    ("code", "total", "kind"),
    [
        ("380", "238.00", DocType.INVOICE),
        ("381", "238.00", DocType.CREDIT_NOTE),
        ("384", "238.00", DocType.INVOICE),
        ("384", "-8.79", DocType.CREDIT_NOTE),
        ("389", "238.00", DocType.INVOICE),
        ("326", "238.00", DocType.INVOICE),
        ("220", "238.00", DocType.PURCHASE_ORDER),
        ("231", "238.00", DocType.ORDER_CONFIRMATION),
    ],
)
def test_the_type_code_gives_the_kind(code: str, total: str, kind: DocType) -> None:
    assert read_einvoice(cii(code, total))["doc_type"].value is kind


def test_an_unknown_type_code_leaves_the_kind_to_the_page() -> None:
    assert "doc_type" not in read_einvoice(cii("999"))


def test_the_first_version_of_zugferd_is_read_alike() -> None:
    values = {name: item.value for name, item in read_einvoice(ZUGFERD_1).items()}

    assert values == {
        "doc_type": DocType.INVOICE,
        "reference_number": "471102",
        "issuer": "Lieferant GmbH",
        "total_amount": Decimal("235.62"),
        "currency": "EUR",
    }


def test_a_ubl_invoice_is_read() -> None:
    values = {name: item.value for name, item in read_einvoice(UBL).items()}

    assert values["issuer"] == "Shop AB"
    assert values["tax_id"] == "SE556012579001"
    assert (values["total_amount"], values["tax_amount"]) == (Decimal("125.00"), Decimal(25))
    assert (values["primary_date"], values["due_date"]) == (date(2026, 3, 3), date(2026, 4, 2))
    assert (values["doc_type"], values["subtype"]) == (DocType.INVOICE, "self-billed invoice")
    assert values["line_items"][0].description == "Lamp"


def test_a_ubl_credit_note_without_a_code_is_a_credit_note() -> None:
    assert read_einvoice("<CreditNote><ID>C1</ID></CreditNote>")["doc_type"].value is DocType.CREDIT_NOTE


@pytest.mark.parametrize(
    "xml",
    [
        "",
        "no xml",
        "<CrossIndustryInvoice><open>",
        "<Letter><ID>1</ID></Letter>",
        "<!DOCTYPE Invoice [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><Invoice><ID>&x;</ID></Invoice>",
        "<!DOCTYPE Invoice [<!ENTITY a 'aa'><!ENTITY b '&a;&a;'>]><Invoice><ID>&b;</ID></Invoice>",
        "<Invoice>" * 400 + "</Invoice>" * 400,
        "<Invoice>\x00</Invoice>",
    ],
    ids=["empty", "text", "cut off", "other", "external entity", "entities", "too deep", "nul"],
)
def test_what_is_no_sound_invoice_gives_nothing(xml: str) -> None:
    assert read_einvoice(xml) == {}


def test_values_that_are_not_what_they_should_be_are_left_out() -> None:
    xml = (
        "<Invoice><IssueDate>2026-13-45</IssueDate><DocumentCurrencyCode>EURO</DocumentCurrencyCode>"
        "<LegalMonetaryTotal><TaxInclusiveAmount>1e999</TaxInclusiveAmount></LegalMonetaryTotal></Invoice>"
    )

    assert set(read_einvoice(xml)) == {"doc_type"}
