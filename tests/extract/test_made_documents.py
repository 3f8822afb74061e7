"""Whole documents of many kinds and countries, made up here: what is believed after verification."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from autod.child.understand import understand
from autod.domain.reading import Reading
from tests.extract.sheets import reading_of

TODAY = date(2026, 6, 1)

GAS_BILL = """
    Brightwater Energy
    PO Box 771, Leeds LS1 9QT

    Ms Fiona McAllister                          Bill date             12 February 2026
    27 Rosemount Terrace                         Bill number           BW-7741902
    Edinburgh                                    Account number        8510 4471 9923
    EH3 8RT                                      Billing period        8 Nov 2025 to 7 Feb 2026


    # Your gas and electricity bill

    Total amount due          £214.87
    Please pay by 5 March 2026
    VAT at 5%                 £10.23

    Brightwater Energy Ltd. VAT No. GB 241 7789 03
"""
POLISH_INVOICE = """
    Zakład Instalacyjny Wierzba Sp. z o.o.
    ul. Młyńska 8, 50-122 Wrocław
    NIP: 897-178-40-24     Telefon: 71 555 01 42

    Nabywca:                                     Data wystawienia:   3 marca 2026
    Agnieszka Kowalczyk                          Data sprzedaży:     2 marca 2026
    ul. Ogrodowa 21 m. 4                         Termin płatności:   17.03.2026
    53-015 Wrocław                               Nr klienta:         40218


    # Faktura VAT nr 118/03/2026

    Lp    Nazwa usługi             Ilość    Cena netto    Wartość netto
    1     Naprawa instalacji         2        250,00         500,00
    2     Zawór kulowy               4         35,00         140,00

    Razem netto           640,00 zł
    Kwota VAT 23%         147,20 zł
    Do zapłaty            787,20 zł

    Rachunek bankowy: PL61 1090 1014 0000 0712 1981 2874
"""
REMINDER = """
    Bürobedarf Lenz e.K.
    Industriestr. 44 · 65510 Idstein · Tel. 06126 5550-11

    Praxis Dr. Reinhold Sommer
    Marktplatz 2
    65510 Idstein
                                                              Idstein, 17.03.2026
    Kunden-Nr. D-10442
    # 2. Mahnung
    Sehr geehrte Damen und Herren,
    folgende Rechnung ist noch offen:
    Rechnung          Datum          Fällig            Betrag
    R-26-1187         29.01.2026     12.02.2026        246,80 €
                                     Mahngebühr        7,50 €
                                     Gesamtforderung   254,30 €

    Bitte überweisen Sie den Gesamtbetrag bis spätestens 27.03.2026.
    IBAN DE75 5121 0800 1245 1261 99
"""
POLICY = """
    Nordlicht Versicherung AG
    Nordlicht Versicherung AG · Fördeufer 2 · 24103 Kiel
    Herrn
    Torben Claasen
    Deichweg 8                                   Versicherungsschein-Nr.
    25813 Husum                                  KF 88.120.447-3
                                                 Kiel, 19.11.2025

    # Versicherungsschein zur Kraftfahrtversicherung
    Versicherungsnehmer        Torben Claasen
    Versicherungsbeginn        01.01.2026, 0 Uhr
    Versicherungsablauf        01.01.2027, 0 Uhr
    Versicherungsteuer 19 %                      97,77 EUR
    Jahresbeitrag                                612,37 EUR
    Der Beitrag wird von Ihrem Konto DE89 3704 0044 0532 0130 00 abgebucht.
"""
PAYSLIP = """
    # BULLETIN DE PAIE
    Employeur                                    Salarié
    Ateliers Mécaniques du Forez SAS             Monsieur Karim Benhaddou
    14 rue de l'Industrie                        3 rue des Lilas
    42600 Montbrison                             42600 Montbrison
    Période : du 01/02/2026 au 28/02/2026

    Salaire de base                              2 310,00
    Net à payer avant impôt                      1 897,07
    Impôt sur le revenu prélevé                  -55,00
    Net payé                                     1 842,07 €
