"""Tables for what is derived from a document's kind."""

from __future__ import annotations

from typing import Final

from autod.domain.metadata import DocType

D = DocType

TO_PAY: Final = frozenset(
    {
        D.INVOICE,
        D.UTILITY_BILL,
        D.PAYMENT_REMINDER,
        D.PAYMENT_SLIP,
        D.CARD_STATEMENT,
        D.TAX_ASSESSMENT,
        D.LOAN,
        D.INSURANCE_POLICY,
    }
)
AT_LEISURE: Final = frozenset(
    {D.ARTICLE, D.MANUAL, D.WARRANTY, D.RESUME, D.RECEIPT, D.REPORT, D.FINANCIAL_REPORT, D.CERTIFICATE}
)

# The money goes to the reader or was spent already.
SETTLED: Final = frozenset({D.RECEIPT, D.CREDIT_NOTE, D.PAYSLIP, D.BANK_STATEMENT, D.QUOTE})
