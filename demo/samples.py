"""Write the sample documents: ``python -m demo.samples OUTDIR``.

They are our own and everything in them is made up; the same bytes come out each time. ``SAMPLES`` says what
a reader should find in each, so that the demonstration and the tests can compare.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from reportlab.lib.pdfencrypt import StandardEncryption

from demo import einvoice, household, insurance, invoices, letters, scans

PROCESSED = "processed"
DUPLICATE = "duplicate"
PASSWORD = "tidewell"  # noqa: S105  # of a made-up payslip, so that a person can open it too


@dataclass(frozen=True, slots=True)
class Sample:
    """One file, and what becomes of it.

    ``outcome`` is ``processed``, ``duplicate`` or ``failed:`` and the code of the error. ``fields`` holds
    values by the names of ``autod.domain.metadata.Metadata``: dates, decimals and strings.
    """

    file_name: str
    doc_type: str
    language: str
    make: Callable[[], bytes]
    outcome: str = PROCESSED
    fields: Mapping[str, Any] = field(default_factory=dict)
    is_scan: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", MappingProxyType(dict(self.fields)))


def _locked_payslip() -> bytes:
    return household.payslip(StandardEncryption(PASSWORD, PASSWORD, strength=128))


GERMAN_INVOICE = {
    "issuer": "Müller & Söhne Haustechnik GmbH",
    "recipient": "Katharina Brandt",
    "primary_date": date(2026, 4, 14),
    "due_date": date(2026, 4, 28),
    "total_amount": Decimal("928.38"),
    "tax_amount": Decimal("148.23"),
    "currency": "EUR",
    "reference_number": "2026-0418",
    "customer_number": "K-20931",
    "iban": "DE46600901004471283905",
    "tax_id": "DE813507424",
}

SAMPLES: tuple[Sample, ...] = (
    Sample("Rechnung Müller & Söhne.pdf", "invoice", "de", invoices.german_invoice, fields=GERMAN_INVOICE),
    Sample("Rechnung Müller & Söhne (1).pdf", "invoice", "de", invoices.german_invoice, DUPLICATE),
    Sample(
        "receipt 3 april.pdf",
        "receipt",
        "en",
        household.till_receipt,
        fields={
            "issuer": "HARBOUR LANE GROCERS",
            "primary_date": date(2026, 4, 3),
            "total_amount": Decimal("35.23"),
            "tax_amount": Decimal("2.58"),
            "currency": "GBP",
            "tax_id": "GB734281636",
        },
    ),
    Sample(
        "Consulting Agreement SIGNED final.pdf",
        "contract",
        "en",
        letters.consulting_contract,
        fields={
            "issuer": "Northgate Hydrology Inc.",
            "recipient": "Marisol Dunne",
            "primary_date": date(2026, 2, 16),
            "period_end": date(2026, 12, 31),
            "reference_number": "CSA-2026-044",
            "currency": "USD",
        },
    ),
    Sample(
        "Kontoauszug_2026_03.pdf",
        "bank_statement",
        "de",
        household.german_bank_statement,
        fields={
            "issuer": "Isartaler Sparbank eG",
            "recipient": "Matthias Obermaier",
            "primary_date": date(2026, 3, 31),
            "period_start": date(2026, 3, 1),
            "period_end": date(2026, 3, 31),
            "account_number": "832146",
            "iban": "DE53700517550000832146",
            "currency": "EUR",
        },
    ),
    Sample(
        "facture electricite avril.pdf",
        "utility_bill",
        "fr",
        household.french_electricity_bill,
        fields={
            "issuer": "Lumière du Rhône",
            "recipient": "Étienne Vasseur",
            "primary_date": date(2026, 4, 8),
            "due_date": date(2026, 4, 24),
            "period_start": date(2026, 2, 5),
            "period_end": date(2026, 4, 4),
            "total_amount": Decimal("118.58"),
            "tax_amount": Decimal("19.76"),
            "currency": "EUR",
            "reference_number": "7204118365",
            "iban": "FR7616275006000810442731626",
            "tax_id": "FR74519488209",
        },
    ),
    Sample(
        "carta administrador fincas.pdf",
        "letter",
        "es",
        letters.spanish_letter,
        fields={
            "issuer": "Administración de Fincas Garrigós, S.L.",
            "recipient": "Remedios Llopis Ferrer",
            "primary_date": date(2026, 3, 20),
        },
    ),
    Sample(
        "Polizza casa 2026-2027.pdf",
        "insurance_policy",
        "it",
        insurance.italian_policy,
        fields={
            "issuer": "Assicurazioni Tre Torri S.p.A.",
            "recipient": "Elena Rossetti",
            "primary_date": date(2026, 3, 10),
            "period_start": date(2026, 3, 15),
            "period_end": date(2027, 3, 15),
            "total_amount": Decimal("375.74"),
            "currency": "EUR",
            "policy_number": "CS 2026 0071943",
            "iban": "IT66K0306909606100000063214",
            "tax_id": "04187320967",
        },
    ),
    Sample(
        "Payslip Apr 2026.pdf",
        "payslip",
        "en",
        household.payslip,
        fields={
            "issuer": "Tidewell Marine Instruments Ltd",
            "recipient": "Eleanor J. Marsh",
            "primary_date": date(2026, 4, 30),
            "period_start": date(2026, 4, 1),
            "period_end": date(2026, 4, 30),
            "total_amount": Decimal("2430.02"),
            "currency": "GBP",
        },
    ),
    Sample(
        "FX-2026-0117.pdf",
        "invoice",
        "fr",
        einvoice.factur_x_invoice,
        fields={
            "issuer": "Papeterie des Trois Ponts SARL",
            "recipient": "Atelier Belledonne SAS",
            "primary_date": date(2026, 4, 10),
            "due_date": date(2026, 5, 10),
            "total_amount": Decimal("520.56"),
            "tax_amount": Decimal("86.76"),
            "currency": "EUR",
            "reference_number": "FX-2026-0117",
            "customer_number": "C-5512",
            "iban": "FR7630087337000002041730502",
            "tax_id": "FR04842317604",
        },
    ),
    Sample(
        "Scan_20260412.pdf",
        "insurance_claim",
        "en",
        lambda: scans.scan(insurance.insurance_claim()),
        fields={
            "issuer": "Fairhaven Mutual Insurance",
            "recipient": "Desmond Achterberg",
            "primary_date": date(2026, 4, 9),
            "total_amount": Decimal("3182.40"),
            "currency": "GBP",
            "claim_number": "HC-884120-26",
            "policy_number": "FHM 5530 2187",
        },
        is_scan=True,
    ),
    Sample(
        "IMG_0032.pdf",
        "invoice",
        "pt",
        lambda: scans.scan(invoices.portuguese_invoice(), skew_degrees=-0.4, turned=True),
        fields={
            "issuer": "Oficina do Cais, Lda.",
            "recipient": "Teresa Figueiredo Nunes",
            "primary_date": date(2026, 4, 21),
            "due_date": date(2026, 5, 5),
            "total_amount": Decimal("651.04"),
            "tax_amount": Decimal("121.74"),
            "currency": "EUR",
            "reference_number": "FT 2026/318",
            "iban": "PT50003501234410073218171",
            "tax_id": "507318463",
        },
        is_scan=True,
    ),
    Sample(
        "Invoice_INV-10482.pdf",
        "invoice",
        "en",
        invoices.american_invoice,
        fields={
            "issuer": "Prairie Bloom Landscaping LLC",
            "recipient": "Hollis & Grant Property Management",
            "primary_date": date(2026, 3, 27),
            "due_date": date(2026, 4, 26),
            "total_amount": Decimal("2402.93"),
            "tax_amount": Decimal("183.13"),
            "currency": "USD",
            "reference_number": "INV-10482",
        },
    ),
    Sample(
        "CM-20417.pdf",
        "credit_note",
        "en",
        invoices.american_credit_note,
        fields={
            "issuer": "Prairie Bloom Landscaping LLC",
            "recipient": "Hollis & Grant Property Management",
            "primary_date": date(2026, 4, 15),
            "total_amount": Decimal("232.74"),
            "tax_amount": Decimal("17.74"),
            "currency": "USD",
            "reference_number": "CM-20417",
        },
    ),
    Sample(
        "Steuerbescheid 2025.pdf",
        "tax_assessment",
        "de",
        household.german_tax_assessment,
        fields={
            "issuer": "Finanzamt Rebenheim",
            "recipient": "Annegret Wildenhain",
            "primary_date": date(2026, 5, 12),
            "total_amount": Decimal("1266.40"),
            "currency": "EUR",
            "iban": "DE40500403307719024815",
        },
    ),
    Sample(
        "factuur internet april.pdf",
        "invoice",
        "nl",
        lambda: scans.misdirected(invoices.dutch_invoice()),
        fields={
            "issuer": "Polderlicht Telecom B.V.",
            "recipient": "P. van der Veen",
            "primary_date": date(2026, 4, 1),
            "due_date": date(2026, 4, 15),
            "period_start": date(2026, 4, 1),
            "period_end": date(2026, 4, 30),
            "total_amount": Decimal("58.37"),
            "tax_amount": Decimal("10.13"),
            "currency": "EUR",
            "reference_number": "26-004417",
            "customer_number": "880214563",
            "iban": "NL61INGB0417164300",
            "tax_id": "NL824719034B01",
        },
    ),
    Sample(
        "download.pdf",
        "bank_statement",
        "de",
        lambda: scans.cut_off(household.german_bank_statement()),
        "failed:pdf_damaged",
    ),
    Sample("Payslip Mar 2026 (protected).pdf", "payslip", "en", _locked_payslip, "failed:pdf_encrypted"),
)


def write_samples(folder: Path) -> list[Path]:
    """Write every sample into ``folder``, which is made on demand; their paths, in order of ``SAMPLES``."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for sample in SAMPLES:
        path = folder / sample.file_name
        path.write_bytes(sample.make())
        paths.append(path)
    return paths


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m demo.samples OUTDIR", file=sys.stderr)
        return 2
    for path in write_samples(Path(arguments[0])):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
