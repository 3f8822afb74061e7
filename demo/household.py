"""Papers of a household: till receipt, bank statement, electricity bill, payslip, tax assessment."""

from __future__ import annotations

from decimal import Decimal

from reportlab.lib.units import mm

from demo.paper import GREY, Column, Sheet, english, french, german


def till_receipt() -> bytes:
    sheet = Sheet("Receipt", family="mono", size=(80 * mm, 178 * mm))
    middle = sheet.width / 2
    sheet.text(middle, 12, "HARBOUR LANE GROCERS", 12, bold=True, align="center")
    y = sheet.lines(
        middle,
        17,
        ["14 Harbour Lane, Whitby YO21 3QN", "Tel 01947 555 012", "VAT No GB 734 2816 36"],
        8,
        align="center",
    )
    y = sheet.text(6, y + 3, "03/04/2026  17:42   Till 02   Op: MEGAN", 7.5)
    sheet.rule(y - 1, 5, 75)
    goods = (
        ("SOURDOUGH LOAF 800G", "3.20", ""),
        ("OAT MILK 1L         2 @ 1.65", "3.30", ""),
        ("MATURE CHEDDAR 400G", "4.15", ""),
        ("VINE TOMATOES  0.642KG", "2.24", ""),
        ("FREE RANGE EGGS X12", "3.60", ""),
        ("GROUND COFFEE 227G", "4.75", ""),
        ("DISHWASHER TABS", "8.99", "A"),
        ("AA BATTERIES X8", "6.50", "A"),
        ("MULTIBUY SAVING", "-1.50", ""),
    )
    y += 3
    for name, price, code in goods:
        sheet.text(6, y, name, 8)
        sheet.text(70, y, price, 8, align="right")
        y = sheet.text(72, y, code, 8) + 0.8
    sheet.rule(y - 1.5, 5, 75)
    total = sum((Decimal(price) for _, price, _ in goods), Decimal(0))
    y = sheet.pair(6, 70, y + 3, "TOTAL GBP", f"£{english(total)}", size=12, bold=True) + 1
    y = sheet.pair(6, 70, y, "VISA CONTACTLESS", f"£{english(total)}", size=8)
    y = sheet.pair(6, 70, y, "CARD", "************4417", size=8)
    y = sheet.pair(6, 70, y, "AUTH CODE", "093318", size=8) + 2
    vat = (Decimal("15.49") / 6).quantize(Decimal("0.01"))
    y = sheet.pair(6, 70, y, "A = VAT 20.00% INCLUDED", f"£{vat}", size=8) + 2
    y = sheet.text(6, y, "ITEMS SOLD: 9", 8) + 3
    for i, width in enumerate((5, 2, 3, 7, 2, 4, 6, 3, 2, 5, 4, 2, 7, 3, 5, 2, 6, 4, 3, 5)):
        sheet.box(13 + i * 2.75, y, width * 0.24, 14, fill="#111111")
    y = sheet.text(middle, y + 18, "0403 0002 1742 8816", 8, align="center")
    sheet.lines(
        middle,
        y + 4,
        ["Thank you for shopping local!", "Refunds within 28 days with receipt"],
        8,
        align="center",
    )
    return sheet.finish()


