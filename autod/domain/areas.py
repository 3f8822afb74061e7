"""The area of life that each kind of document belongs to: its category and subcategory."""

from __future__ import annotations

from typing import Final

from autod.domain.metadata import DocType

D = DocType

AREAS: Final[dict[DocType, tuple[str, str]]] = {
    D.INVOICE: ("finance", "invoices"),
    D.CREDIT_NOTE: ("finance", "invoices"),
    D.PURCHASE_ORDER: ("finance", "purchasing"),
    D.ORDER_CONFIRMATION: ("finance", "purchasing"),
    D.QUOTE: ("finance", "purchasing"),
    D.DELIVERY_NOTE: ("finance", "purchasing"),
    D.TRANSPORT_DOCUMENT: ("logistics", "freight"),
    D.RECEIPT: ("finance", "expenses"),
    D.UTILITY_BILL: ("housing", "utilities"),
    D.PAYMENT_SLIP: ("finance", "payments"),
    D.PAYMENT_REMINDER: ("finance", "payments"),
    D.BANK_STATEMENT: ("finance", "banking"),
    D.CARD_STATEMENT: ("finance", "banking"),
    D.PAYSLIP: ("work", "pay"),
    D.TAX_FORM: ("taxes", "forms"),
    D.TAX_ASSESSMENT: ("taxes", "assessments"),
    D.CONTRACT: ("legal", "contracts"),
    D.INSURANCE_POLICY: ("insurance", "policies"),
    D.INSURANCE_CLAIM: ("insurance", "claims"),
    D.LOAN: ("finance", "loans"),
    D.LEASE: ("housing", "rent"),
    D.LETTER: ("correspondence", "letters"),
    D.NOTICE: ("correspondence", "notices"),
    D.CERTIFICATE: ("personal", "certificates"),
    D.IDENTITY: ("personal", "identity"),
    D.MEDICAL: ("health", "records"),
    D.PRESCRIPTION: ("health", "prescriptions"),
    D.REPORT: ("reference", "reports"),
    D.FINANCIAL_REPORT: ("finance", "reports"),
    D.ARTICLE: ("reference", "reading"),
    D.MANUAL: ("reference", "manuals"),
    D.WARRANTY: ("reference", "warranties"),
    D.TICKET: ("travel and events", "tickets"),
    D.RESUME: ("work", "applications"),
    D.FORM: ("correspondence", "forms"),
}

CATEGORIES: Final = frozenset(category for category, _ in AREAS.values())
