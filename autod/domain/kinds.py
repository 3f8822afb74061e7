"""The kinds of documents: one row each, and what is said of it.

Nobody asks ``is it an invoice or a receipt?`` anywhere else: a question about kinds is a column
(``autod.domain.kind_columns``). The words by which a kind is recognised belong to its languages.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from autod.domain.kind_columns import Due, Haste, Kind, Total


class DocType(StrEnum):
    """What a document is. A user's own types join them as plain strings in a later version."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PURCHASE_ORDER = "purchase_order"
    ORDER_CONFIRMATION = "order_confirmation"
    QUOTE = "quote"
    DELIVERY_NOTE = "delivery_note"
    TRANSPORT_DOCUMENT = "transport_document"
    RECEIPT = "receipt"
    UTILITY_BILL = "utility_bill"
    PAYMENT_SLIP = "payment_slip"
    PAYMENT_REMINDER = "payment_reminder"
    BANK_STATEMENT = "bank_statement"
    CARD_STATEMENT = "card_statement"
    PAYSLIP = "payslip"
    TAX_FORM = "tax_form"
    TAX_ASSESSMENT = "tax_assessment"
    CONTRACT = "contract"
    INSURANCE_POLICY = "insurance_policy"
    INSURANCE_CLAIM = "insurance_claim"
    LOAN = "loan"
    LEASE = "lease"
    LETTER = "letter"
    NOTICE = "notice"
    CERTIFICATE = "certificate"
    IDENTITY = "identity"
    MEDICAL = "medical"
    PRESCRIPTION = "prescription"
    REPORT = "report"
    FINANCIAL_REPORT = "financial_report"
    ARTICLE = "article"
    MANUAL = "manual"
    WARRANTY = "warranty"
    TICKET = "ticket"
    RESUME = "resume"
    FORM = "form"
    OTHER = "other"