def german_bank_statement() -> bytes:
    sheet = Sheet("Kontoauszug 3/2026")
    sheet.box(20, 14, 9, 9, fill="#0b6b4f")
    sheet.box(24.5, 18.5, 9, 9, fill="#5fb798")
    sheet.text(38, 23, "Isartaler Sparbank eG", 15, bold=True, color="#0b6b4f")
    sheet.text(190, 23, "Kontoauszug Nr. 3/2026", 11, bold=True, align="right")
    sheet.lines(20, 48, ["Herrn", "Matthias Obermaier", "Flößerstraße 31", "82515 Wolfratshausen"], 10)
    y = 48.0
    for label, value in (
        ("Kontonummer", "832146"),
        ("IBAN", "DE53 7005 1755 0000 8321 46"),
        ("BIC", "ISARDEM1XXX"),
        ("Auszugsdatum", "31.03.2026"),
        ("Zeitraum", "01.03.2026 – 31.03.2026"),
    ):
        y = sheet.pair(110, 190, y, label, value, size=9)
    opening = Decimal("2418.36")
    bookings = (
        ("02.03.", "Dauerauftrag", "Miete März, Hausverwaltung Sonnleitner", "-1120.00"),
        ("03.03.", "Lastschrift", "Stadtwerke Wolfratsried, Abschlag Strom", "-96.00"),
        ("06.03.", "Kartenzahlung", "Bäckerei Kornblum", "-14.85"),
        ("09.03.", "Kartenzahlung", "Biomarkt Löwenzahn", "-73.42"),
        ("12.03.", "Lastschrift", "Alpenfunk Mobil GmbH", "-24.99"),
        ("16.03.", "Gutschrift", "Erstattung Krankenkasse Vitalis BKK", "148.20"),
        ("19.03.", "Überweisung", "Zahnarztpraxis Dr. Ludmila Kern", "-212.60"),
        ("23.03.", "Geldautomat", "Auszahlung Marienplatz", "-150.00"),
        ("27.03.", "Lohn/Gehalt", "Feinwerk Obermüller GmbH", "3284.17"),
        ("30.03.", "Lastschrift", "Haftpflicht Südstern Versicherung", "-61.90"),
    )
    rows = [
        (day, day, f"{kind}: {text}", f"{german(abs(Decimal(value)))} {'H' if Decimal(value) > 0 else 'S'}")
        for day, kind, text, value in bookings
    ]
    closing = opening + sum((Decimal(value) for *_, value in bookings), Decimal(0))
    y = sheet.pair(20, 188.5, 92, "Alter Kontostand am 28.02.2026", f"{german(opening)} EUR H", bold=True)
    columns = (
        Column("Buchung", 20),
        Column("Wert", 18),
        Column("Vorgang", 97),
        Column("Betrag EUR", 35, "right"),
    )
    y = sheet.table(20, y - 1, columns, rows, heading_fill="#d8efe6") + 8
    sheet.pair(20, 188.5, y, "Neuer Kontostand am 31.03.2026", f"{german(closing)} EUR H", bold=True)
    sheet.paragraph(
        20,
        y + 12,
        170,
        "S = Soll, H = Haben. Bitte prüfen Sie die Buchungen; Einwendungen richten Sie bitte "
        "innerhalb von sechs Wochen an Ihre Bank. Guthaben sind als Einlagen nach dem "
        "Einlagensicherungsgesetz entschädigungsfähig.",
        8,
        color=GREY,
    )
    sheet.rule(278, 20, 190)
    sheet.text(
        20,
        283,
        "Isartaler Sparbank eG · Bahnhofplatz 3 · 82515 Wolfratshausen · 08171 555 0",
        7.5,
        color=GREY,
    )
    sheet.text(190, 283, "Blatt 1 von 1", 7.5, align="right", color=GREY)
    return sheet.finish()


