"""How documents write currencies: ISO 4217 codes, and symbols that name one currency or several."""

from __future__ import annotations

from autod.domain.folding import words
from autod.words import groups

ISO_CODES = frozenset(
    {
        "EUR", "USD", "GBP", "CHF", "JPY", "CNY", "INR", "MYR", "SGD", "HKD", "AUD", "NZD",
        "CAD", "BRL", "MXN", "ARS", "CLP", "COP", "PEN", "SEK", "NOK", "DKK", "ISK", "PLN",
        "CZK", "HUF", "RON", "BGN", "TRY", "RUB", "UAH", "ZAR", "EGP", "AED", "SAR", "QAR",
        "ILS", "THB", "IDR", "PHP", "VND", "KRW", "TWD", "PKR", "LKR", "BDT", "NGN", "KES",
        "TND",
    }
)  # fmt: skip

CURRENCY_NAMES: dict[str, str] = {
    written: code
    for code, names in groups("currencies").items()
    for name in names
    for written in (name, name.lower(), name.capitalize())
}
"""Names of currencies as running text writes them, to their codes."""

SYMBOLS: dict[str, str] = {
    "€": "EUR", "£": "GBP", "₹": "INR", "Rs.": "INR", "Rs": "INR", "US$": "USD", "R$": "BRL", "RM": "MYR",
    "Rm": "MYR", "Fr.": "CHF", "SFr.": "CHF", "sFr.": "CHF", "zł": "PLN", "Kč": "CZK", "₺": "TRY",
    "₽": "RUB", "₪": "ILS", "₩": "KRW", "฿": "THB", "S$": "SGD", "HK$": "HKD", "A$": "AUD", "AU$": "AUD",
    "C$": "CAD", "CA$": "CAD", "NZ$": "NZD", "NT$": "TWD", "MX$": "MXN",
    **CURRENCY_NAMES, **{name.upper(): code for name, code in CURRENCY_NAMES.items()},
}  # fmt: skip
"""A spelling to the one currency it can mean."""

SHARED_SYMBOLS: dict[str, dict[str, str]] = {
    "$": {
        "MY": "MYR",
        "CA": "CAD",
        "AU": "AUD",
        "SG": "SGD",
        "NZ": "NZD",
        "HK": "HKD",
        "MX": "MXN",
        "": "USD",
    },
    "kr": {"SE": "SEK", "NO": "NOK", "DK": "DKK", "IS": "ISK"},
    "kr.": {"DK": "DKK", "IS": "ISK", "SE": "SEK", "NO": "NOK"},
    "¥": {"CN": "CNY", "": "JPY"},
}
"""Symbols of several currencies, by country; under "" what is meant when no other country is named."""

COUNTRY_WORDS = {word: country for country, named in groups("countries.named").items() for word in named}
"""Folded words that place a document in a country whose money they settle."""

COUNTRY_CURRENCY: dict[str, str] = {"MY": "MYR", "IN": "INR", "BR": "BRL", "GB": "GBP"}
"""What amounts are in when a page names no currency but clearly one of these countries."""


def names_currency(text: str, code: str) -> bool:
    """Whether ``text`` can mean the currency: its code, its sign, one that several share, or its country."""
    said = words(text)
    if code.casefold() in said:
        return len(code) == 3
    joined = f" {' '.join(said)} "
    if any(f" {name} " in joined and COUNTRY_CURRENCY.get(at) == code for name, at in COUNTRY_WORDS.items()):
        return True
    if any(sign in text for sign, meaning in SYMBOLS.items() if meaning == code):
        return True
    return any(sign in text and code in shared.values() for sign, shared in SHARED_SYMBOLS.items())