_ROWS: Final = (
    Kind(
        DocType.INVOICE, area=("finance", "invoices"),
        own_number=("invoice", "document", "receipt", "credit"),
        total=Total.ANY, due=Due.WHOLE, to_pay=True, items=True, meters=True, number_after_sign=True,
        dated_by=("invoice", "issue", "statement", "plain", "printed"), dated_unlabelled=True,
        dated_beside_heading=True, dated_alone=True, due_by_terms=True, due_soon=True,
        holder_is_payee=True, borrowed_by_tills=True, billed_in_words=True,
    ),
    Kind(
        DocType.CREDIT_NOTE, area=("finance", "invoices"), own_number=("credit", "document"),
        total=Total.ANY, due=Due.ASKED, may_be_negative=True, items=True,
        dated_by=("credit", "issue", "invoice", "plain"), dated_unlabelled=True, dated_beside_heading=True,
        due_by_terms=True,
        holder_is_payee=True, borrowed_by_tills=True,
    ),
    Kind(
        DocType.PURCHASE_ORDER, area=("finance", "purchasing"),
        own_number=("change", "order|contract", "document"),
        total=Total.ANY, due=Due.NONE, items=True,
        dated_by=("order", "issue", "plain", "printed"), dated_unlabelled=True,
    ),
    Kind(
        DocType.ORDER_CONFIRMATION, area=("finance", "purchasing"),
        own_number=("confirmation", "sales", "order", "document", "contract"),
        total=Total.ANY, due=Due.NONE, items=True,
        dated_by=("issue", "order", "plain", "invoice", "printed"), dated_unlabelled=True,
        dated_beside_heading=True, dated_alone=True,
        holder_is_payee=True,
    ),
    Kind(
        DocType.QUOTE, area=("finance", "purchasing"), own_number=("quote", "document"),
        total=Total.ANY, due=Due.NONE, items=True,
        dated_by=("quote", "issue", "plain"), dated_unlabelled=True, dated_beside_heading=True,
        dated_alone=True,
        holder_is_payee=True,
    ),
    Kind(
        DocType.DELIVERY_NOTE, area=("finance", "purchasing"), own_number=("delivery", "document"),
        total=Total.NAMED, due=Due.ASKED, items=True,
        dated_by=("issue", "plain", "delivery"),
        holder_is_payee=True,
    ),
    Kind(
        DocType.TRANSPORT_DOCUMENT, area=("logistics", "freight"),
        own_number=("waybill", "document", "delivery"),
        total=Total.ANY, due=Due.ASKED, number_after_sign=True,
        dated_by=("issue", "plain", "delivery"),
    ),
    Kind(
        DocType.RECEIPT, area=("finance", "expenses"), own_number=("receipt", "invoice", "document"),
        total=Total.ANY, due=Due.NONE, haste=Haste.LEISURE, items=True, number_after_sign=True,
        dated_by=("invoice", "issue", "plain", "order", "printed"), dated_unlabelled=True, due_soon=True,
        holder_is_payee=True, from_till=True,
    ),
    Kind(
        DocType.UTILITY_BILL, area=("housing", "utilities"), own_number=("invoice", "statement", "document"),
        total=Total.ANY, due=Due.WHOLE, to_pay=True, carries_balance=True, items=True, meters=True,
        dated_unlabelled=True, dated_beside_heading=True, dated_alone=True, due_by_terms=True, due_soon=True,
        holder_is_payee=True,
    ),
    Kind(
        DocType.PAYMENT_SLIP, area=("finance", "payments"), own_number=("reference", "invoice"),
        total=Total.ANY, due=Due.ASKED, to_pay=True, torn_off=True,
    ),
    Kind(
        DocType.PAYMENT_REMINDER, area=("finance", "payments"),
        own_number=("reminder", "invoice", "document"),
        total=Total.ANY, due=Due.ASKED, haste=Haste.PRESSING, to_pay=True, carries_balance=True,
        dated_unlabelled=True, dated_beside_heading=True, dated_alone=True, due_by_terms=True,
        due_in_sentence=True, due_soon=True, asks_by_day=True,
        holder_is_payee=True, titled_by_subject=True,
    ),
    Kind(
        DocType.BANK_STATEMENT, area=("finance", "banking"), own_number=("statement", "document"),
        total=Total.NONE, due=Due.NONE, carries_balance=True, may_be_negative=True,
        dated_by=("statement", "issue", "plain"), dated_at_close=True, covers_month=True,
        dated_rows=True,
    ),
    Kind(
        DocType.CARD_STATEMENT, area=("finance", "banking"), own_number=("statement", "document"),
        total=Total.NONE, due=Due.ASKED, to_pay=True, carries_balance=True, may_be_negative=True,
        dated_by=("statement", "issue", "plain"), dated_at_close=True, covers_month=True,
        dated_rows=True,
    ),
    Kind(
        DocType.PAYSLIP, area=("work", "pay"), own_number=("payslip", "document"),
        total=Total.NONE, due=Due.NONE, total_stands_last=True,
        dated_by=("statement", "issue", "plain"), covers_month=True,
    ),
    Kind(
        DocType.TAX_FORM, area=("taxes", "forms"), own_number=(),
        total=Total.NONE, due=Due.NONE,
        filled_in=True, large_title=True,
    ),
    Kind(
        DocType.TAX_ASSESSMENT, area=("taxes", "assessments"), own_number=("assessment", "reference"),
        total=Total.NAMED, due=Due.ASKED, to_pay=True,
        dated_unlabelled=True, dated_alone=True, asks_by_day=True,
    ),
    Kind(
        DocType.CONTRACT, area=("legal", "contracts"), own_number=("contract", "order", "document"),
        total=Total.NAMED, due=Due.ASKED,
        dated_by=("effective", "issue", "plain"), agreement=True, runs_out=True,
        large_title=True,
    ),
    Kind(
        DocType.INSURANCE_POLICY, area=("insurance", "policies"), own_number=("policy",),
        total=Total.NAMED, due=Due.ASKED, to_pay=True, carries_balance=True,
        dated_by=("issue", "effective", "plain"), dated_unlabelled=True, dated_alone=True, runs_out=True,
        asks_by_day=True,
    ),
    Kind(
        DocType.INSURANCE_CLAIM, area=("insurance", "claims"), own_number=("claim",),
        total=Total.NAMED, due=Due.ASKED, carries_balance=True,
        dated_unlabelled=True, dated_alone=True, asks_by_day=True,
        titled_by_subject=True, borne_by_letters=True,
    ),
    Kind(
        DocType.LOAN, area=("finance", "loans"), own_number=("loan", "contract"),
        total=Total.NAMED, due=Due.ASKED, to_pay=True, carries_balance=True,
        dated_by=("effective", "issue", "plain"), agreement=True, runs_out=True,
        large_title=True,
    ),
    Kind(
        DocType.LEASE, area=("housing", "rent"), own_number=("contract",),
        total=Total.NAMED, due=Due.ASKED,
        dated_by=("effective", "issue", "plain"), agreement=True, runs_out=True,
        large_title=True,
    ),
    Kind(
        DocType.LETTER, area=("correspondence", "letters"), own_number=("reference",),
        total=Total.NAMED, due=Due.ASKED, money_in_passing=True, meters=True,
        dated_unlabelled=True, dated_alone=True, asks_by_day=True,
        signed=True, titled_by_subject=True, greeted=True,
    ),
    Kind(
        DocType.NOTICE, area=("correspondence", "notices"), own_number=("reference",),
        total=Total.NAMED, due=Due.ASKED, money_in_passing=True, meters=True,
        dated_unlabelled=True, dated_alone=True, asks_by_day=True,
        large_title=True, titled_by_subject=True,
    ),
    Kind(
        DocType.CERTIFICATE, area=("personal", "certificates"), own_number=("certificate", "document"),
        total=Total.NONE, due=Due.NONE, haste=Haste.LEISURE, money_in_passing=True,
        dated_unlabelled=True, dated_alone=True, asks_by_day=True,
        large_title=True,
    ),
    Kind(
        DocType.IDENTITY, area=("personal", "identity"), own_number=(),
        total=Total.NONE, due=Due.NONE, money_in_passing=True,
    ),
    Kind(
        DocType.MEDICAL, area=("health", "records"), own_number=("report", "reference"),
        total=Total.NONE, due=Due.NONE, money_in_passing=True,
        dated_unlabelled=True, dated_alone=True,
    ),
    Kind(
        DocType.PRESCRIPTION, area=("health", "prescriptions"), own_number=("prescription",),
        total=Total.NONE, due=Due.NONE,
        dated_unlabelled=True, dated_alone=True,
    ),
    Kind(
        DocType.REPORT, area=("reference", "reports"), own_number=("report", "document"),
        total=Total.NONE, due=Due.NONE, haste=Haste.LEISURE, money_in_passing=True,
        dated_unlabelled=True, dated_alone=True,
        large_title=True, named_in_passing=True,
    ),
    Kind(
        DocType.FINANCIAL_REPORT, area=("finance", "reports"), own_number=(),
        total=Total.NONE, due=Due.NONE, haste=Haste.LEISURE,
        large_title=True,
    ),
    Kind(
        DocType.ARTICLE, area=("reference", "reading"), own_number=(),
        total=Total.NONE, due=Due.NONE, haste=Haste.LEISURE, money_in_passing=True,
        large_title=True, named_in_passing=True,
    ),
    Kind(
        DocType.MANUAL, area=("reference", "manuals"), own_number=(),
        total=Total.NONE, due=Due.NONE, haste=Haste.LEISURE, money_in_passing=True,
        large_title=True,
    ),
    Kind(
        DocType.WARRANTY, area=("reference", "warranties"), own_number=("certificate", "document"),
        total=Total.NONE, due=Due.NONE, haste=Haste.LEISURE, money_in_passing=True,
        runs_out=True,
    ),
    Kind(
        DocType.TICKET, area=("travel and events", "tickets"), own_number=("booking", "order"),
        total=Total.ANY, due=Due.ASKED,
    ),
    Kind(
        DocType.RESUME, area=("work", "applications"), own_number=(),
        total=Total.NONE, due=Due.NONE, haste=Haste.LEISURE, money_in_passing=True,
        large_title=True, of_a_person=True,
    ),
    Kind(
        DocType.FORM, area=("correspondence", "forms"), own_number=(),
        total=Total.NAMED, due=Due.ASKED,
        asks_by_day=True,
        filled_in=True, large_title=True,
    ),
    Kind(
        DocType.OTHER, area=None, own_number=("document", "invoice", "contract", "reference"),
        total=Total.ANY, due=Due.ASKED, meters=True,
        dated_beside_heading=True, due_by_terms=True,
        large_title=True, titled_by_subject=True,
    ),
)  # fmt: skip

KINDS: Final[dict[str, Kind]] = {row.name: row for row in _ROWS}
"""By name, in the order of ``DocType``."""

CATEGORIES: Final = frozenset(row.category for row in _ROWS if row.area)


def kind_of(name: str | None) -> Kind:
    """What is known of a kind; a name that is not in the table is a document of no known kind."""
    return KINDS.get(name or DocType.OTHER) or KINDS[DocType.OTHER]
