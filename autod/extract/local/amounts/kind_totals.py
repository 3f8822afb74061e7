"""What the whole is called on documents that are no invoices, by kind."""

from __future__ import annotations

from typing import Final

from autod.domain.kinds import DocType
from autod.words import groups
from autod.words.label_table import LabelTable

KIND_TOTALS: Final[dict[DocType, LabelTable]] = {
    DocType(kind): LabelTable({"total": names}) for kind, names in groups("amounts.totals").items()
}