"""
LEASE = """
    # RESIDENTIAL LEASE AGREEMENT
    This Residential Lease Agreement is made on June 15, 2026, between Gableview Properties LLC ("Landlord")
    and Thomas Okafor ("Tenant").
    1. TERM. The term begins on July 1, 2026 and ends on June 30, 2027.
    2. RENT. Tenant shall pay monthly rent of $1,450.00 on the first day of each month.
"""
LETTER = """
                                                 Ashcombe Parish Council
                                                 The Old School, Church Lane, Ashcombe, Devon EX7 0PX

    Mr Robert Tindall
    3 Mill Cottages
    Ashcombe
    Devon EX7 0QD

    Our ref: APC/26/118
    5 March 2026

    Dear Mr Tindall

    Proposed footpath diversion, Mill Lane

    The Council is consulting on a proposal to divert public footpath 14 in Ashcombe.
    Please send your comments to the clerk by 2 April 2026.

    Yours sincerely
    Helen Marsh
"""
NOTICE = """
                        Comune di Vallombrosa
    Prot. n. 4471/2026                                   Vallombrosa, 11 marzo 2026



                                                 Gent.ma Sig.ra
                                                 Giulia Ferri
                                                 Via Roma 8
                                                 50066 Vallombrosa FI

    Oggetto: rinnovo carta d'identità

    Gentile Signora,
    la informiamo che la Sua carta d'identità scade il 30/06/2026. La preghiamo di presentarsi
    presso l'ufficio anagrafe con una fotografia recente entro il 15/06/2026.
    Distinti saluti
"""
CREDIT_NOTE = """
    Farbenhaus Roth OHG, Hafenstr. 3, 68159 Mannheim
    Malerbetrieb Kurz GmbH                       Gutschrift-Nr.: GS-1180
    Bogenstr. 15                                 Datum: 24.02.2026
    68161 Mannheim                               Kunden-Nr.: 20418

    Gutschrift zu Rechnung 88120 vom 10.02.2026
    Pos   Artikel                        Menge   Preis    Gesamt
    1     Dispersionsfarbe weiß          2       50,00    100,00
                                                 Netto             100,00 €
                                                 19% MwSt          19,00 €
                                                 Gutschriftsbetrag 119,00 €
"""
TAX = """
    SIP DE QUIMPER, 3 boulevard du Finistère, 29000 Quimper


    # AVIS D'IMPÔT 2025
    Référence de l'avis : 25 29 1234567 89       M. Julien Caradec
    Date d'établissement : 28/08/2025            15 rue Kéréon
                                                 29000 Quimper
    Impôt sur le revenu net                      2 310 €
    Montant à payer                              1 178,00 €
    Date limite de paiement : 15/09/2025
