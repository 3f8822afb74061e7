"""Answers with one thing wrong: every field, every way in which a value can be another than the page's.

A forgery is ``absent`` when no page shows its value, ``swapped`` when it is another value of the same page,
with that value's own honest quote, and ``judged`` when it is a judgement for which a page has no words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from autod.domain.field_columns import Grammar
from autod.domain.fields import FIELDS, names_where
from autod.domain.folding import words
from autod.domain.kinds import DocType
from autod.grammar.amounts import parse_amounts
from autod.grammar.dates import parse_dates
from tests.forging.answers import Case, Json, with_hidden

NAMES = ("issuer", "recipient")
NUMBERS = names_where(lambda field: field.about.grammar is Grammar.NUMBER and field.name != "email")
_MOST_OTHERS = 3
_NAME_LINE = re.compile(r"[A-ZÀ-Ż][\w.&'-]+(?: (?:[A-ZÀ-Ż&][\w.&'-]*|of|de|van|und|et))+")


class Class(StrEnum):
    ABSENT = "absent"
    SWAPPED = "swapped"
    JUDGED = "judged"


@dataclass(frozen=True)
class Forgery:
    """One field's entry in an answer, changed; ``value`` is what would be believed."""

    kind: str
    name: str
    wrong: Class
    entry: Any
    value: Any
    case: Case


def forgeries(case: Case) -> Iterator[Forgery]:
    """All of a case; what the page happens to say anyway is left out."""
    for name, item in case.answer.items():
        if FIELDS[name].is_list:
            yield from _of_rows(case, name, item)
            continue
        for make in _MAKERS:
            yield from make(case, name, item)
    yield from _free_words(case)


def _absent(case: Case, name: str, kind: str, entry: Json, value: Any) -> Forgery:
    return Forgery(kind, name, Class.ABSENT, entry, value, case)


def _dates(case: Case, name: str, item: Json) -> Iterator[Forgery]:
    if FIELDS[name].kind is not date:
        return
    true = date.fromisoformat(item["value"])
    printed = {match.value for match, _ in _all_dates(case)} | {true}
    for kind, wrong in _wrong_days(true):
        if wrong is None or wrong in printed:
            continue
        yield _absent(case, name, kind, {**item, "value": wrong.isoformat()}, wrong)
        own = {**item, "value": wrong.isoformat(), "quote": f"{wrong:%d.%m.%Y}"}
        yield _absent(case, name, "date and quote invented", own, wrong)
    for match, quote in _all_dates(case)[: 2 * _MOST_OTHERS]:
        if match.value != true and not match.ambiguous:
            entry = {"value": match.value.isoformat(), "page": 1, "quote": quote}
            yield Forgery("another date", name, Class.SWAPPED, entry, match.value, case)


def _wrong_days(true: date) -> Iterator[tuple[str, date | None]]:
    after = (true.replace(day=28) + timedelta(days=4)).replace(day=min(true.day, 28))
    before = (true.replace(day=1) - timedelta(days=1)).replace(day=min(true.day, 28))
    yield "next month", after
    yield "month before", before
    yield "next day", true + timedelta(days=1)
    yield "next year", true.replace(year=true.year + 1, day=min(true.day, 28))
    yield "day and month swapped", true.replace(day=true.month, month=true.day) if true.day <= 12 else None


def _all_dates(case: Case) -> list[tuple[Any, str]]:
    return [
        (match, line.text[match.start : match.end])
        for page in case.reading.pages
        for line in page.lines
        for match in parse_dates(line.text)
    ]


