"""The labels that stand before numbers on documents, and whose numbers may be a document's own.

Keys are what the number belongs to. A phrase that names a number ("invoice number") is sure of one; a bare
phrase (key with ``?``) names a document, and counts only when a number follows at once.
"""

from __future__ import annotations

from autod.domain.metadata import DocType
from autod.extract.local.label_table import LabelTable
from autod.extract.local.words import groups, phrases

_NAMES = groups("numbers.names")
_NEVER_BARE = ("account", "customer", "policy", "claim", "loan")


def _labels() -> LabelTable:
    """Each name with each word for "number" after, before and at the end of it; then the names alone."""
    after, before, tails = phrases("numbers.after"), phrases("numbers.before"), phrases("numbers.tails")
    table = LabelTable({"other": phrases("numbers.foreign")})
    for key, names in _NAMES.items():
        table.add(key, groups("numbers.revised").get(key, ()))
        table.add_compound(key, names, after)
        table.add_compound(key, before, names)
        table.add(key, [name + tail for name in names for tail in tails])
    for key, names in _NAMES.items():
        if key not in _NEVER_BARE:
            table.add(f"{key}?", names)
    return table


LABELS = _labels()

# Ends of words that say, somewhere before a bare "No.", what is numbered; "other" is nothing of ours.
KIND_ENDINGS = groups("numbers.endings")

# Which numbers may be a document's own, best first, by its kind; ``|`` parts those of equal standing.
OWN_NUMBER: dict[DocType, tuple[str, ...]] = {
    DocType.INVOICE: ("invoice", "document", "receipt", "credit"),
    DocType.CREDIT_NOTE: ("credit", "document"),
    DocType.PURCHASE_ORDER: ("change", "order|contract", "document"),
    DocType.ORDER_CONFIRMATION: ("confirmation", "sales", "order", "document", "contract"),
    DocType.QUOTE: ("quote", "document"),
    DocType.DELIVERY_NOTE: ("delivery", "document"),
    DocType.TRANSPORT_DOCUMENT: ("waybill", "document", "delivery"),
    DocType.RECEIPT: ("receipt", "invoice", "document"),
    DocType.UTILITY_BILL: ("invoice", "statement", "document"),
    DocType.PAYMENT_SLIP: ("reference", "invoice"),
    DocType.PAYMENT_REMINDER: ("reminder", "invoice", "document"),
    DocType.BANK_STATEMENT: ("statement", "document"),
    DocType.CARD_STATEMENT: ("statement", "document"),
    DocType.PAYSLIP: ("payslip", "document"),
    DocType.TAX_ASSESSMENT: ("assessment", "reference"),
    DocType.CONTRACT: ("contract", "order", "document"),
    DocType.INSURANCE_POLICY: ("policy",),
    DocType.INSURANCE_CLAIM: ("claim",),
    DocType.LOAN: ("loan", "contract"),
    DocType.LEASE: ("contract",),
    DocType.LETTER: ("reference",),
    DocType.NOTICE: ("reference",),
    DocType.CERTIFICATE: ("certificate", "document"),
    DocType.MEDICAL: ("report", "reference"),
    DocType.PRESCRIPTION: ("prescription",),
    DocType.REPORT: ("report", "document"),
    DocType.TICKET: ("booking", "order"),
    DocType.WARRANTY: ("certificate", "document"),
    DocType.OTHER: ("document", "invoice", "contract", "reference"),
}

FIELDS = {
    "account_number": "account",
    "customer_number": "customer",
    "policy_number": "policy",
    "claim_number": "claim",
    "loan_number": "loan",
}
