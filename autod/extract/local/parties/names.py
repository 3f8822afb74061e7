"""Whether a piece of a page can be somebody's name, and what of it is the name."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain

from autod.extract.local.kind.kind_words import Role, kind_words
from autod.extract.local.page.layout import LabelTable, Token, fold, label_tokens
from autod.extract.local.page.postal import is_place, is_street
from autod.grammar.dates import MONTHS
from autod.words import any_of, either, phrases

_LONGEST = 90
_TELLING_WORDS = 3  # a name so long is no label
_MOST_SALUTATIONS = 3  # "Herrn Prof. Dr."
_LOOKED_AT = 300  # characters of a line that can hold a name
_CONTACT = re.compile(
    r"@|\bwww\.|https?:|\.(?:com|net|org|de|fr|es|it|nl|pt|eu|co\.uk)\b|\+\d{2}|\d{3}[-. )]\d{3}|\d{6,}",
    re.IGNORECASE,
)
_DATE_OR_MONEY = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d[.,]\d{2}\b|[€$£] ?\d|\d ?[€%]")
_TRAILING_NOTE = re.compile(r"\s*\((?=[^)]*\d)[^()]{0,40}\)\s*$")  # a registration number, an id
_ABBREVIATED = re.compile(rf"(?:\b{any_of('legal_forms.abbreviated')}|\b[A-Za-z]|\.[A-Za-z])\.$")
_UNCLOSED = re.compile(r"\s*\([^()]*$")
_MONTH_DAY = re.compile(rf"^(?:\d{{1,2}}\.? )?{either(MONTHS)}\.?[ ,]+\d{{1,4}}")
_NUMBERED_CAPTION = re.compile(r"\d{1,2}[a-z]? [A-Z][a-z]+ [a-z]")  # "7 Payer made direct sales"
_LEADING_FORMS = frozenset(phrases("legal_forms.leading"))
_STREET_FIRST = frozenset(phrases("addresses.street_first"))
_EDGES = ' \t:;,.|-–—•·●*_/#"“”'
_SENTENCE_WORDS = frozenset(phrases("parties.sentence"))
_SMALL = frozenset(phrases("parties.small"))
# "Claims Department": a part of a company that its letterhead may name.
_UNITS = frozenset(phrases("parties.units"))
_OF_A_COMPANY = frozenset(phrases("parties.of_a_company"))
_HONOURED = re.compile(
    rf"^{any_of('parties.honorifics')}[\w.()]{{0,12}}\s*{any_of('parties.honoured')}[\w.()ª]{{0,12}}:?\s*",
    re.IGNORECASE,
)
_LABELS = ("parties.issuer", "parties.recipient", "parties.name")
_FORM = "form"
_PREFIX = "prefix"


@cache
def _forms() -> LabelTable:
    return LabelTable({"weak": phrases("legal_forms.weak"), _FORM: phrases("legal_forms.all")})


@cache
def _not_names() -> LabelTable:
    return LabelTable({"no_name": phrases("parties.not_a_name")})


@cache
def _party_labels() -> LabelTable:
    return LabelTable({"a_party": tuple(chain.from_iterable(map(phrases, _LABELS)))})


@cache
def _salutations() -> LabelTable:
    return LabelTable({_PREFIX: phrases("parties.salutations")})


def ends_abbreviated(text: str) -> bool:
    """Whether the full stop that ends ``text`` belongs to its last word: "Inc.", "S.A."."""
    return bool(_ABBREVIATED.search(text))


def tidy_name(text: str) -> str:
    """``text`` without a registration number in brackets, and without stray punctuation at its ends."""
    text = _UNCLOSED.sub("", _TRAILING_NOTE.sub("", text[:_LOOKED_AT].strip()))
    tidy = text.strip(_EDGES)
    return tidy + "." if text.rstrip(" ,;:").endswith(".") and ends_abbreviated(tidy + ".") else tidy


def legal_form(text: str) -> float:
    """1.0 when ``text`` has a legal form such as GmbH or Inc., 0.5 for words that may be one, else 0."""
    best = 0.0
    tokens = label_tokens(text)
    for key, phrase, start, end in _forms().find(tokens):
        short = (
            len(phrase) <= 3 and fold(text[start:end]).replace(".", " ").split() != phrase.split()
        )  # "sri" is no "srl", however OCR reads it
        if start == 0 and phrase in _LEADING_FORMS:
            best = max(best, 0.5)
        if start == 0 or short:
            continue
        best = max(best, 0.5 if key == "weak" else 1.0)
    return best


def drop_salutation(text: str) -> str:
    """The name after a leading "Herr", "Mrs" and the like; empty when nothing else is there."""
    text = _HONOURED.sub("", text)
    for _ in range(_MOST_SALUTATIONS):
        tokens = label_tokens(text)
        first = next(iter(_salutations().find(tokens)), None)
        if first is None or first[2] != tokens[0].start or legal_form(text) == 1.0:
            break
        text = text[first[3] :].lstrip(" .:").strip()
    return text


def can_be_name(text: str, *, announced: bool = False) -> bool:
    """Whether ``text`` (one line, or part of one) can be the name of a person or an organisation.

    ``announced`` says that the text before promised a name, so that it may begin like a label ("Mobile ...").
    """
    text = text.strip()
    letters = sum(character.isalpha() for character in text)
    digits = sum(character.isdigit() for character in text)
    words = text.split()
    if not 2 < len(text) <= _LONGEST or letters < 3 or digits > 0.4 * (letters + digits) or len(words) > 11:
        return False
    if (
        ":" in text
        or "“" in text
        or "”" in text
        or _MONTH_DAY.match(fold(text))
        or _NUMBERED_CAPTION.match(text)
        or text.count("(") != text.count(")")
    ):
        return False
    if not any(character.isupper() for character in text) or text[0] in "()[]":
        return False
    if (
        _CONTACT.search(text)
        or _DATE_OR_MONEY.search(text)
        or is_place(text)
        or (is_street(text) and not legal_form(text))
    ):
        return False
    if (
        len(words) < 5
        and words[-1].lower() in _UNITS
        and words[0].lower().removesuffix("'s") in _OF_A_COMPANY
    ):
        return False
    if sum(fold(word).strip(",.") in _SENTENCE_WORDS for word in words) >= (1 if len(words) > 3 else 2):
        return False
    tokens = label_tokens(text)
    if tokens and fold(words[0].strip(".,")) in _STREET_FIRST and not legal_form(text):
        return False
    if announced and len(words) >= _TELLING_WORDS and tokens and all(map(_is_capital, words)):
        return True
    return bool(tokens) and not _is_label(tokens, text) and not _is_heading(tokens, text)


def _is_capital(word: str) -> bool:
    return not word[:1].islower() or word in _SMALL


def _is_label(tokens: list[Token], text: str) -> bool:
    for _, _, start, end in _not_names().find(tokens):
        if start != tokens[0].start:
            return False
        rest = text[end:].strip(_EDGES)
        return not (legal_form(text) == 1.0 and rest)
    return False


def starts_as_title(text: str) -> bool:
    """Whether ``text`` begins with words that name a kind of document."""
    for key, _, start, _ in kind_words().table.find(label_tokens(text)):
        return start == 0 and any(meaning.role is Role.TITLE for meaning in kind_words().meanings[key])
    return False


def _is_heading(tokens: list[Token], text: str) -> bool:
    """The text is, but for numbers, a heading or label of some kind of document."""
    if "_" in text:
        return False  # headings are words, not identifiers
    covered = 0.0
    for key, _, start, end in kind_words().table.find(tokens):
        roles = {meaning.role for meaning in kind_words().meanings[key]}
        if roles & {Role.TITLE, Role.STRONG} or start == tokens[0].start:
            covered += end - start
    party = sum(end - start for _, _, start, end in _party_labels().find(tokens))
    letters = sum(len(token.text) for token in tokens)
    covered = max(covered, party - 0.15 * sum(len(token.text) for token in tokens))
    return covered >= 0.6 * max(letters, 1) and legal_form(text) < 1.0