def _amounts(case: Case, name: str, item: Json) -> Iterator[Forgery]:
    if not FIELDS[name].is_amount:
        return
    true = Decimal(str(item["value"]))
    others = _all_amounts(case)
    printed = {abs(value) for value, _ in others} | {abs(true)}
    for kind, wrong in _wrong_amounts(true):
        if wrong is None or (abs(wrong) in printed and kind != "sign"):
            continue
        yield _absent(case, name, kind, {**item, "value": float(wrong)}, wrong)
    invented = true + Decimal("1.11")
    entry = {**item, "value": float(invented), "quote": f"{invented:,.2f}"}
    yield _absent(case, name, "amount and quote invented", entry, invented)
    seen = {true}
    for value, quote in others:
        if value in seen or len(seen) > _MOST_OTHERS:
            continue
        seen.add(value)
        entry = {"value": float(value), "page": 1, "quote": quote}
        yield Forgery("another amount", name, Class.SWAPPED, entry, value, case)
    hidden = with_hidden(case, "Total 98,765.43")
    secret = Decimal("98765.43")
    entry = {"value": float(secret), "page": 1, "quote": "98,765.43"}
    yield Forgery("hidden text", name, Class.ABSENT, entry, secret, hidden)


def _wrong_amounts(true: Decimal) -> Iterator[tuple[str, Decimal | None]]:
    for factor in (10, 100, 1000):
        yield f"times {factor}", true * factor if true else None
        yield f"by {factor}", true / factor if true else None
    yield "sign", -true if true else None
    yield "digits swapped", _swapped_amount(true)


def _swapped_amount(true: Decimal) -> Decimal | None:
    text = f"{true:.2f}"
    swapped = _swap_digits(text)
    return Decimal(swapped) if swapped and swapped != text else None


def _swap_digits(text: str) -> str | None:
    for at in range(len(text) - 1):
        if text[at].isdigit() and text[at + 1].isdigit() and text[at] != text[at + 1]:
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return None


def _all_amounts(case: Case) -> list[tuple[Decimal, str]]:
    language = case.embedded.metadata.language
    return [
        (match.value, line.text[match.start : match.end])
        for page in case.reading.pages
        for line in page.lines
        for match in parse_amounts(line.text, language)
        if match.looks_like_money
    ]


def _numbers(case: Case, name: str, item: Json) -> Iterator[Forgery]:
    if name not in NUMBERS:
        return
    true = item["value"]
    wrongs = {
        "digits swapped": _swap_digits(true),
        "digit dropped": true[:-1] if len(true) > 3 else None,
        "digit added": true + "7",
    }
    for kind, wrong in wrongs.items():
        if wrong:
            yield _absent(case, name, kind, {**item, "value": wrong}, wrong)
    if invented := _swap_digits(true):
        entry = {**item, "value": invented, "quote": invented}
        yield _absent(case, name, "number and quote invented", entry, invented)
    for other in NUMBERS:
        entry = case.answer.get(other)
        if entry and other != name and entry["value"] != true:
            yield Forgery("another number", name, Class.SWAPPED, entry, entry["value"], case)
    for word in _number_words(case)[:_MOST_OTHERS]:
        if word not in true and true not in word:
            entry = {"value": word, "page": 1, "quote": word}
            yield Forgery("another number", name, Class.SWAPPED, entry, word, case)


def _number_words(case: Case) -> list[str]:
    found = [word.strip(".,:;()") for page in case.reading.pages for word in page.text.split()]
    return [word for word in dict.fromkeys(found) if sum(c.isdigit() for c in word) > 3]


def _names(case: Case, name: str, item: Json) -> Iterator[Forgery]:
    if name not in NAMES:
        return
    true = item["value"]
    parts = true.split()
    for kind, wrong in (
        ("word added behind", f"{true} Holding"),
        ("word added before", f"Nova {true}"),
        ("word replaced", " ".join([*parts[:-1], "Wexford"])),
        ("words reversed", " ".join(reversed(parts)) if len(parts) > 1 else None),
        ("letter changed", true[:-2] + ("x" if true[-2] != "x" else "y") + true[-1]),
    ):
        if wrong and words(wrong) != words(true):
            yield _absent(case, name, kind, {**item, "value": wrong}, wrong)
    invented = "Wexford Holdings"
    yield _absent(case, name, "invented, real quote", {**item, "value": invented}, invented)
    entry = {**item, "value": invented, "quote": invented}
    yield _absent(case, name, "name and quote invented", entry, invented)
    if len(parts) > 1 and len(parts[0]) > 2:
        yield Forgery("word removed", name, Class.SWAPPED, {**item, "value": parts[0]}, parts[0], case)
    for other in _other_names(case, true)[:_MOST_OTHERS]:
        entry = {"value": other, "page": 1, "quote": other}
        yield Forgery("another name", name, Class.SWAPPED, entry, other, case)


