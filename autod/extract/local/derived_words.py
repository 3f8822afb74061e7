"""Phrases that ask for action."""

from __future__ import annotations

from typing import Final

REQUESTS: Final = {
    "sign": (
        "please sign", "sign and return", "please countersign", "bitte unterschreiben",
        "unterschrieben zurück", "unterzeichnet zurück", "veuillez signer", "retourner signé",
        "firmar y devolver", "assinar e devolver", "firmare e restituire", "ondertekend retour",
    ),
    "reply": (
        "please reply", "please respond", "please confirm", "please contact us", "please let us know",
        "please return", "please send us", "please submit", "bitte antworten", "bitte bestätigen",
        "bitte teilen sie uns", "bitte senden sie", "bitte schicken sie", "bitte reichen sie",
        "um rückmeldung", "veuillez confirmer", "veuillez nous", "merci de nous", "rogamos",
        "le rogamos", "le ruego", "les rogamos", "por favor confirme", "agradecemos que", "solicitamos",
        "we ask you to", "we kindly ask", "you must", "you need to", "wir bitten sie",
        "bitte lassen sie", "nous vous prions", "nous vous demandons", "vous devez", "debe presentar",
        "deve presentare", "si prega di", "u dient", "we vragen u", "please bring", "please send",
        "please provide", "please enclose", "please fill in", "please complete",
        "please check", "please call", "please keep", "please visit", "por favor envíe",
        "queira confirmar", "favor confirmar",
        "la preghiamo di", "vi preghiamo di", "gelieve", "wij verzoeken u", "verzoeken wij u",
    ),
    "object": (
        "right to appeal", "you may appeal", "lodge an objection", "widerspruch", "einspruch",
        "rechtsbehelf", "droit de recours", "recurso de", "puede interponer", "può presentare ricorso",
        "bezwaar maken",
    ),
}  # fmt: skip

PRESSING: Final = (
    "final notice", "final reminder", "final demand", "last reminder", "letzte mahnung",
    "dernier rappel", "mise en demeure", "último aviso", "ultimo sollecito", "laatste aanmaning",
    "urgent", "dringend", "immediately", "unverzüglich", "sofort fällig", "past due", "overdue",
    "disconnection", "sperrandrohung", "inkasso", "gerichtliches mahnverfahren",
)  # fmt: skip
