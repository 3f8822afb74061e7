"""An insurance policy, and a claim with its attachments."""

from __future__ import annotations

from demo.paper import GREY, LOOPS, Column, Sheet, german


def italian_policy() -> bytes:
    sheet = Sheet("Polizza abitazione", family="embedded")
    sheet.box(0, 0, 8, 297, fill="#6d28d9")
    sheet.text(20, 24, "Assicurazioni Tre Torri S.p.A.", 14, bold=True, color="#5b21b6")
    for i, height in enumerate((11, 15, 9)):
        sheet.box(168 + i * 7, 28 - height, 5, height, fill="#8b5cf6")
    sheet.text(20, 30, "Via dei Mercanti 18, 20121 Milano · Partita IVA 04187320967", 8, color=GREY)
    sheet.text(20, 48, "Polizza di assicurazione “Casa Serena”", 15, bold=True)
    y = 60.0
    for left, right in (
        (("Polizza n.", "CS 2026 0071943"), ("Data di emissione", "10/03/2026")),
        (("Decorrenza", "ore 24 del 15/03/2026"), ("Scadenza", "ore 24 del 15/03/2027")),
        (("Codice cliente", "5518204"), ("Rateazione", "annuale")),
    ):
        sheet.pair(20, 100, y, *left, size=8.5)
        y = sheet.pair(110, 190, y, *right, size=8.5) + 1
    sheet.box(20, 82, 170, 24, fill="#f3effd", radius=2)
    sheet.text(25, 89, "Contraente e assicurato", 8.5, bold=True)
    sheet.lines(
        25,
        94.5,
        ["Elena Rossetti, codice fiscale RSSLNE84C52F205E", "Via delle Robinie 6, 20131 Milano"],
        8.5,
    )
    sheet.text(20, 117, "Garanzie e somme assicurate", 10.5, bold=True)
    columns = (
        Column("Garanzia", 78),
        Column("Somma assicurata", 36, "right"),
        Column("Franchigia", 26, "right"),
        Column("Premio", 30, "right"),
    )
    rows = (
        ("Incendio del fabbricato", "€ 240.000,00", "€ 250,00", "€ 118,40"),
        ("Incendio del contenuto", "€ 35.000,00", "€ 250,00", "€ 42,10"),
        ("Furto e rapina", "€ 12.000,00", "€ 500,00", "€ 66,75"),
        ("Acqua condotta, ricerca guasti", "€ 5.000,00", "€ 150,00", "€ 31,20"),
        ("Responsabilità civile della famiglia", "€ 1.000.000,00", "nessuna", "€ 48,90"),
    )
    y = sheet.table(20, 121, columns, rows, size=8.5, heading_fill="#e4dafb") + 8
    y = sheet.pair(120, 188.5, y, "Premio netto", f"€ {german('307.35')}", size=9)
    y = sheet.pair(120, 188.5, y, "Imposte 22,25%", f"€ {german('68.39')}", size=9)
    sheet.rule(y - 3, 120, 190, color="#5b21b6", weight=1)
    y = sheet.pair(120, 188.5, y + 2.5, "Premio annuo lordo", f"€ {german('375.74')}", size=10.5, bold=True)
    y = sheet.paragraph(
        20,
        y + 9,
        170,
        "Il premio è versato con bonifico sul conto IBAN IT66 K030 6909 6061 0000 0063 214 entro la "
        "data di decorrenza. L'assicurazione ha effetto dalle ore 24 del giorno indicato se il premio "
        "è stato pagato.",
        8.5,
    )
    sheet.paragraph(
        20,
        y + 1,
        170,
        "Il contraente dichiara di aver ricevuto il set informativo. In assenza di disdetta, da "
        "comunicare almeno trenta giorni prima della scadenza, la polizza si rinnova per un anno.",
        8.5,
    )
    sheet.sign(28, 254, 0.1)
    sheet.rule(258, 20, 85)
    sheet.text(20, 263, "Il contraente", 8.5)
    sheet.rule(258, 120, 185)
    sheet.text(120, 263, "Assicurazioni Tre Torri S.p.A.", 8.5)
    return sheet.finish()