def _other_names(case: Case, true: str) -> list[str]:
    parties = [case.answer[name]["value"] for name in NAMES if name in case.answer]
    lines = [line.text for page in case.reading.pages for line in page.lines]
    found = [*parties, *(line for line in lines if _NAME_LINE.fullmatch(line))]
    return [name for name in dict.fromkeys(found) if words(name) != words(true)]


def _texts(case: Case, name: str, item: Json) -> Iterator[Forgery]:
    if name == "email":
        wrong = "x" + item["value"]
        yield _absent(case, name, "letter added", {**item, "value": wrong}, wrong)
    elif name == "currency":
        wrong = "CHF" if item["value"] != "CHF" else "SEK"
        yield _absent(case, name, "another currency", {**item, "value": wrong}, wrong)
    elif name == "language":
        wrong = "fi"
        yield Forgery("another language", name, Class.JUDGED, {**item, "value": wrong}, wrong, case)
    elif name == "doc_type":
        kind = DocType.CONTRACT if item["value"] != DocType.CONTRACT else DocType.RECEIPT
        yield Forgery("another kind", name, Class.JUDGED, {**item, "value": kind.value}, kind, case)
    elif name in ("title", "subtype"):
        wrong = "Final demand"
        yield _absent(case, name, "free words", {**item, "value": wrong}, wrong)


def _of_rows(case: Case, name: str, rows: list[Json]) -> Iterator[Forgery]:
    if not rows:
        return
    first, rest = rows[0], rows[1:]
    for kind, changed in _wrong_rows(name, first):
        value = {key: cell for key, cell in changed.items() if key not in ("page", "quote")}
        yield _absent(
            case, name, kind, [changed, *rest], value.get("value", value) if _plain(name) else value
        )


def _plain(name: str) -> bool:
    return FIELDS[name].kind is str


def _wrong_rows(name: str, row: Json) -> Iterator[tuple[str, Json]]:
    if _plain(name):
        yield "words added", {**row, "value": row["value"] + ", Atlantis"}
        if swapped := _swap_digits(row["value"]):
            yield "digits swapped", {**row, "value": swapped}
        yield "invented, real quote", {**row, "value": "1 Nowhere Street, Atlantis"}
        return
    for cell in ("quantity", "unit_price", "amount", "value"):
        if row.get(cell):
            yield f"cell {cell} times 10", {**row, cell: row[cell] * 10}
            yield f"cell {cell} by 100", {**row, cell: row[cell] / 100}
            yield f"cell {cell} sign", {**row, cell: -row[cell]}
            yield f"cell {cell} one more", {**row, cell: row[cell] + 1}
    for cell in ("description", "meter"):
        if row.get(cell):
            yield f"cell {cell} words added", {**row, cell: row[cell] + " deluxe"}
    if "unit" in row:
        yield "cell unit", {**row, "unit": "furlong"}
    if row.get("read_on"):
        day = date.fromisoformat(row["read_on"])
        wrong = day.replace(month=day.month % 12 + 1, day=min(day.day, 28))
        yield "cell read_on next month", {**row, "read_on": wrong.isoformat()}


def _free_words(case: Case) -> Iterator[Forgery]:
    line = next(line.text for page in case.reading.pages for line in page.lines)
    todo = "Transfer everything at once"
    entry = [{"value": todo, "page": 1, "quote": line}]
    yield _absent(case, "action_items", "free words, real quote", entry, todo)
    told = "The firm must be paid at once."
    yield Forgery("free words", "summary", Class.ABSENT, told, told, case)
    wrong = date(2026, 8, 9)
    item = {"value": wrong.isoformat(), "page": 1, "quote": line}
    yield _absent(case, "deadline", "invented, real quote", item, wrong)


_MAKERS: tuple[Callable[[Case, str, Json], Iterator[Forgery]], ...] = (
    _dates, _amounts, _numbers, _names, _texts,
)  # fmt: skip
