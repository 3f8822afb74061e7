"""An electronic invoice: a PDF for people that carries the same facts as XML (Factur-X, EN 16931)."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from xml.sax.saxutils import escape

import pikepdf
from PIL import ImageCms

from demo.paper import GREY, Column, Sheet, french

GOODS = (
    ("Papier recyclé A4 80 g, ramette", "40", "4.35"),
    ("Classeur à levier, dos 80 mm", "24", "3.10"),
    ("Cartouche d'encre noire XL", "6", "27.90"),
    ("Livraison sur site", "1", "18.00"),
)
TAX_RATE = Decimal("0.20")
CENT = Decimal("0.01")
XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
  pdfaid:part="3" pdfaid:conformance="B"/>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt>
  <rdf:li xml:lang="x-default">Facture FX-2026-0117</rdf:li></rdf:Alt></dc:title></rdf:Description>
<rdf:Description rdf:about="" xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
  fx:DocumentType="INVOICE" fx:DocumentFileName="factur-x.xml"
  fx:Version="1.0" fx:ConformanceLevel="EN 16931"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
  xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
  xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag>
  <rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>
  <pdfaSchema:namespaceURI>urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#</pdfaSchema:namespaceURI>
  <pdfaSchema:prefix>fx</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>{properties}</rdf:Seq>
  </pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
XMP_PROPERTY = """<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>
  <pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category>
  <pdfaProperty:description>{name} of the embedded invoice</pdfaProperty:description></rdf:li>"""
LINE_XML = """
  <ram:IncludedSupplyChainTradeLineItem>
   <ram:AssociatedDocumentLineDocument><ram:LineID>{number}</ram:LineID></ram:AssociatedDocumentLineDocument>
   <ram:SpecifiedTradeProduct><ram:Name>{name}</ram:Name></ram:SpecifiedTradeProduct>
   <ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice><ram:ChargeAmount>{price}</ram:ChargeAmount>
   </ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement>
   <ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode="C62">{quantity}</ram:BilledQuantity>
   </ram:SpecifiedLineTradeDelivery>
   <ram:SpecifiedLineTradeSettlement><ram:ApplicableTradeTax><ram:TypeCode>VAT</ram:TypeCode>
    <ram:CategoryCode>S</ram:CategoryCode><ram:RateApplicablePercent>20.00</ram:RateApplicablePercent>
    </ram:ApplicableTradeTax><ram:SpecifiedTradeSettlementLineMonetarySummation>
    <ram:LineTotalAmount>{amount}</ram:LineTotalAmount></ram:SpecifiedTradeSettlementLineMonetarySummation>
   </ram:SpecifiedLineTradeSettlement>
  </ram:IncludedSupplyChainTradeLineItem>"""
INVOICE_XML = """<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
 xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
 <rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter>
  <ram:ID>urn:cen.eu:en16931:2017</ram:ID></ram:GuidelineSpecifiedDocumentContextParameter>
 </rsm:ExchangedDocumentContext>
 <rsm:ExchangedDocument><ram:ID>FX-2026-0117</ram:ID><ram:TypeCode>380</ram:TypeCode>
  <ram:IssueDateTime><udt:DateTimeString format="102">20260410</udt:DateTimeString></ram:IssueDateTime>
 </rsm:ExchangedDocument>
 <rsm:SupplyChainTradeTransaction>{lines}
  <ram:ApplicableHeaderTradeAgreement>
   <ram:SellerTradeParty><ram:Name>Papeterie des Trois Ponts SARL</ram:Name>
    <ram:SpecifiedLegalOrganization><ram:ID schemeID="0002">842317604</ram:ID>
    </ram:SpecifiedLegalOrganization>
    <ram:PostalTradeAddress><ram:PostcodeCode>38000</ram:PostcodeCode>
     <ram:LineOne>24 quai des Graveurs</ram:LineOne>
     <ram:CityName>Grenoble</ram:CityName><ram:CountryID>FR</ram:CountryID>
    </ram:PostalTradeAddress>
    <ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">FR04842317604</ram:ID></ram:SpecifiedTaxRegistration>
   </ram:SellerTradeParty>
   <ram:BuyerTradeParty><ram:ID>C-5512</ram:ID><ram:Name>Atelier Belledonne SAS</ram:Name>
    <ram:SpecifiedLegalOrganization><ram:ID schemeID="0002">903155448</ram:ID>
    </ram:SpecifiedLegalOrganization>
    <ram:PostalTradeAddress><ram:PostcodeCode>38100</ram:PostcodeCode>
     <ram:LineOne>8 allée des Noisetiers</ram:LineOne>
     <ram:CityName>Grenoble</ram:CityName><ram:CountryID>FR</ram:CountryID>
    </ram:PostalTradeAddress>
   </ram:BuyerTradeParty>
  </ram:ApplicableHeaderTradeAgreement>
  <ram:ApplicableHeaderTradeDelivery><ram:ActualDeliverySupplyChainEvent><ram:OccurrenceDateTime>
   <udt:DateTimeString format="102">20260408</udt:DateTimeString></ram:OccurrenceDateTime>
  </ram:ActualDeliverySupplyChainEvent></ram:ApplicableHeaderTradeDelivery>
  <ram:ApplicableHeaderTradeSettlement>
   <ram:PaymentReference>FX-2026-0117</ram:PaymentReference><ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
   <ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>30</ram:TypeCode>
    <ram:PayeePartyCreditorFinancialAccount><ram:IBANID>FR7630087337000002041730502</ram:IBANID>
    </ram:PayeePartyCreditorFinancialAccount></ram:SpecifiedTradeSettlementPaymentMeans>
   <ram:ApplicableTradeTax><ram:CalculatedAmount>{tax}</ram:CalculatedAmount><ram:TypeCode>VAT</ram:TypeCode>
    <ram:BasisAmount>{net}</ram:BasisAmount><ram:CategoryCode>S</ram:CategoryCode>
    <ram:RateApplicablePercent>20.00</ram:RateApplicablePercent></ram:ApplicableTradeTax>
   <ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime>
    <udt:DateTimeString format="102">20260510</udt:DateTimeString></ram:DueDateDateTime>
   </ram:SpecifiedTradePaymentTerms>
   <ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:LineTotalAmount>{net}</ram:LineTotalAmount>
    <ram:TaxBasisTotalAmount>{net}</ram:TaxBasisTotalAmount>
    <ram:TaxTotalAmount currencyID="EUR">{tax}</ram:TaxTotalAmount>
    <ram:GrandTotalAmount>{total}</ram:GrandTotalAmount><ram:DuePayableAmount>{total}</ram:DuePayableAmount>
   </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
  </ram:ApplicableHeaderTradeSettlement>
 </rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>
