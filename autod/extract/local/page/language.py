"""The main language of a document, as an ISO 639-1 code.

Two witnesses: the small words that only running text of a language uses and, where they leave a doubt,
py3langid's character model: loading it takes half of a reading process's first document.
Names, addresses and figures, which say nothing about a document's language, are left out first.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from functools import cache
from types import SimpleNamespace
from typing import Any, Final

from autod.domain.extraction import EvidenceSource, Found
from autod.domain.reading import Reading
from autod.words import groups

_ENOUGH_TEXT = 2500  # characters; more does not change the answer
_LEAST_LETTERS = 12
_NOT_LANGUAGE = re.compile(r"\S{0,80}[@/\\\d_]\S{0,200}|\b(?:www|http)\S*|[^\w\s'’]", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2,24}")
_SURE: Final = 0.8
LANGUAGES: Final = (
    "en", "de", "fr", "es", "pt", "it", "nl", "pl", "cs", "da", "sv", "no", "fi", "hu", "ro", "tr",
    "ms", "id", "ca", "el", "ru", "uk", "bg", "hr", "sk", "sl", "ja", "zh", "ko", "ar", "he", "vi",
)  # fmt: skip
"""What is told apart: those with words by their words, the others by py3langid alone."""
_CLEAR_LEAD: Final = 12
"""So many more words of its own than of any other language leave no doubt."""


def find_language(reading: Reading) -> dict[str, Found]:
    """``language``, or nothing when the text is too little or too mixed to say."""
    text, line_words = _telling_text(reading)
    if sum(character.isalpha() for character in text) < _LEAST_LETTERS:
        return {}
    votes = _votes(text)
    best, count = votes[0] if votes else ("", 0.0)
    second = votes[1][1] if len(votes) > 1 else 0.0
    clear = count >= 1.6 * second and count - second >= _CLEAR_LEAD
    guess, probability = (best, 1.0) if clear else _model().classify(text)
    if count >= 2 and count >= 1.6 * second:
        agree = best == guess
        score = min(0.97, 0.75 + 0.02 * count) if agree else min(0.9, 0.55 + 0.02 * count)
        return {"language": _found(best, score, line_words.get(best, ""))}
    if float(probability) >= _SURE and (
        count < 2 or guess in {best, votes[1][0] if len(votes) > 1 else best}
    ):
        return {"language": _found(guess, 0.45 + 0.3 * float(probability), line_words.get(guess, ""))}
    return {}


def _found(language: str, score: float, quote: str) -> Found:
    return Found(language, round(score, 3), EvidenceSource.DERIVED, 1 if quote else None, quote)


def _telling_text(reading: Reading) -> tuple[str, dict[str, str]]:
    """Text without figures and addresses, and for each language the line of page 1 that says most."""
    kept: list[str] = []
    best: dict[str, tuple[int, str]] = {}
    length = 0
    for page, line in reading.lines():
        words = _NOT_LANGUAGE.sub(" ", line.text[:_ENOUGH_TEXT]).lower()
        if length > _ENOUGH_TEXT:
            break
        kept.append(words)
        length += len(words)
        if page.number == 1:
            spoken = Counter(v for word in _WORD.findall(words) for v in _by_word().get(word, ()))
            for language, count in spoken.items():
                if count > best.get(language, (0, ""))[0]:
                    best[language] = (count, line.text)
    return " ".join(kept)[: 2 * _ENOUGH_TEXT], {language: line for language, (_, line) in best.items()}


def _votes(text: str) -> list[tuple[str, float]]:
    """Languages by how many of their own words the text holds; a word of several counts as part of one."""
    weights: dict[str, float] = {}
    for word, times in Counter(_WORD.findall(text)).items():
        languages = _by_word().get(word, ())
        for language in languages:
            # The third "de" in a list of names says no more than the second.
            weights[language] = weights.get(language, 0.0) + min(times, 3) / len(languages)
    return sorted(weights.items(), key=lambda item: -item[1])


@cache
def _by_word() -> dict[str, tuple[str, ...]]:
    words: dict[str, list[str]] = {}
    for language, common in groups("language.common").items():
        for word in common:
            words.setdefault(word, []).append(language)
    return {word: tuple(languages) for word, languages in words.items()}


def _in_memory(**_: str) -> io.BytesIO:
    return io.BytesIO()


@cache
def _model() -> Any:
    """The character model, loaded at first use (about 0.1 s)."""
    from py3langid import modelio
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    # It unpacks its model to a file for a moment; a reading process has no place to write one.
    setattr(modelio, "tempfile", SimpleNamespace(TemporaryFile=_in_memory))  # noqa: B010 - mypy forbids it
    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    model.set_languages(list(LANGUAGES))
    return model
