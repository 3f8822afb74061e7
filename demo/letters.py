"""Running text: a contract and a letter."""

from __future__ import annotations

from reportlab.lib.pagesizes import LETTER

from demo.paper import GREY, LOOPS, WAVES, Sheet


def consulting_contract() -> bytes:
    sheet = Sheet("Consulting Services Agreement", family="serif", size=LETTER)
    middle = sheet.width / 2
    sheet.text(middle, 30, "CONSULTING SERVICES AGREEMENT", 16, bold=True, align="center")
    sheet.text(middle, 37, "Agreement No. CSA-2026-044", 11, align="center")
    y = sheet.paragraph(
        25,
        50,
        166,
        "This Consulting Services Agreement (the “Agreement”) is entered into as of February 16, 2026 "
        "(the “Effective Date”) by and between Northgate Hydrology Inc., a Delaware corporation with "
        "its principal office at 77 Calder Street, Portland, OR 97205 (the “Client”), and Marisol "
        "Dunne, an independent consultant residing at 9 Fernhill Court, Eugene, OR 97401 (the "
        "“Consultant”).",
        11.5,
    )
    clauses = (
        (
            "1. Services",
            "The Consultant shall design and document a monitoring programme for the Client's three "
            "river gauging stations, train the Client's field staff, and deliver a written report for "
            "each station (the “Services”). Any change in the scope of the Services requires a "
            "written amendment signed by both parties.",
        ),
        (
            "2. Term",
            "This Agreement begins on the Effective Date and continues until December 31, 2026, "
            "unless terminated earlier under Section 6. It may be renewed for successive periods of "
            "six months by mutual written consent.",
        ),
        (
            "3. Compensation",
            "The Client shall pay the Consultant a fixed fee of $48,000.00 in eight equal monthly "
            "installments of $6,000.00, payable within thirty (30) days of receipt of an invoice. "
            "Travel expenses approved in advance are reimbursed at cost.",
        ),
        (
            "4. Confidentiality",
            "Each party shall hold the other party's confidential information in strict confidence, "
            "shall use it only to perform this Agreement, and shall not disclose it to any third "
            "party without prior written consent. This obligation survives for three (3) years after "
            "the end of this Agreement.",
        ),
        (
            "5. Intellectual Property",
            "All reports, drawings and data prepared under this Agreement become the property of the "
            "Client upon full payment. The Consultant retains all rights in methods and tools that "
            "existed before the Effective Date.",
        ),
    )
    y = _clauses(sheet, y + 2, clauses)
    sheet.text(middle, 266, "Page 1 of 2", 9, align="center", color=GREY)
    sheet.new_page()
    rest = (
        (
            "6. Termination",
            "Either party may terminate this Agreement by giving thirty (30) days' written notice. "
            "Either party may terminate with immediate effect if the other commits a material breach "
            "and fails to remedy it within ten (10) days of notice.",
        ),
        (
            "7. Independent Contractor",
            "The Consultant is an independent contractor and not an employee, agent or partner of the "
            "Client. The Consultant is responsible for all taxes and insurance arising from the "
            "compensation paid hereunder.",
        ),
        (
            "8. Limitation of Liability",
            "Except for breach of confidentiality, neither party's total liability under this "
            "Agreement shall exceed the fees paid or payable in the twelve months before the claim "
            "arose.",
        ),
        (
            "9. Governing Law",
            "This Agreement is governed by the laws of the State of Oregon. Any dispute shall first "
            "be referred to mediation in Portland before either party may commence proceedings.",
        ),
        (
            "10. Entire Agreement",
            "This Agreement is the entire understanding between the parties and supersedes all prior "
            "negotiations. It may be signed in counterparts, each of which is an original.",
        ),
    )
    y = _clauses(sheet, 30, rest)
    sheet.paragraph(25, y + 4, 166, "IN WITNESS WHEREOF, the parties have signed on the dates below.", 11.5)
    for x, party, name, role, hand in (
        (25.0, "NORTHGATE HYDROLOGY INC.", "Howard P. Lindqvist", "Chief Operating Officer", LOOPS),
        (115.0, "CONSULTANT", "Marisol Dunne", "Independent Consultant", WAVES),
    ):
        sheet.text(x, y + 20, party, 10.5, bold=True)
        sheet.sign(x + 5, y + 35.5, 0.1, hand=hand)
        sheet.rule(y + 42, x, x + 72, color="#333333")
        sheet.lines(x, y + 47, [f"Name: {name}", f"Title: {role}", "Date: February 16, 2026"], 10.5)
    sheet.text(middle, 266, "Page 2 of 2", 9, align="center", color=GREY)
    return sheet.finish()


def _clauses(sheet: Sheet, y: float, clauses: tuple[tuple[str, str], ...]) -> float:
    for heading, words in clauses:
        y = sheet.text(25, y + 3, heading, 12, bold=True) + 0.5
        y = sheet.paragraph(25, y, 166, words, 11.5)
    return y


def spanish_letter() -> bytes:
    sheet = Sheet("Convocatoria de junta", family="serif")
    sheet.box(25, 18, 14, 14, stroke="#8a1f1f")
    sheet.text(32, 27.5, "AG", 15, bold=True, align="center", color="#8a1f1f")
    sheet.text(43, 24, "Administración de Fincas Garrigós, S.L.", 14, bold=True)
    sheet.text(
        43, 30, "Calle de los Alfareros, 27, bajo · 46003 Valencia · Tel. 960 555 031", 9.5, color=GREY
    )
    sheet.lines(
        120, 52, ["Dña. Remedios Llopis Ferrer", "Calle del Molino Viejo, 3, 4.º B", "46003 Valencia"], 11.5
    )
    sheet.text(25, 82, "Valencia, 20 de marzo de 2026", 11.5)
    sheet.text(25, 94, "Asunto: Convocatoria de junta general ordinaria de propietarios", 11.5, bold=True)
    sheet.text(25, 106, "Estimada señora Llopis:", 11.5)
    y = 115.0
    for words in (
        "Por la presente le comunico que la junta general ordinaria de la Comunidad de Propietarios "
        "Calle del Molino Viejo, 3 se celebrará el jueves 16 de abril de 2026, a las 19:00 horas en "
        "primera convocatoria y a las 19:30 horas en segunda, en el portal del edificio.",
        "En la reunión se tratarán los siguientes puntos: aprobación de las cuentas del ejercicio "
        "2025, presupuesto para 2026, sustitución de la puerta del garaje y renovación de los cargos "
        "de la comunidad.",
        "Si no puede asistir, le ruego que delegue su voto en otro propietario mediante el impreso "
        "que se adjunta y lo haga llegar a nuestro despacho antes del 14 de abril. Le recuerdo que "
        "los propietarios que no estén al corriente de pago podrán participar en las deliberaciones, "
        "pero no tendrán derecho a voto.",
        "Quedo a su disposición para cualquier aclaración y aprovecho la ocasión para saludarla atentamente.",
    ):
        y = sheet.paragraph(25, y, 160, words, 11.5) + 2.5
    sheet.sign(30, y + 14, -0.1, "#222222", LOOPS)
    sheet.lines(25, y + 26, ["Vicente Garrigós Soler", "Administrador de la comunidad"], 11.5)
    sheet.text(25, 275, "Adjunto: impreso de delegación de voto", 10, italic=True)
    sheet.text(105, 286, "CIF H46208179", 8.5, align="center", color=GREY)
    return sheet.finish()
