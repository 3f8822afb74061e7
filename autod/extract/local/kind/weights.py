"""What speaks for a kind of document, and how much: the part of the table of weights that kinds have.

The weights of kinds are no parts of a score from 0 to 1: their sum is measured by ``KindWeights.enough``.
"""

from __future__ import annotations

from autod.extract.local.weights import Weight


class KindWeights:
    """What makes a document one of a kind: its heading, the labels that the kind prints, its shape."""

    title = Weight(3.0)  # times how much a line looks like the heading
    label = Weight(0.22)
    strong_label = Weight(0.55)
    further_label = Weight(0.88)  # a factor for each better label of the kind
    labels_at_most = Weight(2.6)
    too_little = Weight(0.75)  # a threshold
    label_on_later_page = Weight(0.5)  # a factor
    title_on_later_page = Weight(0.3)  # a factor

    # How sure the best kind is.
    most = Weight(0.98)
    enough = Weight(1.1)  # what is weighed makes two thirds of the certainty
    rivalled = Weight(0.55)  # what stays of it when another kind has as much
    apart = Weight(0.45)  # times how far the next one is behind
    clear_margin = Weight(0.4)  # a distance, as part of the best
    nothing_said = Weight(0.3)
    nothing_read = Weight(0.1)

    # Whether a kind is possible at all, for whoever must be careful.
    sure = Weight(0.6)  # a threshold: below it a kind waits for review
    speaks_for = Weight(0.4)  # a threshold: two labels, half of what is enough to name a kind

    # Of a label, by where it stands.
    phrase_in_prose = Weight(0.6)
    word_in_prose = Weight(0.08)
    phrase_within_line = Weight(0.8)
    word_within_line = Weight(0.45)

    # How much a line looks like the heading: how much of it is the phrase,
    compound = Weight(0.1)  # "Auftrag-Datum"
    before_sign = Weight(0.7)  # "Invoice #"
    most_of_line = Weight(0.8)
    phrase_leads = Weight(0.7)
    word_leads = Weight(0.5)
    phrase_in_line = Weight(0.4)
    word_in_line = Weight(0.2)
    names_itself = Weight(0.45)  # "This Agreement is made ..."
    numbered = Weight(0.1)  # "Rechnung Nr. 42", no larger than the rest
    # and factors for its size and place.
    in_passing = Weight(0.3)  # it heads a column or stands in a subject line
    very_large = Weight(1.5)
    large = Weight(1.3)
    larger = Weight(1.12)
    gains_by_capitals = Weight(0.5)  # a threshold
    capitals = Weight(1.1)
    further_down = Weight(0.7)
    far_down = Weight(0.35)
    before_colon = Weight(0.35)
    beside_value = Weight(0.55)

    subtype_at_most = Weight(0.95)
    least_subtype = Weight(0.15)  # a threshold
    subtype_of_title = Weight(0.75)  # a threshold, as part of the heading's strength

    # The shape of the page, on top of its words; factors say what is left of another kind.
    narrow_paper = Weight(0.8)
    till_roll = Weight(0.8)
    centred_head = Weight(0.7)
    dated_rows = Weight(0.4)
    slip_alone = Weight(0.5)
    greeted_and_closed = Weight(0.6)
    claim_number = Weight(0.5)
    strong = Weight(0.5)  # a threshold: a label as good as strong
    till_words = Weight(0.3)
    till_word = Weight(0.5)  # times the further words that only a till prints
    till_label = Weight(0.1)  # a threshold
    borrowed_by_till = Weight(0.5)  # a factor
    slip_below_text = Weight(0.3)  # a factor
    title_alone = Weight(0.3)  # a factor: a heading without a label, of a kind that is named in passing
    no_doubt = Weight(0.8)  # a threshold: a heading that needs no label
    letter_of_claim = Weight(0.5)  # a factor
    invoice_of_till = Weight(0.6)  # a factor


class TitleWeights:
    """What makes a line the title."""

    least_strength = Weight(0.3)  # a threshold: of the heading that names the kind
    least_confidence = Weight(0.6)  # a threshold: below it a large line of a scan is a drawing
    heading = Weight(0.45)
    strength = Weight(0.4)  # times that strength
    most = Weight(0.93)
    subject = Weight(0.85)
    subject_beside = Weight(0.8)
    beside_greeting = Weight(0.7)
    largest = Weight(0.5)
