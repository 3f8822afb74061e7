"""The two parties that a contract names: "between X, a Delaware corporation, and Y (the "Client")"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from autod.domain.reading import Page
from autod.extract.local.page.layout import Span
from autod.extract.local.parties.names import can_be_name, ends_abbreviated, legal_form, tidy_name
from autod.extract.local.parties.printed import NameSeen
from autod.words import any_of, leading, phrases

_LOOKED_AT = 6000  # characters of the beginning
_REACH = 900  # characters from "between" within which both parties stand
_BETWEEN = re.compile(rf"\b{any_of('contracts.between')}\b[ :]*(?:\(?[1iIaA]\)[. ]*)?", re.IGNORECASE)
_NOT_ABBREVIATED = "".join(f"(?<!{word})" for word in phrases("legal_forms.abbreviated"))
_DESCRIBED = re.compile(
    rf" ?[(\[“\"]|, (?:{any_of('contracts.described')}(?!\w)|\d)"
    rf"| {any_of('contracts.goes_on')}\b|;|{_NOT_ABBREVIATED}(?<!\.[A-Z])(?<![ .][A-Z])\. "
)
_THE = leading("dates.the")
_ARTICLE = re.compile(rf"^(?:{_THE}|“|\")")
_AND = re.compile(
    rf"(?:\b{any_of('contracts.joined')}\b|;)[: ]+(?:\(?[2bBiI]{{1,2}}\)[. ]*)?(?={_THE}?[“\"(]?[A-ZÀ-Ý])"
)
_FORM_AFTER_COMMA = re.compile(rf", ?(?={any_of('legal_forms.after_comma')}\b)")
_DEFINED = re.compile(r"([A-ZÀ-Ý][^()“”\"\n;:]{2,70}?),? \([a-z ,]{0,60}[“\"][^”\"]{2,30}[”\"]")
_SMALL = frozenset(phrases("parties.small"))


@dataclass(frozen=True)
class _Text:
    """The beginning of a document as one text; offsets lead back to words and pages."""

    pages: tuple[Page, ...]
    spans: tuple[Span, ...]
    text: str

    def seen(self, start: int, name: str, weight: float) -> NameSeen | None:
        """``name`` as printed at or after ``start``; a name that runs over a line end is quoted whole."""
        at = self.text.find(name, start)
        if at < 0:
            return None
        whole = Span(self.spans[0].page, tuple(word for span in self.spans for word in span.words))
        first, last = at, at + len(name)
        page = self._page_at(at)
        box = whole.box(first, last)
        return NameSeen(name, weight, page, whole.quote(first, last), box, "contract")

    def _page_at(self, offset: int) -> Page:
        length = 0
        for span in self.spans:
            length += len(span.text) + 1
            if offset < length:
                return span.page
        return self.spans[-1].page


def contract_parties(pages: list[Page]) -> list[NameSeen]:
    """The parties in the order the contract names them; empty when it does not say "between"."""
    text = _beginning(pages)
    if text is None:
        return []
    for match in _BETWEEN.finditer(text.text):
        found = _pair(text, match.end())
        if len(found) == 2:
            return found
    return []


def defined_parties(pages: list[Page]) -> list[NameSeen]:
    """Organisations a letter agreement gives a short name: 'ICx Technologies, Inc. (the “Company”)'."""
    text = _beginning(pages)
    if text is None:
        return []
    found: list[NameSeen] = []
    for match in _DEFINED.finditer(text.text):
        name = _legal_name(_last_name(match.group(1)))
        if name and legal_form(name) == 1.0:
            seen = text.seen(match.start(1), name, 0.5)
            if seen is not None and all(seen.name != other.name for other in found):
                found.append(seen)
    return found[:3]


def _beginning(pages: list[Page]) -> _Text | None:
    spans: list[Span] = []
    length = 0
    for page in pages[:2]:
        for line in page.lines:
            if length > _LOOKED_AT:
                break
            spans.append(Span(page, line.words))
            length += len(line.text) + 1
    if not spans:
        return None
    return _Text(tuple(pages), tuple(spans), " ".join(span.text for span in spans)[: 2 * _LOOKED_AT])


def _pair(text: _Text, start: int) -> list[NameSeen]:
    reach = text.text[start : start + _REACH]
    first = _legal_name(reach)
    if not first:
        return []
    one = text.seen(start, first, 0.85)
    rest_at = reach.find(first) + len(first)
    for match in _AND.finditer(reach, rest_at):
        if reach[: match.start()].count("(") > reach[: match.start()].count(")"):
            continue
        second = _legal_name(reach[match.end() :])
        if second and second != first:
            two = text.seen(start + match.end(), second, 0.85)
            return [seen for seen in (one, two) if seen is not None]
    return []


def _legal_name(text: str) -> str:
    """The name that ``text`` begins with, without "a Delaware corporation" and the like; empty if none."""
    text = text[:160]
    text = _ARTICLE.sub("", text)
    end = len(text)
    described = _DESCRIBED.search(text)
    if described:
        end = described.start()
    conjunction = _AND.search(text, 0, end)
    if conjunction and not _FORM_AFTER_COMMA.match(text, conjunction.end() - 1):
        end = min(end, conjunction.start())
    name = text[:end]
    form = list(_FORM_AFTER_COMMA.finditer(name))
    comma = name.find(", ", form[-1].end() if form else 0)
    if comma > 0:
        name = name[:comma]
    name = tidy_name(name)
    if name.endswith(".") and not ends_abbreviated(name):
        name = name[:-1]
    return name if can_be_name(name, announced=True) and name[:1].isupper() | name[:1].isdigit() else ""


def _last_name(text: str) -> str:
    """The run of capitalised words that ends ``text``."""
    words = text.split()
    kept: list[str] = []
    for word in reversed(words):
        if not (word[:1].isupper() or word[:1].isdigit() or word == "&" or word in _SMALL):
            break
        kept.append(word)
    while kept and not kept[-1][:1].isupper():
        kept.pop()
    return " ".join(reversed(kept))
