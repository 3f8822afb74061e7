"""One made-up page or more for each kind of document: kind, language, text."""

from __future__ import annotations

from autod.domain.kinds import DocType

K = DocType

SAMPLES: tuple[tuple[DocType, str, str], ...] = (
    (K.INVOICE, "en", """
        # Northfield Supplies Ltd
        14 Harbour Lane
        Bristol BS1 4QA

        # INVOICE
        Invoice number: NF-2026-0117          Invoice date: 3 March 2026
        Bill to:
        Harlow & Finch Partners
        2 Mill Road
        Leeds LS1 4AB

        Description        Quantity     Unit price     Amount
        Copper pipe 15 mm      10         20.00        200.00
        VAT 20%                                         40.00
        Total GBP                                      240.00
        Please quote your order 4711. Delivery note 88 was sent with the goods.
    """),
    (K.INVOICE, "de", """
        Tischlerei Holzinger GmbH · Ahornweg 3 · 80333 München

        Frau
        Berta Beispiel
        Lindenstraße 8
        12345 Berlin
                                                   Datum: 04.03.2026
        # Rechnung Nr. 42
        Sehr geehrte Frau Beispiel,
        wir bedanken uns für Ihren Auftrag und berechnen wie folgt:
        Pos   Bezeichnung      Menge    Einzelpreis    Gesamtpreis
        1     Tisch Eiche        1         890,00        890,00
        Rechnungsbetrag                                1.059,10
        Zahlbar innerhalb von 14 Tagen ohne Abzug.
        Mit freundlichen Grüßen
    """),
    (K.INVOICE, "fr", """
        Atelier Moulin SARL
        12 rue des Lilas
        69003 Lyon
        # FACTURE N° F-2026-031
        Date de facturation : 04/03/2026
        Client : Jean Dupont
        Désignation     Quantité    Prix unitaire     Montant HT
        Pose de parquet     1           850,00          850,00
        Total HT     850,00
        TVA 20 %     170,00
        Total TTC   1 020,00
        Échéance : 03/04/2026
    """),
    (K.INVOICE, "nl", """
        # Factuur
        De Vries Fietsen B.V.
        Factuurnummer: 2026-118
        Factuurdatum: 4 maart 2026
        Klantnummer: 552
        Omschrijving      Aantal    Prijs per stuk    Bedrag
        Fietsketting         1           22,50         22,50
        BTW 21%                                         4,73
        Totaal te betalen                              27,23
    """),
    (K.INVOICE, "pl", """
        Stolarnia Modrzew Sp. z o.o.
        ul. Lipowa 14
        31-120 Kraków
        NIP: 676-238-71-19
        # Faktura VAT nr FV/2026/03/17
        Data wystawienia: 4 marca 2026
        Nabywca: Helena Zawadzka
        Lp    Nazwa towaru        Ilość    Cena netto    Wartość netto
        1     Stół dębowy           1       890,00          890,00
        Kwota VAT                                           204,70
        Do zapłaty                                     1 094,70 zł
    """),
    (K.CREDIT_NOTE, "en", """
        Northfield Supplies Ltd
        # CREDIT NOTE
        Credit note number: CN-77
        Original invoice: NF-2026-0117
        Invoice date: 3 March 2026
        Amount credited    48.00
        Total credit       48.00
    """),
    (K.CREDIT_NOTE, "fr", """
        Atelier Moulin SARL
        # Facture d'avoir
        Avoir N° A-12 sur la facture F-2026-031
        Total TTC   -120,00
    """),
    (K.CREDIT_NOTE, "de", """
        Tischlerei Holzinger GmbH
        # Gutschrift Nr. G-9
        Rechnungsnummer: 42
        Gutschriftsbetrag    -119,00
    """),
    (K.PURCHASE_ORDER, "en", """
        Brightwell Engineering Inc.
        # PURCHASE ORDER
        PO number: 450012        PO date: 03/04/2026
        Vendor                   Ship to
        Acme Bolts LLC           Brightwell Engineering Inc.
        Item    Quantity   Unit price   Amount
        Bolt M8   500        0.12       60.00
        Send your invoice to accounts payable.
    """),
    (K.PURCHASE_ORDER, "de", """
        Maschinenbau Weber AG
        # Bestellung Nr. 4500123
        Lieferanschrift: Tor 3
        Gewünschter Liefertermin: 20.03.2026
        Pos   Bezeichnung   Menge   Einzelpreis
        1     Kugellager      20       4,10
    """),
    (K.ORDER_CONFIRMATION, "de", """
        # Auftragsbestätigung
        Vielen Dank für Ihre Bestellung vom 01.03.2026.
        Voraussichtlicher Liefertermin: 12.03.2026
        Pos   Bezeichnung   Menge   Einzelpreis
    """),
    (K.ORDER_CONFIRMATION, "en", """
        # Order Confirmation
        Thank you for your order
        Order number: 11-8231
        Estimated delivery: 12 March 2026
        Order summary
    """),
    (K.QUOTE, "en", """
        # QUOTATION
        Quotation number: Q-310
        Valid until: 30 April 2026
        Prepared for: Harlow & Finch
        Description     Qty    Unit price    Amount
        Total                               1,200.00
    """),
    (K.QUOTE, "fr", """
        # DEVIS N° 2026-14
        Date du devis : 04/03/2026
        Validité de l'offre : 30 jours
        Désignation   Quantité   Prix unitaire   Total HT
        Bon pour accord
    """),
    (K.QUOTE, "es", """
        # PRESUPUESTO
        Número de presupuesto: 88
        Válido hasta: 30/04/2026
        Descripción   Cantidad   Precio unitario   Importe
        Base imponible     500,00
    """),
    (K.DELIVERY_NOTE, "de", """
        # Lieferschein
        Lieferscheinnummer: LS-991
        Bestellnummer: 4500123
        Artikel    Menge
        Kugellager   20
        Ware erhalten     Unterschrift Empfänger
    """),
    (K.DELIVERY_NOTE, "en", """
        # PACKING SLIP
        Order number: 11-8231
        Ship to: Ann Lee
        Item        Qty shipped
        Kettle          1
        Received by
    """),
    (K.TRANSPORT_DOCUMENT, "en", """
        # BILL OF LADING
        Shipper                Consignee
        Oriental Tea Ltd       Leaf Imports BV
        Notify party
        Vessel: MV Pelican     Port of loading: Colombo
        Port of discharge: Rotterdam
        Gross weight: 12,000 kg
    """),
    (K.RECEIPT, "en", """
        GREEN GROCER SDN BHD
        12, Jalan Bunga Raya
        47400 Petaling Jaya
        TAX INVOICE
        Cashier: Mei     Till 2
        Milk 1L         6.50
        Bread           3.20
        Total           9.70
        Cash           10.00
        Change          0.30
        Thank you please come again
    """),
    (K.RECEIPT, "de", """
        Bäckerei Sonnenkorn
        Marktplatz 2
        12345 Beispielstadt
        Kassenbon
        2 Brötchen      1,20
        Summe EUR       1,20
        Gegeben Bar     2,00
        Rückgeld        0,80
        Vielen Dank für Ihren Einkauf
    """),
    (K.UTILITY_BILL, "en", """
        Riverside Power & Light
        # Your electricity bill
        Account number: 77 1234       Service address: 5 Elm Street
        Meter number: 88231
        Previous reading   10,120 kWh
        Current reading    10,480 kWh
        Standing charge     12.00
        Amount due         84.20
        Due date: 20 March 2026
    """),
    (K.UTILITY_BILL, "de", """
        Stadtwerke Musterhausen GmbH
        # Ihre Jahresabrechnung Strom
        Rechnungsnummer: 8812
        Verbrauchsstelle: Lindenstraße 8
        Zählernummer: 1EMH00
        Zählerstand alt 10.120    Zählerstand neu 12.480   Verbrauch 2.360 kWh
        Arbeitspreis    Grundpreis
        Abschlag ab April: 85,00 EUR
    """),
    (K.UTILITY_BILL, "es", """
        Energía del Sur S.A.
        # Factura de electricidad
        Número de factura: 331       CUPS: ES0021
        Potencia contratada 4,6 kW
        Consumo 210 kWh
        Total importe factura    61,30 €
    """),
    (K.UTILITY_BILL, "it", """
        Luce Chiara S.p.A.
        # Bolletta luce
        POD: IT001E
        Consumi fatturati: 180 kWh
        Spesa per la materia energia   31,20
        Totale da pagare   58,90
    """),
    (K.PAYMENT_REMINDER, "de", """
        Tischlerei Holzinger GmbH
        # Mahnung
        Sehr geehrte Frau Beispiel,
        unsere Rechnung Nr. 42 vom 04.03.2026 ist noch offen.
        Offener Betrag      1.059,10
        Mahngebühr              5,00
        Bitte überweisen Sie bis zum 30.04.2026.
        Mit freundlichen Grüßen
    """),
    (K.PAYMENT_REMINDER, "en", """
        Northfield Supplies Ltd
        # FINAL REMINDER
        Invoice number: NF-2026-0117
        Amount overdue    240.00
        Days overdue      31
        Please pay within 7 days.
    """),
    (K.BANK_STATEMENT, "en", """
        First Harbour Bank
        # Account Statement
        Statement period: 1 March 2026 to 31 March 2026
        Sort code 20-11-33    Account number 11223344
        Opening balance       1,200.00
        Date        Description             Paid out    Paid in    Balance
        02 Mar      Card payment grocer        12.40               1,187.60
        05 Mar      Salary                              2,000.00   3,187.60
        Closing balance       3,187.60
    """),
    (K.BANK_STATEMENT, "de", """
        Sparkasse Musterhausen
        # Kontoauszug 3/2026
        IBAN: DE89 3704 0044 0532 0130 00
        Buchungstag   Wertstellung   Verwendungszweck   Betrag
        Alter Kontostand    1.200,00
        02.03.    02.03.   Lastschrift Stadtwerke   -85,00
        Neuer Kontostand    1.115,00
    """),
    (K.BANK_STATEMENT, "fr", """
        Banque du Lac
        # RELEVÉ DE COMPTE
        Ancien solde     500,00
        Date   Libellé   Débit   Crédit
        Nouveau solde    620,00
    """),
    (K.CARD_STATEMENT, "en", """
        Harbour Card Services
        # Credit Card Statement
        Card number ending 4411
        Previous balance 210.00      New balance 340.00
        Minimum payment due 25.00
        Credit limit 5,000.00
        Payment due date: 20 March 2026
    """),
    (K.PAYSLIP, "en", """
        Brightwell Engineering Inc.
        # Earnings Statement
        Employee name: Ann Lee      Employee ID: 551
        Pay period: 03/01/2026 - 03/15/2026      Pay date: 03/20/2026
        Gross pay       2,500.00
        Federal income tax  300.00    Social security 155.00
        Net pay         1,980.00
    """),
    (K.PAYSLIP, "de", """
        Maschinenbau Weber AG
        # Entgeltabrechnung März 2026
        Personalnummer: 12    Steuerklasse: 1
        Gesamtbrutto   3.400,00
        Lohnsteuer       420,00   Krankenversicherung 270,00
        Auszahlungsbetrag   2.210,00
    """),
    (K.PAYSLIP, "it", """
        Officine Rossi S.r.l.
        # Busta paga
        Competenze    Trattenute
        Netto in busta   1.650,00
    """),
    (K.TAX_FORM, "en", """
        Form W-9                Request for Taxpayer
        Department of the Treasury      Identification Number and Certification
        Internal Revenue Service
        1 Name (as shown on your income tax return)
        Under penalties of perjury, I certify that I am not subject to backup withholding.
        Employer identification number
    """),
    (K.TAX_ASSESSMENT, "de", """
        Finanzamt Musterhausen
        # Bescheid für 2025 über Einkommensteuer
        Festgesetzt werden     Einkommensteuer    4.200,00
        Zu versteuerndes Einkommen   38.000
        Rechtsbehelfsbelehrung
        Gegen diesen Bescheid ist der Einspruch gegeben.
    """),
    (K.TAX_ASSESSMENT, "fr", """
        Direction générale des finances publiques
        # AVIS D'IMPÔT SUR LES REVENUS 2025
        Numéro fiscal : 12 34 567
        Revenu fiscal de référence : 31 200
        Montant de votre impôt : 1 240
    """),
    (K.CONTRACT, "en", """
                     MUTUAL NON-DISCLOSURE AGREEMENT
        This Mutual Non-Disclosure Agreement (the “Agreement”) is made and entered into as of
        March 4, 2026 by and between Alder Robotics, Inc., a Delaware corporation (“Alder”), and
        Birch Sensors GmbH, a company under German law (“Birch”).
        The parties wish to discuss an invoice, a purchase order and a quote under which each may
        disclose information.
        1. Governing law. This Agreement shall be governed by the laws of Delaware.
        IN WITNESS WHEREOF, the parties have executed this Agreement.
    """),
    (K.CONTRACT, "de", """
        # Dienstleistungsvertrag
        zwischen
        Alder Robotik GmbH, Hauptstraße 1, 10115 Berlin
        und
        Birch Sensorik AG, Bahnhofstraße 9, 8001 Zürich
        § 1 Vertragsgegenstand
        § 2 Vergütung: der Auftragnehmer stellt monatlich eine Rechnung.
        Salvatorische Klausel
    """),
    (K.INSURANCE_POLICY, "en", """
        Beacon Mutual Insurance Company
        # Policy Declarations
        Policy number: BM-22-118       Policy period: 03/01/2026 to 03/01/2027
        Named insured: Ann Lee
        Coverage     Limit of liability    Premium
        Total premium  812.00
        Deductible 500
    """),
    (K.INSURANCE_POLICY, "de", """
        Leuchtturm Versicherung AG
        # Versicherungsschein
        Versicherungsnehmer: Berta Beispiel
        Versicherungsscheinnummer: 77-123
        Versicherungssumme 50.000 EUR    Selbstbeteiligung 150 EUR
        Jahresbeitrag 212,00 EUR
    """),
    (K.INSURANCE_CLAIM, "en", """
        Beacon Mutual Insurance Company
        # Claim Settlement
        Claim number: C-8812     Policy number: BM-22-118
        Date of loss: 11 February 2026
        Adjuster: T. Moss
        Claim amount 1,210.00
    """),
    (K.LOAN, "en", """
        Harbour Savings
        # Mortgage Statement
        Loan number: 55-1020
        Outstanding principal 182,000.00    Interest rate 4.1%
        Escrow 310.00
        Monthly payment 1,240.00
    """),
    (K.LOAN, "de", """
        # Darlehensvertrag
        Darlehensnehmer: Berta Beispiel
        Darlehensbetrag 10.000 EUR    Sollzinssatz 4,9 %    effektiver Jahreszins 5,1 %
        Tilgung in 48 Raten
    """),
    (K.LEASE, "en", """
        # RESIDENTIAL LEASE AGREEMENT
        This Lease Agreement is made between John Oak (“Landlord”) and Ann Lee (“Tenant”).
        Premises: 5 Elm Street
        Monthly rent: 1,450.00
        Security deposit: 1,450.00
    """),
    (K.LEASE, "de", """
        # Mietvertrag
        zwischen Vermieter und Mieter
        Vermieter: Otto Hausmann
        Mieter: Berta Beispiel
        Kaltmiete 640,00 EUR   Kaution 1.920,00 EUR
        Mietsache: Lindenstraße 8
    """),
    (K.LETTER, "en", """
        Ann Lee
        5 Elm Street
        Springfield, IL 62701

        March 4, 2026

        Dear Mr. Oak,
        Thank you for sending the invoice and the contract last week. I will pay the bill
        at the end of the month and return the signed lease by post.
        Yours sincerely,
        Ann Lee
    """),
    (K.LETTER, "de", """
        Berta Beispiel
        Lindenstraße 8
        12345 Berlin

        Sehr geehrte Damen und Herren,
        vielen Dank für Ihre Rechnung. Leider stimmt der Betrag nicht mit unserem Vertrag überein.
        Ich bitte um eine Korrektur.
        Mit freundlichen Grüßen
        Berta Beispiel
    """),
    (K.NOTICE, "de", """
        Stadt Musterhausen
        # Bußgeldbescheid
        Aktenzeichen: 99.1
        Ihnen wird folgende Ordnungswidrigkeit vorgeworfen:
        Tatzeit: 02.02.2026   Tatort: Hauptstraße
        Bußgeld 35,00 EUR
    """),
    (K.NOTICE, "en", """
        City of Springfield
        # PUBLIC NOTICE
        Notice is hereby given that a hearing will be held.
        Hearing date: 20 March 2026
    """),
    (K.CERTIFICATE, "en", """
        # Certificate of Completion
        This is to certify that
        Ann Lee
        has successfully completed the course First Aid
        Certificate number: 771
    """),
    (K.CERTIFICATE, "fr", """
        Mairie de Bourg
        # ATTESTATION
        Je soussigné, le maire, atteste que Jean Dupont réside dans la commune.
    """),
    (K.IDENTITY, "de", """
        BUNDESREPUBLIK DEUTSCHLAND
        PERSONALAUSWEIS
        Name   MUSTERMANN
        Vornamen   ERIKA
        Geburtsdatum   12.08.1983
        Staatsangehörigkeit   DEUTSCH
    """),
    (K.MEDICAL, "en", """
        Lakeside Clinic
        # Laboratory Report
        Patient name: Ann Lee       Patient ID: 5512
        Referring physician: Dr. Moss
        Test          Result      Reference range
        Hemoglobin    13.2        12.0 - 15.5
    """),
    (K.MEDICAL, "de", """
        Praxis Dr. Heil
        # Arztbrief
        Patient: Berta Beispiel
        Diagnosen: Rückenschmerzen
        Anamnese: seit zwei Wochen
        Therapie: Krankengymnastik
    """),
    (K.PRESCRIPTION, "fr", """
        Docteur Claire Petit
        # ORDONNANCE
        Jean Dupont
        Amoxicilline 500 mg, 1 comprimé matin et soir
        Posologie : 7 jours
    """),
    (K.PRESCRIPTION, "en", """
        Dr. T. Moss
        # Prescription
        Patient: Ann Lee
        Amoxicillin 500 mg capsules
        Sig: take one tablet twice a day
        Dispense: 20     Refills: 0
    """),
    (K.REPORT, "en", """
        # Building Inspection Report
        Prepared by: Oak Surveyors
        Executive summary
        Findings
        Recommendations
    """),
    (K.FINANCIAL_REPORT, "en", """
        Brightwell Engineering Inc.
        # Consolidated Balance Sheets
        Total current assets    1,200
        Total assets            3,400
        Total liabilities       1,900
        Shareholders' equity    1,500
        Retained earnings         700
    """),
    (K.FINANCIAL_REPORT, "de", """
        Maschinenbau Weber AG
        # Bilanz zum 31.12.2025
        Aktiva    Passiva
        Anlagevermögen   Eigenkapital
        Bilanzsumme   3.400
    """),
    (K.ARTICLE, "en", """
        # A Study of Paper and People
        Ann Lee, Tom Moss
        Abstract
        We study how paper moves through offices and find that it moves slowly.
        Keywords: paper, people
        1 Introduction
        References
        doi 10.1000/182
    """),
    (K.MANUAL, "en", """
        # User Manual
        Kettle K-200
        Contents
        Safety instructions
        Troubleshooting
        Technical specifications
    """),
    (K.MANUAL, "de", """
        # Bedienungsanleitung
        Wasserkocher K-200
        Sicherheitshinweise
        Inbetriebnahme
        Reinigung
    """),
    (K.WARRANTY, "en", """
        # LIMITED WARRANTY
        Warranty period: 24 months
        Date of purchase     Serial number
        The maker warrants this product against defects in materials.
    """),
    (K.TICKET, "en", """
        Skyline Air
        # Boarding Pass
        Passenger name: LEE/ANN
        Flight SA 204     Gate 12     Seat 14C
        Boarding time 10:20
    """),
    (K.TICKET, "de", """
        Nordbahn
        # Online-Ticket
        Reisende: Berta Beispiel
        Abfahrt 10:02   Gleis 4    Sitzplatz 61   Wagen 7
    """),
    (K.RESUME, "en", """
        # Ann Lee
        Curriculum Vitae
        Professional experience
        Education
        Skills
        Languages
    """),
    (K.RESUME, "de", """
        # Lebenslauf
        Persönliche Daten
        Berufserfahrung
        Ausbildung
        Kenntnisse
    """),
    (K.FORM, "en", """
        # Membership Application Form
        Please print
        First name ________    Last name ________
        Date of birth ________
        Signature of applicant ________
        For office use only
    """),
    (K.PAYMENT_SLIP, "de", """
        Empfangsschein                 Zahlteil
        Konto / Zahlbar an             Konto / Zahlbar an
        CH44 3199 9123 0008 8901 2     CH44 3199 9123 0008 8901 2
        Verein Seeblick                Verein Seeblick
        Zahlbar durch                  Zahlbar durch
        Währung   Betrag               Annahmestelle
    """),
)  # fmt: skip