"""
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "english gas bill": (
        GAS_BILL,
        {
            "doc_type": "utility_bill", "recipient": "Fiona McAllister", "due_date": date(2026, 3, 5),
            "primary_date": date(2026, 2, 12), "period_start": date(2025, 11, 8),
            "period_end": date(2026, 2, 7), "account_number": "8510 4471 9923",
            "reference_number": "BW-7741902", "total_amount": Decimal("214.87"),
            "title": "Your gas and electricity bill",
        },
    ),
    "polish invoice": (
        POLISH_INVOICE,
        {
            "doc_type": "invoice", "language": "pl", "issuer": "Zakład Instalacyjny Wierzba Sp. z o.o.",
            "recipient": "Agnieszka Kowalczyk", "primary_date": date(2026, 3, 3),
            "due_date": date(2026, 3, 17), "total_amount": Decimal("787.20"),
            "tax_amount": Decimal("147.20"), "currency": "PLN", "reference_number": "118/03/2026",
            "customer_number": "40218", "iban": "PL61109010140000071219812874",
            "tax_id": "897-178-40-24",
            "addresses": ("ul. Młyńska 8, 50-122 Wrocław", "ul. Ogrodowa 21 m. 4, 53-015 Wrocław"),
        },
    ),
    "german reminder": (
        REMINDER,
        {
            "doc_type": "payment_reminder", "issuer": "Bürobedarf Lenz e.K.",
            "primary_date": date(2026, 3, 17),
            "due_date": date(2026, 3, 27), "total_amount": Decimal("254.30"), "customer_number": "D-10442",
            "iban": "DE75512108001245126199",
        },
    ),
    "german car insurance": (
        POLICY,
        {
            "doc_type": "insurance_policy", "issuer": "Nordlicht Versicherung AG",
            "recipient": "Torben Claasen",
            "primary_date": date(2025, 11, 19), "period_start": date(2026, 1, 1),
            "period_end": date(2027, 1, 1), "total_amount": Decimal("612.37"),
            "policy_number": "KF 88.120.447-3", "iban": None, "due_date": None,
        },
    ),
    "french payslip": (
        PAYSLIP,
        {
            "doc_type": "payslip", "issuer": "Ateliers Mécaniques du Forez SAS",
            "recipient": "Karim Benhaddou",
            "total_amount": Decimal("1842.07"), "period_start": date(2026, 2, 1),
            "period_end": date(2026, 2, 28),
        },
    ),
    "american lease": (
        LEASE,
        {
            "doc_type": "lease", "issuer": "Gableview Properties LLC", "recipient": "Thomas Okafor",
            "primary_date": date(2026, 6, 15), "period_start": date(2026, 7, 1),
            "period_end": date(2027, 6, 30),
        },
    ),
    "english letter": (
        LETTER,
        {
            "doc_type": "letter", "issuer": "Ashcombe Parish Council", "recipient": "Robert Tindall",
            "title": "Proposed footpath diversion, Mill Lane", "deadline": date(2026, 4, 2),
            "reference_number": "APC/26/118",
            "action_items": ("Please send your comments to the clerk by 2 April 2026.",),
        },
    ),
    "italian notice": (
        NOTICE,
        {
            "doc_type": "letter", "issuer": "Comune di Vallombrosa", "recipient": "Giulia Ferri",
            "primary_date": date(2026, 3, 11), "title": "rinnovo carta d'identità",
            "deadline": date(2026, 6, 15), "due_date": None, "reference_number": "4471/2026",
        },
    ),
    "german credit note": (
        CREDIT_NOTE,
        {
            "doc_type": "credit_note", "issuer": "Farbenhaus Roth OHG",
            "recipient": "Malerbetrieb Kurz GmbH",
            "primary_date": date(2026, 2, 24), "total_amount": Decimal("119.00"),
            "tax_amount": Decimal("19.00"), "reference_number": "GS-1180",
        },
    ),
    "french tax assessment": (
        TAX,
        {
            "doc_type": "tax_assessment", "recipient": "Julien Caradec",
            "total_amount": Decimal("1178.00"),
            "reference_number": "25 29 1234567 89", "primary_date": date(2025, 8, 28),
            "due_date": date(2025, 9, 15),
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_fields_of_a_whole_document_are_right(case: tuple[str, dict[str, Any]]) -> None:
    text, expected = case

    metadata = _understood(reading_of(text))

    assert {name: getattr(metadata, name) for name in expected} == expected


def test_a_blank_date_in_an_agreement_is_not_filled_from_the_signatures() -> None:
    agreement = """
        # NON-DISCLOSURE AGREEMENT
        This Agreement is made as of ___________, 2025 by and between Advance
        Labs Inc., a Delaware corporation,
        and Quarry Street LLC, a Maine company. The parties agree as follows.
        Date: Jan. 19, 2026
    """

    assert _understood(reading_of(agreement)).primary_date is None


def _understood(reading: Reading) -> Any:
    return understand(reading, review_below=0.6, today=TODAY).metadata
