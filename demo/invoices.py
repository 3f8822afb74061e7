"""Invoices and a credit note of made-up companies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from reportlab.lib.pagesizes import LETTER

from demo.paper import GREY, Column, Sheet, english, german

Row = tuple[str, str, str, str]
"""Description, quantity with unit, unit price, amount."""


def _items(
    goods: Sequence[tuple[str, str, str, str]], money: Callable[[Decimal | str], str]
) -> tuple[list[Row], Decimal]:
    """Printed rows, and their sum, of (description, quantity, unit, unit price)."""
    rows: list[Row] = []
    total = Decimal(0)
    for description, quantity, unit, price in goods:
        line = Decimal(quantity) * Decimal(price)
        shown = quantity.replace(".", ",") if money is german else quantity
        rows.append((description, f"{shown} {unit}".strip(), money(price), money(line)))
        total += line
    return rows, total


def german_invoice() -> bytes:
    sheet = Sheet("Rechnung 2026-0418")
    sheet.box(20, 15, 13, 13, fill="#b4532a", radius=2)
    sheet.text(26.5, 24, "M&S", 11, bold=True, align="center", color="#ffffff")
    sheet.text(37, 21, "Müller & Söhne Haustechnik GmbH", 14, bold=True, color="#7a3417")
    sheet.text(37, 26.5, "Heizung · Sanitär · Solar", 9, color=GREY)
    sheet.text(20, 48, "Müller & Söhne Haustechnik GmbH · Lindenweg 14 · 70374 Stuttgart", 6.5, color=GREY)
    sheet.rule(49.2, 20, 92)
    sheet.lines(20, 55, ["Frau", "Katharina Brandt", "Amselgasse 7", "73728 Esslingen"], 10.5)
    y = 55.0
    for label, value in (
        ("Rechnungsnummer", "2026-0418"),
        ("Rechnungsdatum", "14.04.2026"),
        ("Kundennummer", "K-20931"),
        ("Leistungsdatum", "09.04.2026"),
        ("Ansprechpartner", "Jonas Hartwig"),
    ):
        y = sheet.pair(125, 190, y, label, value, size=9)
    sheet.text(20, 98, "Rechnung", 18, bold=True)
    y = sheet.paragraph(
        20,
        107,
        170,
        "Sehr geehrte Frau Brandt, vielen Dank für Ihren Auftrag. Für die Wartung Ihrer Heizungsanlage "
        "in der Amselgasse 7 berechnen wir Ihnen:",
    )
    rows, net = _items(
        (
            ("Wartung Gasbrennwertgerät, Pauschale", "1", "psch.", "189.00"),
            ("Arbeitszeit Monteurmeister", "3.5", "Std.", "68.50"),
            ("Umwälzpumpe HP 25-60", "1", "Stk.", "274.90"),
            ("Dichtungssatz Brennerflansch", "2", "Stk.", "18.75"),
            ("Anfahrt Zone 2", "1", "psch.", "39.00"),
        ),
        german,
    )
    numbered = [(str(i), *row) for i, row in enumerate(rows, 1)]
    columns = (
        Column("Pos.", 12),
        Column("Bezeichnung", 78),
        Column("Menge", 25, "right"),
        Column("Einzelpreis €", 28, "right"),
        Column("Betrag €", 27, "right"),
    )
    y = sheet.table(20, y + 2, columns, numbered, heading_fill="#f3e4dc") + 7
    tax = (net * Decimal("0.19")).quantize(Decimal("0.01"))
    y = sheet.pair(120, 188.5, y, "Nettobetrag", f"{german(net)} €")
    y = sheet.pair(120, 188.5, y, "zzgl. 19 % USt.", f"{german(tax)} €")
    sheet.rule(y - 3, 120, 190, color="#7a3417", weight=1)
    y = sheet.pair(120, 188.5, y + 2.5, "Rechnungsbetrag", f"{german(net + tax)} €", size=11, bold=True)
    y = sheet.paragraph(
        20,
        y + 10,
        170,
        "Bitte überweisen Sie den Rechnungsbetrag ohne Abzug bis zum 28.04.2026 unter Angabe der "
        "Rechnungsnummer auf das unten genannte Konto.",
    )
    sheet.paragraph(
        20,
        y + 2,
        170,
        "Hinweis gemäß § 14 Abs. 4 UStG: Diese Rechnung ist zwei Jahre aufzubewahren.",
        8.5,
        color=GREY,
    )
    sheet.rule(270, 20, 190)
    for x, column in (
        (20, ("Müller & Söhne Haustechnik GmbH", "Lindenweg 14, 70374 Stuttgart", "Tel. 0711 5550147")),
        (
            80,
            ("IBAN: DE46 6009 0100 4471 2839 05", "Neckartaler Volksbank eG", "info@mueller-soehne.example"),
        ),
        (140, ("USt-IdNr.: DE813507424", "HRB 731846, AG Stuttgart", "Geschäftsführer: Karl Müller")),
    ):
        sheet.lines(x, 275, column, 7.5, color=GREY)
    return sheet.finish()


def american_invoice() -> bytes:
    sheet = Sheet("Invoice INV-10482", size=LETTER)
    _american_head(sheet, "INVOICE", "#14532d")
    details = (("Invoice #", "INV-10482"), ("Invoice date", "03/27/2026"), ("Due date", "04/26/2026"))
    _american_parties(sheet, (*details, ("Terms", "Net 30"), ("P.O. number", "7700-318")))
    rows, subtotal = _items(
        (
            ("Cedar planter box, 48 in.", "12", "", "86.50"),
            ("Drip irrigation kit", "4", "", "129.95"),
            ("Potting soil, cubic yard", "6.5", "", "48.00"),
            ("Delivery and installation", "1", "", "350.00"),
        ),
        english,
    )
    y = _american_table(sheet, rows, "#dcefe2")
    tax = (subtotal * Decimal("0.0825")).quantize(Decimal("0.01"))
    y = sheet.pair(135, 194.5, y, "Subtotal", f"${english(subtotal)}")
    y = sheet.pair(135, 194.5, y, "Sales tax (8.25%)", f"${english(tax)}")
    sheet.box(132, y - 3.2, 64, 9, fill="#14532d")
    sheet.text(135, y + 2.8, "Total due", 11, bold=True, color="#ffffff")
    total = f"${english(subtotal + tax)}"
    sheet.text(194.5, y + 2.8, total, 11, bold=True, align="right", color="#ffffff")
    sheet.paragraph(
        20,
        y + 22,
        176,
        "Please make checks payable to Prairie Bloom Landscaping LLC and include the invoice number. "
        "Balances past due are subject to a late charge of 1.5% per month.",
        9,
    )
    sheet.text(108, 262, "Thank you for your business!", 10, italic=True, align="center", color="#14532d")
    return sheet.finish()


def american_credit_note() -> bytes:
    sheet = Sheet("Credit memo CM-20417", size=LETTER)
    _american_head(sheet, "CREDIT MEMO", "#7f1d1d")
    details = (("Credit memo #", "CM-20417"), ("Date", "04/15/2026"), ("Original invoice", "INV-10482"))
    _american_parties(sheet, (*details, ("Reason", "Returned goods"), ("RMA", "R-5521")))
    rows, subtotal = _items(
        (
            ("Cedar planter box, 48 in. (cracked)", "2", "", "86.50"),
            ("Drip kit, missing valve", "1", "", "42.00"),
        ),
        english,
    )
    y = _american_table(sheet, rows, "#f6e0e0")
    tax = (subtotal * Decimal("0.0825")).quantize(Decimal("0.01"))
    y = sheet.pair(135, 194.5, y, "Subtotal", f"${english(subtotal)}")
    y = sheet.pair(135, 194.5, y, "Sales tax (8.25%)", f"${english(tax)}")
    sheet.rule(y - 3, 132, 196, color="#7f1d1d", weight=1)
    total = f"${english(subtotal + tax)}"
    y = sheet.pair(135, 194.5, y + 3, "Total credit", total, size=11, bold=True)
    sheet.paragraph(
        20,
        y + 14,
        176,
        "This amount has been credited to your account and will be deducted from your next invoice. "
        "No payment is required.",
        9,
    )
    return sheet.finish()


def _american_head(sheet: Sheet, heading: str, color: str) -> None:
    for x, radius in ((24, 4.5), (29.5, 3.4), (34, 2.4)):
        sheet.disc(x, 22, radius, color)
    sheet.text(20, 36, "Prairie Bloom Landscaping LLC", 13, bold=True)
    sheet.lines(
        20,
        42,
        ["1180 Wheatfield Road", "Abilene, TX 79602", "(325) 555-0139 · billing@prairiebloom.example"],
        8.5,
        color=GREY,
    )
    sheet.text(196, 30, heading, 24, bold=True, align="right", color=color)


def _american_parties(sheet: Sheet, details: Sequence[tuple[str, str]]) -> None:
    sheet.text(20, 66, "BILL TO", 8, bold=True, color=GREY)
    buyer = [
        "Hollis & Grant Property Management",
        "Attn: Dana Whitlock",
        "402 Mesquite Avenue",
        "Abilene, TX 79601",
    ]
    sheet.lines(20, 72, buyer, 10)
    y = 66.0
    for label, value in details:
        y = sheet.pair(130, 196, y, label, value, size=9.5)


def _american_table(sheet: Sheet, rows: Sequence[Row], fill: str) -> float:
    columns = (
        Column("Description", 92),
        Column("Qty", 22, "right"),
        Column("Unit price", 31, "right"),
        Column("Amount", 31, "right"),
    )
    return sheet.table(20, 102, columns, rows, row_height=7.4, heading_fill=fill) + 9


def dutch_invoice() -> bytes:
    sheet = Sheet("Factuur 26-004417", family="embedded")
    sheet.box(0, 0, 210, 34, fill="#0f3d5e")
    for i in range(4):
        sheet.box(20 + i * 5, 24 - i * 4, 3.4, 3 + i * 4, fill="#57c4e5")
    sheet.text(44, 22, "Polderlicht", 22, bold=True, color="#ffffff")
    sheet.text(190, 22, "internet · bellen · tv", 9, align="right", color="#cfe8f3")
    sheet.lines(20, 56, ["Dhr. P. van der Veen", "Kastanjelaan 22", "3571 ZG Utrecht"], 9.5)
    y = 56.0
    for label, value in (
        ("Factuurnummer", "26-004417"),
        ("Factuurdatum", "1 april 2026"),
        ("Klantnummer", "880214563"),
        ("Periode", "1 april t/m 30 april 2026"),
        ("Vervaldatum", "15 april 2026"),
    ):
        y = sheet.pair(105, 190, y, label, value, size=8.5)
    sheet.text(20, 98, "Factuur", 18, bold=True, color="#0f3d5e")
    rows = (
        ("Glasvezel 500 Mbit/s", "21%", "€ 38,84"),
        ("Vaste telefonie, onbeperkt Nederland", "21%", "€ 6,20"),
        ("Huur modem", "21%", "€ 2,07"),
        ("Gesprekken buiten de bundel, maart", "21%", "€ 1,13"),
    )
    columns = (Column("Omschrijving", 110), Column("Btw", 25, "right"), Column("Bedrag excl.", 35, "right"))
    y = sheet.table(20, 106, columns, rows, size=8.5, heading_fill="#dff1f8") + 8
    y = sheet.pair(115, 188.5, y, "Totaal exclusief btw", "€ 48,24", size=8.5)
    y = sheet.pair(115, 188.5, y, "Btw 21%", "€ 10,13", size=8.5)
    sheet.rule(y - 3, 115, 190, color="#0f3d5e", weight=1)
    y = sheet.pair(115, 188.5, y + 2.5, "Te betalen", "€ 58,37", size=10.5, bold=True)
    sheet.paragraph(
        20,
        y + 10,
        168,
        "Het bedrag wordt rond 15 april 2026 automatisch afgeschreven van uw rekening NL36 RABO 0417 "
        "1643 00. Vragen over uw factuur? Kijk op mijn.polderlicht.example of bel 030 555 0180.",
        8.5,
    )
    sheet.rule(274, 20, 190)
    sheet.text(
        20, 279, "Polderlicht Telecom B.V. · Westkade 81 · 3511 HB Utrecht · KvK 30551982", 7, color=GREY
    )
    sheet.text(20, 283, "Btw-nummer NL824719034B01 · IBAN NL61 INGB 0417 1643 00", 7, color=GREY)
    return sheet.finish()


def portuguese_invoice() -> bytes:
    sheet = Sheet("Fatura FT 2026/318", family="serif")
    sheet.text(20, 24, "Oficina do Cais, Lda.", 22, bold=True, color="#1d4e63")
    sheet.text(20, 30, "Reparação automóvel e pneus", 11, italic=True, color=GREY)
    sheet.lines(
        20,
        38,
        ["Rua da Alfândega Velha, 45", "4050-029 Porto", "NIF: 507318463", "Tel. 225 550 163"],
        10,
    )
    sheet.box(120, 16, 70, 40, stroke="#1d4e63", radius=2)
    y = 24.0
    for label, value in (
        ("Fatura n.º", "FT 2026/318"),
        ("Data", "21/04/2026"),
        ("Vencimento", "05/05/2026"),
        ("N.º de cliente", "10477"),
        ("Matrícula", "42-XQ-17"),
    ):
        y = sheet.pair(125, 185, y, label, value, size=10.5) + 0.8
    sheet.text(20, 72, "Cliente", 10, bold=True)
    sheet.lines(
        20,
        78,
        ["Teresa Figueiredo Nunes", "Travessa do Moinho, 8, 2.º Dto.", "4100-312 Porto", "NIF: 218407637"],
        11,
    )
    rows, net = _items(
        (
            ("Mudança de óleo e filtro", "1", "", "74.50"),
            ("Pneu 205/55 R16", "4", "", "81.20"),
            ("Alinhamento da direção", "1", "", "35.00"),
            ("Mão de obra (horas)", "2.5", "", "38.00"),
        ),
        german,
    )
    columns = (
        Column("Descrição", 90),
        Column("Qtd.", 20, "right"),
        Column("Preço unit.", 30, "right"),
        Column("Valor (EUR)", 30, "right"),
    )
    y = sheet.table(20, 106, columns, rows, size=10.5, row_height=7.5, heading_fill="#d9e8ee") + 9
    tax = (net * Decimal("0.23")).quantize(Decimal("0.01"))
    y = sheet.pair(120, 188.5, y, "Total ilíquido", f"{german(net)} €", size=10.5)
    y = sheet.pair(120, 188.5, y, "IVA 23%", f"{german(tax)} €", size=10.5)
    y = sheet.pair(120, 188.5, y + 2, "Total a pagar", f"{german(net + tax)} €", size=13, bold=True)
    sheet.paragraph(
        20,
        y + 14,
        170,
        "Pagamento por transferência bancária: IBAN PT50 0035 0123 4410 0732 1817 1. Os bens e "
        "serviços foram colocados à disposição do adquirente na data desta fatura.",
        10.5,
    )
    sheet.text(105, 280, "Obrigado pela sua preferência.", 10, italic=True, align="center", color=GREY)
    return sheet.finish()
