"""The words around meters on utility bills: tables only; ``|`` parts phrases."""

from __future__ import annotations

_ROWS = {
    "meter": (
        "meter number | meter no | meter id | meter serial number | meter serial no | meter | meter point | "
        "zahlernummer | zahler nr | zahler nummer | zahlernr | zahler | numero de compteur | no compteur | "
        "n compteur | compteur n | compteur | numero de contador | numero contador | contador | "
        "numero contatore | matricola contatore | contatore | meternummer | meter nr | numero do medidor | "
        "medidor"
    ),
    "current": (
        "current reading | present reading | current meter reading | this reading | new reading | "
        "closing reading | end reading | latest reading | meter reading current | curr reading | "
        "zahlerstand neu | neuer zahlerstand | zahlerstand aktuell | aktueller zahlerstand | endstand | "
        "stand neu | stand ende | zahlerstand ende | zahlerstand bis | nouvel index | index nouveau | "
        "nouveau releve | index fin | index actuel | lectura actual | lectura final | lettura attuale | "
        "lettura finale | leitura atual | leitura actual | meterstand nieuw | nieuwe meterstand | eindstand"
    ),
    "previous": (
        "previous reading | last reading | prior reading | old reading | opening reading | start reading | "
        "prev reading | zahlerstand alt | alter zahlerstand | anfangsstand | stand alt | stand anfang | "
        "zahlerstand anfang | zahlerstand vorher | ancien index | index ancien | ancien releve | "
        "index debut | index precedent | lectura anterior | lettura precedente | leitura anterior | "
        "meterstand oud | oude meterstand | beginstand"
    ),
    "only": (
        "meter reading | meter readings | reading | zahlerstand | zahlerstande | releve compteur | "
        "lectura del contador | lettura contatore | leitura do medidor | meterstand"
    ),
}
METER_LABELS = {key: tuple(phrase.strip() for phrase in row.split("|")) for key, row in _ROWS.items()}

# As printed, lower case, to the unit's own spelling.
UNITS = {
    "kwh": "kWh",
    "mwh": "MWh",
    "wh": "Wh",
    "kvarh": "kvarh",
    "m3": "m³",
    "m³": "m³",
    "cbm": "m³",
    "ccf": "CCF",
    "hcf": "HCF",
    "therms": "therms",
    "therm": "therms",
    "gal": "gal",
    "gallons": "gal",
    "kgal": "kgal",
    "gj": "GJ",
    "l": "l",
}
