"""What the whole is called on documents that are no invoices, by kind, in seven languages."""

from __future__ import annotations

from typing import Final

from autod.domain.kinds import DocType
from autod.extract.local.layout import LabelTable

KIND_TOTALS: Final[dict[DocType, LabelTable]] = {
    kind: LabelTable({"total": phrases})
    for kind, phrases in {
        DocType.PAYSLIP: (
            "net pay", "net wages", "net salary", "take home pay", "net amount paid", "total net pay",
            "net payment",
            "netto auszahlung", "auszahlungsbetrag", "auszahlung", "nettoauszahlung",
            "uberweisungsbetrag",
            "zahlbetrag", "net a payer avant impot sur le revenu", "net a payer au salarie", "net paye",
            "net a payer", "montant net paye", "net paye en euros", "liquido a percibir",
            "total a percibir",
            "liquido total a percibir", "importe liquido", "liquido a receber", "total liquido",
            "valor liquido",
            "salario liquido", "netto in busta", "netto a pagare", "netto busta", "netto del mese",
            "totale netto", "netto te ontvangen", "netto uitbetaling", "uit te betalen", "nettoloon",
            "netto loon", "netto salaris", "te ontvangen", "netto uit te betalen",
        ),
        DocType.INSURANCE_POLICY: (
            "total premium", "annual premium", "total annual premium", "premium payable",
            "total policy premium",
            "gross premium", "total premium payable", "full term premium", "jahresbeitrag",
            "gesamtbeitrag",
            "jahrespramie", "bruttobeitrag", "zahlbeitrag", "gesamtpramie",
            "beitrag inkl versicherungsteuer",
            "jahresbruttobeitrag", "gesamtjahresbeitrag", "prime totale", "prime annuelle",
            "prime annuelle ttc",
            "cotisation annuelle", "cotisation annuelle ttc", "cotisation totale", "prime ttc",
            "prima total",
            "prima anual", "prima total anual", "prima neta anual total", "total prima", "premio total",
            "premio anual", "premio comercial total", "premio annuo lordo", "premio lordo",
            "premio totale",
            "premio annuo", "totale premio", "premio lordo totale", "jaarpremie", "totale premie",
            "premie per jaar", "totaalpremie", "totale jaarpremie",
        ),
        DocType.INSURANCE_CLAIM: (
            "settlement amount", "claim settlement", "total settlement", "amount payable to you",
            "net settlement",
            "total claim payment", "settlement total", "claim amount", "amount of claim",
            "total claimed",
            "entschadigung", "entschadigungsbetrag", "gesamtentschadigung", "erstattungsbetrag",
            "auszahlungsbetrag", "schadenhohe", "indemnite", "montant de l'indemnite", "indemnite nette",
            "indemnisation totale", "indemnizacion", "importe de la indemnizacion", "indemnizacao",
            "valor da indemnizacao", "indennizzo", "importo liquidato", "indennizzo netto", "uitkering",
            "schadevergoeding", "uit te keren bedrag", "schadebedrag",
        ),
        DocType.TAX_ASSESSMENT: (
            "zu viel entrichtet", "mithin sind zu viel entrichtet", "noch zu zahlen", "bitte zahlen sie",
            "mithin sind zu wenig entrichtet", "zu zahlen", "erstattungsbetrag", "nachzahlung",
            "erstattung",
            "amount you owe", "balance due", "refund due", "total amount due", "amount to pay",
            "tax due",
            "your refund", "total tax due", "tax payable", "net tax payable", "montant a payer",
            "montant restant a payer", "reste a payer", "net a payer", "montant qui vous sera rembourse",
            "montant a vous rembourser", "total a payer", "total de l'imposition",
            "resultado a ingresar",
            "resultado a devolver", "importe a ingresar", "importe a devolver", "cuota a pagar",
            "total a pagar",
            "valor a pagar", "valor a reembolsar", "importancia a pagar", "imposto a pagar",
            "importo da versare", "totale da versare", "importo a credito", "totale dovuto",
            "te betalen",
            "te ontvangen", "te betalen bedrag", "bedrag te betalen", "u moet betalen",
            "u ontvangt terug",
        ),
        DocType.LEASE: (
            "monthly rent", "total monthly rent", "total rent", "rent per month", "gesamtmiete",
            "monatliche miete",
            "gesamtmiete monatlich", "miete insgesamt", "bruttomiete", "warmmiete", "loyer mensuel",
            "loyer charges comprises", "total mensuel", "renta mensual", "renda mensal",
            "valor do aluguel",
            "aluguel mensal", "canone mensile", "canone annuo", "huurprijs per maand", "maandhuur",
            "totale huur",
        ),
    }.items()
}  # fmt: skip
