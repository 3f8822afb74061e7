"""From a draft to what is believed, top to bottom."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import ValidationError

from autod.domain.extraction import HIDDEN_TEXT, Draft, Evidence, EvidenceSource, Extraction, Found
from autod.domain.metadata import Metadata
from autod.domain.reading import Reading
from autod.verify.arithmetic import Findings, check_sums
from autod.verify.confidence import confidence
from autod.verify.embedded import disagreements
from autod.verify.grounding import Grounding, ground
from autod.verify.hidden import has_hidden_text
from autod.verify.page_index import DocumentIndex
from autod.verify.plausibility import check_plausibility


def verify(draft: Draft, reading: Reading, review_below: float, today: date) -> Extraction:
    """Believe what the pages bear out.

    A value whose evidence is not on its page is dropped and noted as ``ungrounded:FIELD``. Fields below
    ``review_below`` or in a conflict wait for review. ``checks`` holds the codes of all that failed.
    """
    index = DocumentIndex(reading)
    checks: list[str] = []
    found: dict[str, Found] = {}
    grounds: dict[str, Grounding] = {}
    for name, item in draft.found.items():
        grounding = ground(name, item, index)
        if grounding is None:
            checks.append(f"ungrounded:{name}")
        elif not _fits_schema(name, item.value):
            checks.append(f"invalid:{name}")
        else:
            found[name], grounds[name] = item, grounding

    findings = Findings()
    values: dict[str, Any] = {name: item.value for name, item in found.items()}
    check_sums(found, index, findings)
    check_plausibility(values, today, findings)
    for name in disagreements(found, index):
        findings.fail(f"embedded_disagrees:{name}", name)
    if reading.invoice_xml and not any(f.source is EvidenceSource.EMBEDDED_XML for f in found.values()):
        findings.fail("embedded_unreadable")
    if has_hidden_text(reading):
        findings.fail(HIDDEN_TEXT, *found)

    evidence = {name: _evidence(item, grounds[name], name, findings) for name, item in found.items()}
    return Extraction(
        engine=draft.engine,
        metadata=Metadata(**values),
        evidence=evidence,
        needs_review=tuple(
            name
            for name, item in evidence.items()
            if item.confidence < review_below or name in findings.doubted
        ),
        checks=(*checks, *findings.failed),
        usage=draft.usage,
        cost_usd=draft.cost_usd,
    )


def _evidence(item: Found, grounding: Grounding, name: str, findings: Findings) -> Evidence:
    figure = confidence(
        item, grounding, confirmed=name in findings.confirmed, doubted=name in findings.doubted
    )
    return Evidence(item.source, figure, item.page, item.quote, item.box or grounding.box)


def _fits_schema(name: str, value: Any) -> bool:
    try:
        Metadata(**{name: value})
    except ValidationError:
        return False
    return True
