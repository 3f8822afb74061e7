"""Words that head the columns of a table of goods or services, in seven languages."""

from __future__ import annotations

from autod.extract.local.layout import LabelTable

ITEM_LABELS = LabelTable(
    {
        "description": (
            "description", "item description", "item", "items", "product", "article", "service",
            "details", "particulars", "description of goods", "product description", "item name",
            "product name", "description of services", "beschreibung", "bezeichnung", "artikel",
            "leistung", "artikelbezeichnung", "warenbezeichnung", "produkt", "text", "designation",
            "libelle", "produit", "prestation", "descripcion", "concepto", "articulo", "producto",
            "descricao", "descricao dos produtos servicos", "descricao do produto servico", "produto",
            "servico", "descrizione", "articolo", "prodotto", "omschrijving", "artikel omschrijving",
            "name",
        ),
        "quantity": (
            "qty", "quantity", "hours", "units", "no", "qté", "menge", "anzahl", "stk", "stuck",
            "quantite", "qte", "cantidad", "cant", "unidades", "quantidade", "quant", "qtd", "qtde",
            "quantita", "qta", "q.ta", "q.tà", "aantal", "hrs", "billed qty", "shipped",
        ),
        "unit_price": (
            "unit price", "price", "rate", "unit cost", "u/price", "u. price", "u.price",
            "price per unit", "each", "unit rate", "price/unit", "s/price", "einzelpreis", "preis",
            "stuckpreis", "e-preis", "einzelpreis netto", "nettopreis", "preis/einheit", "e preis",
            "einzel", "prix unitaire", "pu ht", "p.u", "p.u. ht", "pu", "prix unit", "prix unitaire ht",
            "prix", "precio unitario", "precio", "precio unit", "p. unitario", "valor unitario",
            "vlr unit", "v.unit", "valor unit", "preco unitario", "preco", "prezzo unitario", "prezzo",
            "p. unit", "prijs", "stuksprijs", "eenheidsprijs", "prijs per stuk",
        ),
        "amount": (
            "amount", "total", "line total", "total price", "ext price", "extended price",
            "total amount", "net amount", "value", "subtotal", "amount due", "net", "ext. amount",
            "total (rm)", "amount (rm)", "betrag", "gesamt", "gesamtpreis", "summe", "netto", "entgelt",
            "gesamtbetrag", "nettobetrag", "positionsbetrag", "gesamt netto", "g-preis", "nettowert",
            "gesamtwert", "montant", "montant ht", "total ht", "prix total", "total ttc", "montant ttc",
            "importe", "total linea", "valor total", "vlr total", "v.total", "v. total", "importo",
            "totale", "bedrag", "totaal", "totaalprijs", "regeltotaal", "prix total ht", "net ht",
        ),
        "other": (
            "pos", "position", "line", "code", "sku", "art nr", "artikelnummer", "ref", "reference",
            "vat", "tax", "mwst", "ust", "tva", "iva", "btw", "gst", "discount", "disc", "rabatt",
            "remise", "unit", "uom", "einheit", "unite", "unidad", "un", "date", "datum", "%", "steuer",
            "ncm", "cst", "cfop", "codigo", "tax rate", "art.-nr", "artikel-nr", "art", "price w/o tax",
        ),
    }
)  # fmt: skip