def french_electricity_bill() -> bytes:
    sheet = Sheet("Facture d'électricité")
    sheet.disc(27, 22, 7, "#f59e0b")
    sheet.disc(30, 19.5, 5.4, "#ffffff")
    sheet.text(40, 22, "Lumière du Rhône", 17, bold=True, color="#b45309")
    sheet.text(40, 27.5, "Fournisseur d'électricité verte", 9, color=GREY)
    sheet.lines(
        20, 44, ["Votre espace client : lumieredurhone.example", "Service client : 04 55 50 17 20"], 8.5
    )
    sheet.lines(115, 52, ["M. Étienne Vasseur", "12 rue des Mûriers", "69007 Lyon"], 10.5)
    sheet.text(20, 78, "Votre facture d'électricité du 8 avril 2026", 14, bold=True)
    y = 86.0
    for label, value in (
        ("Numéro de facture", "7 204 118 365"),
        ("Référence client", "2 918 447 063"),
        ("Lieu de consommation", "12 rue des Mûriers, 69007 Lyon"),
        ("Point de livraison (PDL)", "19 482 733 610 254"),
        ("Période facturée", "du 05/02/2026 au 04/04/2026"),
    ):
        y = sheet.pair(20, 112, y, label, value, size=8.5)
    sheet.box(120, 82, 70, 28, fill="#fff4df", radius=2)
    sheet.text(155, 90, "Montant à payer", 10, align="center")
    sheet.text(155, 99, "118,58 €", 19, bold=True, align="center", color="#b45309")
    sheet.text(155, 106, "prélevé le 24/04/2026", 9, align="center")
    sheet.text(20, 124, "Relevé de votre compteur", 11, bold=True)
    columns = (
        Column("Compteur n° 043 816", 50),
        Column("Ancien relevé", 35, "right"),
        Column("Nouveau relevé", 35, "right"),
        Column("Consommation", 50, "right"),
    )
    meters = (
        ("Heures pleines", "18 204 kWh", "18 511 kWh", "307 kWh"),
        ("Heures creuses", "11 876 kWh", "12 094 kWh", "218 kWh"),
    )
    y = sheet.table(20, 127, columns, meters, heading_fill="#fde7bf")
    sheet.text(20, y + 5, "Relevé effectué le 04/04/2026 (compteur communicant)", 8, color=GREY)
    sheet.text(20, y + 17, "Détail du montant", 11, bold=True)
    lines = (
        ("Abonnement 6 kVA, 2 mois", "2,00", "12,44 €/mois", "24,88"),
        ("Consommation heures pleines", "307 kWh", "0,1474 €/kWh", "45,25"),
        ("Consommation heures creuses", "218 kWh", "0,1096 €/kWh", "23,89"),
        ("Contribution tarifaire d'acheminement", "2,00", "2,40 €/mois", "4,80"),
    )
    priced = (
        Column("Libellé", 75),
        Column("Quantité", 28, "right"),
        Column("Prix unitaire HT", 35, "right"),
        Column("Montant HT (€)", 32, "right"),
    )
    net = sum((Decimal(line[3].replace(",", ".")) for line in lines), Decimal(0))
    y = sheet.table(20, y + 20, priced, lines, heading_fill="#fde7bf") + 7
    tax = Decimal("19.76")
    y = sheet.pair(120, 188.5, y, "Total hors taxes", f"{french(net)} €")
    y = sheet.pair(120, 188.5, y, "TVA", f"{french(tax)} €")
    sheet.rule(y - 3, 120, 190, color="#b45309", weight=1)
    sheet.pair(120, 188.5, y + 2.5, "Total TTC", f"{french(net + tax)} €", size=11, bold=True)
    sheet.rule(274, 20, 190)
    sheet.text(
        20,
        279,
        "Lumière du Rhône SA · 3 quai des Tisserands · 69002 Lyon · RCS Lyon 519 488 209",
        7,
        color=GREY,
    )
    sheet.text(20, 283, "N° TVA : FR74519488209 · IBAN FR76 1627 5006 0008 1044 2731 626", 7, color=GREY)
    return sheet.finish()


def payslip(encryption: object = None) -> bytes:
    sheet = Sheet("Payslip April 2026", encryption=encryption)
    sheet.box(20, 16, 170, 20, fill="#27364b")
    sheet.text(26, 28.5, "Tidewell Marine Instruments Ltd", 15, bold=True, color="#ffffff")
    sheet.text(184, 28.5, "PAYSLIP", 15, bold=True, align="right", color="#9fc2e8")
    y = 46.0
    for left, right in (
        (("Employee", "Eleanor J. Marsh"), ("Pay date", "30 April 2026")),
        (("Employee no.", "00417"), ("Pay period", "1 April 2026 - 30 April 2026")),
        (("NI number", "QQ 14 28 36 C"), ("Tax code", "1257L")),
        (("Department", "Calibration"), ("Tax month", "1")),
    ):
        sheet.pair(20, 98, y, *left, size=9)
        y = sheet.pair(112, 190, y, *right, size=9) + 0.6
    half = (Column("Payments", 53), Column("Amount £", 25, "right"))
    deductions = (Column("Deductions", 53), Column("Amount £", 25, "right"))
    pay = (("Basic salary", "2,950.00"), ("Overtime 6.0 h", "159.18"), ("On-call allowance", "120.00"))
    taken = (
        ("PAYE income tax", "436.20"),
        ("National Insurance", "174.46"),
        ("Workplace pension 5%", "147.50"),
        ("Cycle to work", "41.00"),
    )
    sheet.table(20, 72, half, pay, heading_fill="#dfe6ef")
    sheet.table(112, 72, deductions, taken, heading_fill="#dfe6ef")
    gross = sum((Decimal(value.replace(",", "")) for _, value in pay), Decimal(0))
    minus = sum((Decimal(value.replace(",", "")) for _, value in taken), Decimal(0))
    sheet.pair(21.5, 96.5, 112, "Total gross pay", english(gross), bold=True)
    sheet.pair(113.5, 188.5, 112, "Total deductions", english(minus), bold=True)
    sheet.box(112, 120, 78, 14, fill="#27364b", radius=1.5)
    sheet.text(117, 129, "NET PAY", 12, bold=True, color="#ffffff")
    sheet.text(185, 129, f"£{english(gross - minus)}", 14, bold=True, align="right", color="#ffffff")
    sheet.text(20, 150, "Year to date", 10, bold=True)
    columns = tuple(Column(name, 34, "right") for name in ("Gross", "Taxable", "Tax", "NI", "Pension"))
    sheet.table(20, 153, columns, [("3,229.18", "3,081.68", "436.20", "174.46", "147.50")])
    sheet.paragraph(
        20,
        178,
        170,
        "Paid by bank transfer to the account ending 819. Questions about your pay: "
        "payroll@tidewell.example. Please keep this payslip; it may be needed as proof of income.",
        8.5,
        color=GREY,
    )
    sheet.rule(274, 20, 190)
    address = (
        "Tidewell Marine Instruments Ltd · Unit 6, Slipway Park · Falmouth TR11 4QS · PAYE ref 083/TM4471"
    )
    sheet.text(20, 279, address, 7.5, color=GREY)
    return sheet.finish()


