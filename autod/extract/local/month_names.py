"""Month names and their abbreviations, folded (lower case, no accents), in seven languages."""

from __future__ import annotations

_NAMES = {
    1: "january januar jaenner janner janvier enero janeiro gennaio januari jan janv ene gen",
    2: "february februar feber fevrier febrero fevereiro febbraio februari feb fev fevr febr",
    3: "march marz maerz mars marzo marco maart mar mrz mrt",
    4: "april avril abril aprile apr avr abr",
    5: "may mai mayo maio maggio mei mag",
    6: "june juni juin junio junho giugno jun giu",
    7: "july juli juillet julio julho luglio jul juil lug",
    8: "august aout agosto augustus aug ago aou",
    9: "september septembre septiembre setiembre setembro settembre sep sept set sett",
    10: "october oktober octobre octubre outubro ottobre oct okt out ott",
    11: "november novembre noviembre novembro nov",
    12: "december dezember decembre diciembre dezembro dicembre dec dez dic",
}

MONTHS: dict[str, int] = {name: month for month, names in _NAMES.items() for name in names.split()}