def insurance_claim() -> bytes:
    """Three pages: the insurer's letter, an itemised list of the damage, a repair estimate."""
    sheet = Sheet("Insurance claim HC-884120-26", family="serif")
    sheet.box(20, 16, 12, 12, fill="#12365c")
    sheet.text(26, 24.5, "F", 18, bold=True, align="center", color="#ffffff")
    sheet.text(36, 23, "Fairhaven Mutual Insurance", 17, bold=True, color="#12365c")
    sheet.text(36, 28.5, "Claims Department · PO Box 418 · Norwich NR3 9XT · 01603 555 0174", 9.5, color=GREY)
    sheet.lines(20, 50, ["Mr Desmond Achterberg", "31 Orchard Rise", "Dereham", "NR19 2QF"], 12)
    y = 50.0
    for label, value in (
        ("Date", "9 April 2026"),
        ("Claim number", "HC-884120-26"),
        ("Policy number", "FHM 5530 2187"),
        ("Date of loss", "27 March 2026"),
    ):
        y = sheet.pair(125, 190, y, label, value, size=11)
    sheet.text(20, 90, "Your home insurance claim: escape of water", 14, bold=True)
    sheet.text(20, 101, "Dear Mr Achterberg,", 12)
    y = 110.0
    for words in (
        "Thank you for reporting the damage to your kitchen on 27 March 2026. We are sorry to hear "
        "about the burst pipe and the trouble it has caused you. Your claim has been registered under "
        "the number shown above; please quote it whenever you contact us.",
        "We have reviewed the list of damaged items and the repair estimate that you sent us, both of "
        "which are attached for your records. The claim is accepted. After the policy excess of "
        "£250.00 we will pay a total of £3,182.40, made up as follows:",
    ):
        y = sheet.paragraph(20, y, 170, words, 12) + 2
    for label, value in (
        ("Damaged contents (attachment 1)", "£1,144.00"),
        ("Repair of kitchen floor and units (attachment 2)", "£2,288.40"),
        ("Less policy excess", "-£250.00"),
    ):
        y = sheet.pair(30, 170, y, label, value, size=12)
    sheet.rule(y - 3.5, 30, 170, color="#333333")
    y = sheet.pair(30, 170, y + 2, "Settlement amount", "£3,182.40", size=12.5, bold=True)
    y = sheet.paragraph(
        20,
        y + 5,
        170,
        "Payment will reach your bank account within ten working days. If you do not agree with this "
        "decision, please write to us by 9 June 2026.",
        12,
    )
    sheet.text(20, y + 4, "Yours sincerely,", 12)
    sheet.sign(24, y + 20, 0.3)
    sheet.lines(20, y + 30, ["Philippa Rosewarne", "Senior Claims Handler"], 12)
    sheet.text(105, 284, "Page 1 of 3", 9.5, align="center", color=GREY)
    sheet.new_page()
    _damaged_items(sheet)
    sheet.new_page()
    _repair_estimate(sheet)
    return sheet.finish()


def _damaged_items(sheet: Sheet) -> None:
    sheet.text(20, 26, "Attachment 1: List of damaged items", 15, bold=True)
    sheet.text(20, 34, "Claim number HC-884120-26 · Mr Desmond Achterberg, 31 Orchard Rise, Dereham", 11)
    columns = (
        Column("Item", 84),
        Column("Bought", 26),
        Column("Condition", 30),
        Column("Value", 30, "right"),
    )
    rows = (
        ("Oak dining table", "2021", "warped", "£480.00"),
        ("Four dining chairs", "2021", "two stained", "£220.00"),
        ("Wool rug, 2 m x 3 m", "2023", "destroyed", "£265.00"),
        ("Microwave oven", "2024", "destroyed", "£119.00"),
        ("Cookery books, one box", "various", "destroyed", "£60.00"),
    )
    y = sheet.table(20, 44, columns, rows, size=11.5, row_height=9)
    y = sheet.pair(120, 188.5, y + 9, "Total", "£1,144.00", size=12.5, bold=True)
    words = "I confirm that this list is complete and correct to the best of my knowledge."
    sheet.paragraph(20, y + 14, 170, words, 12)
    sheet.sign(26, y + 38, -0.2, hand=LOOPS)
    sheet.rule(y + 44, 20, 90, color="#333333")
    sheet.text(20, y + 50, "D. Achterberg, 30 March 2026", 11)
    sheet.text(105, 284, "Page 2 of 3", 9.5, align="center", color=GREY)


def _repair_estimate(sheet: Sheet) -> None:
    sheet.text(20, 24, "Pargeter & Daughters Builders", 17, bold=True, color="#4a3b1b")
    sheet.text(20, 30, "The Old Forge, Swanton Road, Dereham NR19 2LA · 01362 555 0109", 10, color=GREY)
    sheet.text(20, 46, "Attachment 2: Repair estimate no. E-317", 15, bold=True)
    sheet.text(20, 54, "For: Mr D. Achterberg, 31 Orchard Rise, Dereham · 1 April 2026", 11)
    columns = (
        Column("Work", 102),
        Column("Quantity", 34, "right"),
        Column("Amount", 34, "right"),
    )
    rows = (
        ("Remove damaged laminate floor and dispose", "14 m²", "£182.00"),
        ("Dry out subfloor, dehumidifier hire", "5 days", "£275.00"),
        ("Supply and lay new laminate floor", "14 m²", "£616.00"),
        ("Replace two base units and plinth", "2", "£594.00"),
        ("Labour", "10 h", "£240.00"),
    )
    y = sheet.table(20, 62, columns, rows, size=11.5, row_height=9) + 9
    y = sheet.pair(120, 188.5, y, "Subtotal", "£1,907.00", size=11.5)
    y = sheet.pair(120, 188.5, y, "VAT 20%", "£381.40", size=11.5)
    y = sheet.pair(120, 188.5, y + 2, "Estimate total", "£2,288.40", size=12.5, bold=True)
    sheet.paragraph(
        20, y + 12, 170, "This estimate is valid for 60 days. Work can start within two weeks.", 12
    )
    sheet.text(105, 284, "Page 3 of 3", 9.5, align="center", color=GREY)
