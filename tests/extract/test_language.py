from __future__ import annotations

import pytest
from py3langid.langid import LanguageIdentifier

from autod.domain.extraction import EvidenceSource
from autod.extract.local.page import language as language_module
from autod.extract.local.page.language import find_language
from tests.extract.sheets import reading_of

TEXTS = {
    "en": "Thank you for your payment. The balance of your account is shown on the next page.",
    "de": "Vielen Dank für Ihre Zahlung. Der Saldo Ihres Kontos steht auf der nächsten Seite.",
    "fr": "Merci pour votre paiement. Le solde de votre compte est indiqué à la page suivante.",
    "es": "Gracias por su pago. El saldo de su cuenta se indica en la página siguiente.",
    "pt": "Obrigado pelo seu pagamento. O saldo da sua conta está indicado na página seguinte.",
    "it": "Grazie per il pagamento. Il saldo del conto è indicato nella pagina seguente.",
    "nl": "Bedankt voor uw betaling. Het saldo van uw rekening staat op de volgende pagina.",
    "pl": "Dziękujemy za wpłatę. Saldo rachunku jest podane na następnej stronie.",
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_sentence_is_enough_to_tell_the_language(language: str) -> None:
    found = find_language(reading_of(TEXTS[language]))["language"]

    assert found.value == language
    assert found.source is EvidenceSource.DERIVED
    assert 0.5 < found.score < 1


@pytest.mark.parametrize(
    "text", ["", "12.50  4711  99,00", "A1  B2  42", "www.example.com  x@example.org  +49 30 123"]
)
def test_figures_and_addresses_tell_no_language(text: str) -> None:
    assert find_language(reading_of(text or "1")) == {}


def test_foreign_names_on_an_invoice_do_not_change_its_language() -> None:
    text = """
        Rechnung
        Mr. John Smith
        The Old Mill Trading Company Ltd
        Menge    Bezeichnung    Einzelpreis    Betrag
        Bitte überweisen Sie den Betrag auf unser Konto.
    """

    assert find_language(reading_of(text))["language"].value == "de"


def test_the_quote_is_a_line_of_the_first_page() -> None:
    found = find_language(reading_of("4711\n" + TEXTS["fr"]))["language"]

    assert found.quote == TEXTS["fr"]
    assert found.page == 1


@pytest.mark.parametrize("language", TEXTS)
def test_clear_words_do_not_need_the_model_and_few_do(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    classify = LanguageIdentifier.classify

    def told(self: LanguageIdentifier, text: str) -> tuple[str, float]:
        asked.append(text)
        found: tuple[str, float] = classify(self, text)
        return found

    monkeypatch.setattr(LanguageIdentifier, "classify", told)
    words = [w for w, of in language_module._by_word().items() if of == (language,)][:16]

    clear = find_language(reading_of("\n".join(" ".join(words[i : i + 4]) for i in range(0, 16, 4))))
    assert not asked
    assert clear["language"].value == language

    find_language(reading_of(TEXTS[language]))
    assert len(asked) == 1
