"""Sets of words that ``kind`` weighs by where and together with what they stand."""

from __future__ import annotations

# How a letter begins, among the labels of kinds.toml.
GREETINGS = frozenset({
    "dear", "dear sir or madam", "dear sir", "dear madam", "dear customer", "dear mr", "dear ms",
    "dear mrs", "ladies and gentlemen", "sehr geehrte damen und herren", "sehr geehrter herr",
    "sehr geehrte frau", "liebe", "madame monsieur", "cher monsieur", "chère madame", "estimado",
    "estimada", "estimados", "estimado cliente", "caro", "cara", "prezado", "prezada", "exmo",
    "exma", "gentile", "egregio", "geachte", "beste",
})  # fmt: skip

# How it ends.
CLOSINGS = frozenset({
    "sincerely", "yours sincerely", "yours faithfully", "kind regards", "best regards",
    "mit freundlichen grüßen", "freundliche grüße", "veuillez agréer", "cordialement",
    "atentamente", "saludos cordiales", "reciba un cordial saludo", "com os melhores cumprimentos",
    "atenciosamente", "distinti saluti", "cordiali saluti", "met vriendelijke groet", "hoogachtend",
})  # fmt: skip

# What only a till prints.
TILL = frozenset({
    "cash", "change", "change due", "cashier", "rounding", "rounding adj", "rounding adjustment",
    "tendered", "amount tendered", "cash tendered", "till", "terminal", "gegeben", "gegeben bar",
    "zurück", "rückgeld", "kasse", "es bediente sie", "vielen dank für ihren einkauf", "espèces",
    "rendu", "monnaie", "caisse", "efectivo", "cambio", "entregado", "caja", "cajero",
    "gracias por su visita", "dinheiro", "troco", "contanti", "resto", "contante", "wisselgeld",
    "kassa", "bedankt voor uw bezoek", "please come again", "thank you please come again",
    "thank you", "gst summary", "total rounded", "total incl gst", "total inclusive gst",
    "goods sold", "change cash", "visa", "goods sold are not returnable",
    "goods sold are non returnable", "salesperson", "sales person", "mastercard", "waiter",
    "server", "total qty", "total item", "total sales", "customer copy", "cash bill", "sub total",
    "subtotal", "items", "no exchange", "exchange are allowed",
})  # fmt: skip

# What a till never prints.
BILLED = frozenset({
    "payment terms", "remit to", "zahlungsbedingungen", "leistungsdatum", "net due", "balance due",
})  # fmt: skip

# Words that may follow a heading without making it something else.
RUNNING_ON = frozenset({
    "nr", "no", "n", "number", "num", "nummer", "numero", "vom", "of", "dated", "fur", "for", "du",
    "de", "del", "van", "from",
})  # fmt: skip

# Words before the name by which running text calls its own document.
THIS = frozenset({
    "this", "dieser", "diese", "dieses", "ce", "cette", "cet", "este", "esta", "questo", "questa",
    "deze", "dit", "presente",
})  # fmt: skip

# Headings of a part of the document, not of the whole.
INNER_HEADINGS = frozenset({
    "abstract", "zusammenfassung", "news", "references",
})  # fmt: skip
