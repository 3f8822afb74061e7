"""How documents write currencies: ISO 4217 codes, and symbols that name one currency or several."""

from __future__ import annotations

ISO_CODES = frozenset(
    {
        "EUR", "USD", "GBP", "CHF", "JPY", "CNY", "INR", "MYR", "SGD", "HKD", "AUD", "NZD",
        "CAD", "BRL", "MXN", "ARS", "CLP", "COP", "PEN", "SEK", "NOK", "DKK", "ISK", "PLN",
        "CZK", "HUF", "RON", "BGN", "TRY", "RUB", "UAH", "ZAR", "EGP", "AED", "SAR", "QAR",
        "ILS", "THB", "IDR", "PHP", "VND", "KRW", "TWD", "PKR", "LKR", "BDT", "NGN", "KES",
        "TND",
    }
)  # fmt: skip

SYMBOLS: dict[str, str] = {
    "€": "EUR", "£": "GBP", "₹": "INR", "Rs.": "INR", "Rs": "INR", "US$": "USD", "R$": "BRL", "RM": "MYR",
    "Rm": "MYR", "Fr.": "CHF", "SFr.": "CHF", "sFr.": "CHF", "zł": "PLN", "Kč": "CZK", "₺": "TRY",
    "₽": "RUB", "₪": "ILS", "₩": "KRW", "฿": "THB", "S$": "SGD", "HK$": "HKD", "A$": "AUD", "AU$": "AUD",
    "C$": "CAD", "CA$": "CAD", "NZ$": "NZD", "NT$": "TWD", "MX$": "MXN", "Euro": "EUR", "euro": "EUR",
    "EURO": "EUR", "euros": "EUR", "Euros": "EUR",
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

COUNTRY_WORDS: dict[str, str] = {
    "canada": "CA", "australia": "AU", "abn": "AU", "singapore": "SG", "new zealand": "NZ",
    "hong kong": "HK", "mexico": "MX", "sverige": "SE", "sweden": "SE", "norge": "NO", "norway": "NO",
    "danmark": "DK", "denmark": "DK", "china": "CN", "malaysia": "MY", "sdn bhd": "MY", "sdn. bhd": "MY",
    "kuala lumpur": "MY", "selangor": "MY", "johor": "MY", "gstin": "IN", "india": "IN", "cnpj": "BR",
    "united kingdom": "GB",
}  # fmt: skip
"""Folded words that place a document in a country whose money they settle."""

COUNTRY_CURRENCY: dict[str, str] = {"MY": "MYR", "IN": "INR", "BR": "BRL", "GB": "GBP"}
"""What amounts are in when a page names no currency but clearly one of these countries."""
