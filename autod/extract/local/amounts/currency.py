"""Which currency a document's amounts are in."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

from autod.domain.extraction import EvidenceSource, Found
from autod.domain.reading import Page, Reading, TextSource
from autod.extract.local.amounts.candidates import AmountCandidate
from autod.extract.local.numbers.bank_accounts import find_iban
from autod.extract.local.page.country_hints import american
from autod.extract.local.page.layout import Span, fold, page_source
from autod.extract.local.weights import CurrencyWeights
from autod.grammar.currencies import (
    COUNTRY_CURRENCY,
    COUNTRY_WORDS,
    CURRENCY_NAMES,
    ISO_CODES,
    SHARED_SYMBOLS,
    SYMBOLS,
)
from autod.words import either, languages_where

_PAGES = 4
_BEST_KNOWN = languages_where("best_known_currency")
_EURO_IBANS = frozenset(
    "AT BE CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK".split()  # noqa: SIM905 - a list of words
)
_NEEDS_AMOUNT = frozenset({"Rs", "Rm", "RM", "kr", "kr.", "Fr.", "C$", "A$", "S$", *CURRENCY_NAMES})
_SPELLINGS = sorted({*SYMBOLS, *SHARED_SYMBOLS, *ISO_CODES}, key=len, reverse=True)
_MENTION = re.compile(r"(?<![^\W\d])(" + "|".join(re.escape(s) for s in _SPELLINGS) + r")(?![^\W\d])")
_BESIDE_AMOUNT = re.compile(r"\d[.,]\d\d(?!\d)|\(|^ ?\w+ ?\d")
_COUNTRY = re.compile(rf"\b{either(COUNTRY_WORDS)}\b")


@dataclass(frozen=True)
class _Mention:
    page: Page
    span: Span
    start: int
    end: int
    printed: str

    def found(self, currency: str, score: float) -> Found:
        return Found(
            currency, score, page_source(self.page), self.page.number,
            self.span.quote(self.start, self.end), self.span.box(self.start, self.end),
        )  # fmt: skip


def find_currency(reading: Reading, language: str | None, total: AmountCandidate | None) -> Found | None:
    """The currency printed at the total, or the one most mentioned, or that of the country named."""
    country = _country(reading)
    if total is not None and (total.match.currency or total.match.symbol):
        printed = total.match.symbol or ""
        code = total.match.currency or _shared(printed, country, language)
        if code:
            named = CurrencyWeights.at_total if total.match.currency else CurrencyWeights.symbol_at_total
            return total.worth(named).found(value=code)
    own = COUNTRY_CURRENCY.get(country or "")
    mentions = _mentions(reading)
    counts = Counter(
        code for mention in mentions if (code := _code(mention.printed, country, language)) is not None
    )
    if counts:
        code, times = counts.most_common(1)[0]
        first = next(m for m in mentions if _code(m.printed, country, language) == code)
        share = times / sum(counts.values())
        if own and own != code and (own in counts or first.page.source is TextSource.OCR):
            return _country_found(reading, own)
        if share > CurrencyWeights.most:
            return first.found(code, CurrencyWeights.most_mentioned)
        return first.found(
            code,
            CurrencyWeights.often_mentioned if share > CurrencyWeights.often else CurrencyWeights.mentioned,
        )
    if total is not None and own:
        return _country_found(reading, own)
    return _of_account(reading)


def _of_account(reading: Reading) -> Found | None:
    """The currency of the country whose IBAN the document bears."""
    iban = find_iban(reading)
    if iban is None:
        return None
    currency = "EUR" if iban.value[:2] in _EURO_IBANS else {"CH": "CHF", "GB": "GBP"}.get(iban.value[:2])
    return (
        replace(iban, value=currency, score=CurrencyWeights.of_account, source=EvidenceSource.DERIVED)
        if currency
        else None
    )


def _mentions(reading: Reading) -> list[_Mention]:
    found = []
    for page in reading.pages[:_PAGES]:
        for line in page.lines:
            for m in _MENTION.finditer(line.text):
                doubtful = m[1] in _NEEDS_AMOUNT or (page.source is TextSource.OCR and len(m[1]) == 1)
                if doubtful and not _BESIDE_AMOUNT.search(line.text[max(0, m.start() - 6) : m.end() + 12]):
                    continue
                found.append(_Mention(page, Span(page, line.words), m.start(), m.end(), m[1]))
    return found


def _code(printed: str, country: str | None, language: str | None) -> str | None:
    if printed in ISO_CODES:
        return printed
    return SYMBOLS.get(printed) or _shared(printed, country, language)


def _shared(printed: str, country: str | None, language: str | None) -> str | None:
    meanings = SHARED_SYMBOLS.get(printed, {})
    if country in meanings:
        return meanings[country]
    return meanings.get("") if language is None or language in _BEST_KNOWN or printed == "¥" else None


def _country(reading: Reading) -> str | None:
    """The country whose words are on the first page, when they agree."""
    for page in reading.pages[:1]:
        if american([page.text]):
            return "US"
        named = {COUNTRY_WORDS[m.group()] for m in _COUNTRY.finditer(fold(page.text))}
        if len(named) == 1:
            return named.pop()
    return None


def _country_found(reading: Reading, currency: str) -> Found | None:
    page = reading.pages[0]
    for line in page.lines:
        m = _COUNTRY.search(fold(line.text))
        if m and COUNTRY_CURRENCY.get(COUNTRY_WORDS[m.group()]) == currency:
            return _Mention(page, Span(page, line.words), m.start(), m.end(), "").found(
                currency, CurrencyWeights.of_country
            )
    return None