def german_tax_assessment() -> bytes:
    sheet = Sheet("Einkommensteuerbescheid 2025", family="serif")
    sheet.text(20, 22, "Finanzamt Rebenheim", 17, bold=True)
    sheet.lines(
        20,
        29,
        [
            "Steuernummer 41/283/07715",
            "Identifikationsnummer 57 034 819 060",
            "(Bitte bei Rückfragen angeben)",
        ],
        10,
    )
    sheet.lines(140, 29, ["Amtshof 2", "67146 Rebenheim", "Telefon 06326 555-0", "12.05.2026"], 10)
    sheet.text(20, 55, "Finanzamt Rebenheim, Postfach 1140, 67141 Rebenheim", 7.5, color=GREY)
    sheet.lines(20, 62, ["Frau", "Dr. Annegret Wildenhain", "Kelterweg 9", "67146 Rebenheim"], 11.5)
    sheet.text(20, 98, "Bescheid für 2025", 16, bold=True)
    sheet.lines(20, 106, ["über Einkommensteuer und Solidaritätszuschlag"], 12, bold=True)
    sheet.text(20, 120, "Festsetzung", 12, bold=True)
    columns = (
        Column("", 74),
        Column("Einkommensteuer €", 48, "right"),
        Column("Solidaritätszuschlag €", 48, "right"),
    )
    rows = (
        ("Festgesetzt werden", "11.846,00", "0,00"),
        ("ab Steuerabzug vom Lohn", "-13.112,40", "0,00"),
        ("verbleibende Beträge", "-1.266,40", "0,00"),
        ("mithin sind zu viel entrichtet", "1.266,40", "0,00"),
    )
    y = sheet.table(20, 124, columns, rows, size=10.5, row_height=7.2, heading_fill="#ececec")
    y = sheet.paragraph(
        20,
        y + 9,
        170,
        "Das Guthaben von 1.266,40 € wird auf das Konto IBAN DE40 5004 0330 7719 0248 15 erstattet.",
        11.5,
        bold=True,
    )
    y = sheet.text(20, y + 6, "Besteuerungsgrundlagen", 12, bold=True) + 2
    for label, value in (
        ("Bruttoarbeitslohn", "58.420,00"),
        ("ab Werbungskosten", "3.174,00"),
        ("Einkünfte aus nichtselbständiger Arbeit", "55.246,00"),
        ("ab beschränkt abziehbare Sonderausgaben", "6.908,00"),
        ("zu versteuerndes Einkommen", "48.338,00"),
    ):
        y = sheet.pair(24, 150, y, label, value, size=11)
    sheet.text(20, y + 6, "Rechtsbehelfsbelehrung", 12, bold=True)
    sheet.paragraph(
        20,
        y + 13,
        170,
        "Sie können diesen Bescheid mit dem Einspruch anfechten. Der Einspruch ist beim Finanzamt "
        "Rebenheim schriftlich einzureichen oder zur Niederschrift zu erklären. Die Frist für die "
        "Einlegung des Einspruchs beträgt einen Monat.",
        10.5,
    )
    sheet.text(
        105, 285, "Dieser Bescheid ist maschinell erstellt und ohne Unterschrift gültig.", 9, align="center"
    )
    return sheet.finish()
