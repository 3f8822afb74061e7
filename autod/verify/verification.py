"""From a draft to what is believed, top to bottom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Any

from autod.codes import Code
from autod.domain.extraction import Beside, Draft, Evidence, EvidenceSource, Extraction, Found
from autod.domain.metadata import Metadata
from autod.domain.reading import Reading
from autod.verify.arithmetic import Findings, check_sums
from autod.verify.confidence import confidence
from autod.verify.embedded import compare
from autod.verify.grounding import Grounding
from autod.verify.hidden import has_hidden_text
from autod.verify.labels import stands_beside_its_label
from autod.verify.page_index import DocumentIndex
from autod.verify.plausibility import check_parties, check_plausibility
from autod.verify.witnesses import borne_out, join


def verify(
    draft: Draft,
    reading: Reading,
    review_below: float,
    today: date,
    *,
    second: Draft | None = None,
    printed: Draft | None = None,
) -> Extraction:
    """Believe what the pages bear out.

    A value whose evidence is not on its page is dropped and noted as ``ungrounded:FIELD``. Fields below
    ``review_below`` or in a conflict wait for review. ``checks`` holds the codes of all that failed.

    Args:
        second: what the embedded engine found in the same reading, beside a paid reader's ``draft``.
        printed: what it finds on the pages alone, where the file states values for machines.
    """
    index = DocumentIndex(reading, _language(second or draft))
    findings = Findings()
    borne = borne_out(draft, index)
    others: Mapping[str, Found] = {}
    alone: tuple[str, ...] = ()
    if second is not None:
        if borne.dropped and not borne.states_a_fact:
            findings.fail(Code.PAID_VALUES_DROPPED)
        joined = join(borne, borne_out(second, index), findings)
        borne, others, alone = joined.borne, joined.others, joined.alone

    found = borne.found
    values: dict[str, Any] = {name: item.value for name, item in found.items()}
    findings.partial |= {
        name for name in found if found[name].rows and Code.UNGROUNDED.of(name) in borne.dropped
    }
    beside_label = {
        name for name in alone if stands_beside_its_label(name, found[name], borne.grounds[name], index)
    }
    check_sums(found, index, findings, founded=found.keys() - set(alone) | beside_label)
    check_plausibility(found, today, findings)
    check_parties(found, findings)
    for name in alone:
        if name not in findings.confirmed | beside_label:
            findings.fail_of(Code.ONE_READER, name)
    compared = compare(found, printed, index)
    compared.note(findings)
    others = {**others, **compared.contradicted}
    if reading.invoice_xml and not any(f.source is EvidenceSource.EMBEDDED_XML for f in found.values()):
        findings.fail(Code.EMBEDDED_UNREADABLE)
    if has_hidden_text(reading):
        findings.fail(Code.HIDDEN_TEXT, *found)
    if "deadline" in found and found["deadline"] is found.get("due_date"):
        findings.follow("deadline", "due_date")

    evidence = {
        name: _evidence(item, borne.grounds[name], name, findings, others.get(name))
        for name, item in found.items()
    }
    return Extraction(
        engine=draft.engine,
        metadata=Metadata(**values),
        evidence=evidence,
        needs_review=tuple(
            name
            for name, item in evidence.items()
            if item.confidence < review_below or name in findings.doubted
        ),
        checks=(*borne.dropped, *findings.failed),
        usage=draft.usage,
        cost_usd=draft.cost_usd,
    )


def _language(draft: Draft) -> str | None:
    found = draft.found.get("language")
    return str(found.value) if found is not None else None


def _evidence(
    item: Found, grounding: Grounding, name: str, findings: Findings, other: Found | None
) -> Evidence:
    figure = confidence(
        item, grounding, confirmed=name in findings.confirmed, doubted=name in findings.doubted
    )
    box = item.box or grounding.box
    return Evidence(item.source, figure, item.page, item.quote, box, _beside(other))


def _beside(other: Found | None) -> Beside | None:
    if other is None:
        return None
    value = other.value.value if isinstance(other.value, Enum) else str(other.value)
    return Beside(value, other.page, other.quote)