"""


def factur_x_invoice() -> bytes:
    """The invoice as PDF with ``factur-x.xml`` inside."""
    lines = [Decimal(quantity) * Decimal(price) for _, quantity, price in GOODS]
    net = sum(lines, Decimal(0)).quantize(CENT)
    tax = (net * TAX_RATE).quantize(CENT)
    xml = INVOICE_XML.format(
        lines="".join(
            LINE_XML.format(
                number=i, name=escape(name), quantity=quantity, price=price, amount=line.quantize(CENT)
            )
            for i, ((name, quantity, price), line) in enumerate(zip(GOODS, lines, strict=True), 1)
        ),
        net=net,
        tax=tax,
        total=net + tax,
    )
    return _with_attachment(_page(lines, net, tax), xml.encode())


def _page(lines: list[Decimal], net: Decimal, tax: Decimal) -> bytes:
    sheet = Sheet("Facture FX-2026-0117", family="embedded")
    for i, color in enumerate(("#0e7490", "#22a3bf", "#86d3e3")):
        sheet.box(20 + i * 6, 17, 4.5, 12, fill=color, radius=1)
    sheet.text(42, 23, "Papeterie des Trois Ponts", 15, bold=True, color="#0e7490")
    sheet.text(42, 28.5, "Fournitures de bureau", 8.5, color=GREY)
    seller = [
        "Papeterie des Trois Ponts SARL",
        "24 quai des Graveurs",
        "38000 Grenoble",
        "Tél. 04 55 50 18 42",
    ]
    sheet.lines(20, 44, seller, 8.5)
    sheet.lines(120, 52, ["Atelier Belledonne SAS", "8 allée des Noisetiers", "38100 Grenoble"], 10)
    sheet.text(20, 82, "FACTURE", 18, bold=True)
    y = 90.0
    for label, value in (
        ("Numéro de facture", "FX-2026-0117"),
        ("Date de facture", "10/04/2026"),
        ("Date d'échéance", "10/05/2026"),
        ("Numéro client", "C-5512"),
        ("Date de livraison", "08/04/2026"),
    ):
        y = sheet.pair(20, 105, y, label, value, size=8.5)
    columns = (
        Column("Désignation", 85),
        Column("Qté", 18, "right"),
        Column("P.U. HT", 30, "right"),
        Column("Montant HT", 37, "right"),
    )
    rows = [
        (name, quantity, f"{french(price)} €", f"{french(line)} €")
        for (name, quantity, price), line in zip(GOODS, lines, strict=True)
    ]
    y = sheet.table(20, y + 4, columns, rows, size=8.5, heading_fill="#d5eff5") + 8
    y = sheet.pair(115, 188.5, y, "Total HT", f"{french(net)} €", size=9)
    y = sheet.pair(115, 188.5, y, "TVA 20 %", f"{french(tax)} €", size=9)
    sheet.rule(y - 3, 115, 190, color="#0e7490", weight=1)
    y = sheet.pair(115, 188.5, y + 2.5, "Total TTC", f"{french(net + tax)} €", size=11, bold=True)
    sheet.paragraph(
        20,
        y + 10,
        170,
        "Règlement par virement sur le compte IBAN FR76 3008 7337 0000 0204 1730 502. En cas de "
        "retard de paiement, une indemnité forfaitaire de 40 € pour frais de recouvrement est due.",
        8.5,
    )
    sheet.rule(274, 20, 190)
    sheet.text(
        20, 279, "SARL au capital de 20 000 € · SIRET 842 317 604 00028 · TVA FR04842317604", 7, color=GREY
    )
    return sheet.finish()


def _with_attachment(document: bytes, xml: bytes) -> bytes:
    with pikepdf.open(BytesIO(document)) as pdf:
        file = pdf.make_stream(xml, Type=pikepdf.Name.EmbeddedFile, Subtype=pikepdf.Name("/text/xml"))
        file.Params = pikepdf.Dictionary(Size=len(xml), ModDate="D:20260410080000Z")
        specification = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Filespec,
                F="factur-x.xml",
                UF="factur-x.xml",
                Desc="Factur-X",
                AFRelationship=pikepdf.Name.Data,
                EF=pikepdf.Dictionary(F=file, UF=file),
            )
        )
        pdf.Root.AF = pikepdf.Array([specification])
        pdf.Root.Names = pikepdf.Dictionary(
            EmbeddedFiles=pikepdf.Dictionary(Names=pikepdf.Array(["factur-x.xml", specification]))
        )
        names = ("DocumentFileName", "DocumentType", "Version", "ConformanceLevel")
        properties = "".join(XMP_PROPERTY.format(name=name) for name in names)
        xmp = XMP.format(properties=properties).encode()
        pdf.Root.Metadata = pdf.make_stream(xmp, Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML)
        colors = pdf.make_stream(_srgb_profile(), N=3)
        pdf.Root.OutputIntents = pikepdf.Array(
            [
                pikepdf.Dictionary(
                    Type=pikepdf.Name.OutputIntent,
                    S=pikepdf.Name.GTS_PDFA1,
                    OutputConditionIdentifier="sRGB",
                    DestOutputProfile=colors,
                )
            ]
        )
        del pdf.trailer.Info  # it would have to agree with the XMP, which says all there is to say
        output = BytesIO()
        pdf.save(output, deterministic_id=True)
        return output.getvalue()


def _srgb_profile() -> bytes:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes((0x07, 0xEA, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0))  # when it was made: 1 January 2026
    profile[84:100] = bytes(16)  # its identifier, a hash that includes the time
    return bytes(profile)
