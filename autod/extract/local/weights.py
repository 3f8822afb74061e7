"""What speaks for a value, and how much: the figures that the rules of this package weigh with, by name.

A weight is a part of a score (0..1) unless its comment says otherwise; below 0 it speaks against. Sizes and
distances on a page are not here: they stand with the code that measures them.
"""

from __future__ import annotations


class Weight(float):
    """A figure with the name that it has in the table, so that a score can be told by its reasons."""

    name: str

    def __new__(cls, value: float, name: str = "") -> Weight:
        weight = super().__new__(cls, value)
        weight.name = name
        return weight

    def times(self, factor: float) -> Weight:
        """So many times as much, for the same reason."""
        return Weight(self * factor, self.name)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = f"{owner.__name__}.{name}"


class Bounds:
    """Between what a score stays: no rule is without doubt, and what is proposed has some reason."""

    least = Weight(0.05)
    most = Weight(0.99)


class DateWeights:
    """What makes a date the one that a field asks for."""

    labelled = Weight(0.95)  # a label that names this very date
    plain = Weight(0.88)  # "Date"
    printed = Weight(0.6)
    delivery = Weight(0.6)
    effective = Weight(0.85)
    below = Weight(-0.04)  # under its label, not beside it
    disagree = Weight(-0.15)  # labels of the same meaning have other dates
    plain_disagree = Weight(-0.25)
    ambiguous = Weight(0.7)  # a factor: day and month may be the other way round
    after_town = Weight(0.85)  # "Idstein, 17.03.2026"
    beside_heading = Weight(0.88)  # "Rechnung Nr. 47 vom 3.5.2025"
    ends_heading = Weight(0.8)  # "vom 3.5.2025" in a line of its own
    only_date = Weight(0.75)
    beside_time = Weight(0.7)
    alone_in_line = Weight(0.75)
    closes_period = Weight(0.7)  # a statement bears the last day that it covers
    due = Weight(0.9)
    due_disagree = Weight(-0.25)
    due_in_sentence = Weight(0.8)
    only_due_in_sentence = Weight(0.78)
    due_by_terms = Weight(0.75)  # at most: no surer than the date the days are counted from
    deadline = Weight(0.75)
    asks_by_day = Weight(0.65)


class ContractWeights:
    """What makes a date the one of a contract."""

    defined = Weight(0.95)  # (the "Effective Date")
    this_agreement = Weight(0.9)
    no_other_meant = Weight(0.8)
    labelled = Weight(0.75)
    labelled_several = Weight(0.55)
    head_of_letter = Weight(0.6)


class PeriodWeights:
    """What makes two days the ones that a document covers."""

    labelled = Weight(0.88)
    labelled_several = Weight(0.65)
    labelled_days = Weight(0.8)  # first and last day each beside a label
    month_headed = Weight(0.75)
    term = Weight(0.7)
    only_range = Weight(0.6)


class AmountWeights:
    """What makes an amount the total."""

    total = Weight(0.86)  # its label names the whole with taxes
    to_pay = Weight(0.8)
    plain = Weight(0.76)  # "Total", which may be a sum without taxes, or of a page
    due = Weight(0.6)
    not_written_as_money = Weight(-0.2)
    shares_row = Weight(-0.08)  # with other amounts
    plain_shares_row = Weight(-0.2)
    negative = Weight(-0.1)
    label_within_line = Weight(-0.06)
    confirmed = Weight(0.15)  # net and taxes, or cash and change, come to it
    explained_as_net = Weight(-0.15)
    paid_before = Weight(-0.2)
    rival_within = Weight(0.08)  # a distance: another amount so near in score is a rival
    has_rival = Weight(-0.22)
    nothing_of_several = Weight(-0.2)
    worth_saying = Weight(0.45)  # a threshold
    may_be_longer = Weight(0.5)  # at most: "1 234,56" may be one number or two
    rounded = Weight(0.9)
    items_add_up = Weight(0.9)  # at least
    settled_in_cash = Weight(0.8)
    named_by_kind = Weight(0.88)  # "net pay", "annual premium"
    named_by_kind_several = Weight(0.66)


class TaxWeights:
    """What makes an amount the tax in the total."""

    completes_net = Weight(0.95)
    sum_of_several = Weight(0.8)
    only = Weight(0.75)
    only_and_nothing = Weight(0.65)


class DueWeights:
    """What makes an amount what remains to be paid."""

    asked = Weight(0.92)
    asked_as_due = Weight(0.85)
    total_less_paid = Weight(0.92)
    last_of_several = Weight(0.6)
    settled = Weight(0.7)  # nothing: the document says that it is paid
    whole = Weight(0.7)  # all of it: the document tells how to pay and of nothing paid


class CurrencyWeights:
    """What makes a currency the one of the amounts."""

    at_total = Weight(0.97)
    symbol_at_total = Weight(0.9)  # one of several currencies
    most = Weight(0.9)  # a threshold: of the mentions
    often = Weight(0.6)  # a threshold: of the mentions
    most_mentioned = Weight(0.93)
    often_mentioned = Weight(0.8)
    mentioned = Weight(0.5)
    of_country = Weight(0.75)  # the page names no currency but a country
    of_account = Weight(0.65)  # the IBAN's country


class ItemWeights:
    """What makes rows the goods of a document."""

    most_fit = Weight(0.8)  # a threshold: the share of rows whose quantity and price make the amount
    all_agree = Weight(0.93)  # rows fit, and add up to a total
    add_up = Weight(0.85)
    products_fit = Weight(0.7)


class NumberWeights:
    """What makes a number the one that names a document, an account, a customer."""

    same_line = Weight(0.92)
    right = Weight(0.9)
    below = Weight(0.84)
    in_form = Weight(0.9)
    label_within_words = Weight(-0.06)
    bare = Weight(-0.08)  # the label names a document, not its number
    bare_before_colon = Weight(-0.04)
    contradicted = Weight(-0.12)
    rival_within = Weight(0.03)  # a distance: another number so near in score contradicts
    later_choice = Weight(-0.04)  # for each kind of label that would have been better
    after_sign = Weight(-0.1)  # after "Nº" alone


class TaxIdWeights:
    """What makes a number the issuer's tax number."""

    labelled_and_checked = Weight(0.93)
    checked = Weight(0.82)  # its check digits are right
    labelled = Weight(0.76)
    several = Weight(-0.15)


class MeterWeights:
    """What makes a number the reading of a meter."""

    labelled = Weight(0.85)
    in_table = Weight(0.8)


class ContactWeights:
    """What makes an address, an e-mail address or a telephone number the issuer's."""

    issuers_address = Weight(0.8)
    address = Weight(0.6)
    email_of_issuer = Weight(0.92)  # its domain has the issuer's name
    email = Weight(0.62)
    labelled_phone = Weight(0.8)
    phone = Weight(0.55)


class PartyWeights:
    """What makes a name the issuer's or the recipient's."""

    least = Weight(0.45)  # a threshold
    most = Weight(0.97)
    label = Weight(0.85)
    weak_label = Weight(0.55)  # "From", "To": words of running text
    named_inside = Weight(0.05)  # "Name:" stands in the box under the label
    sender_line = Weight(0.85)  # small, above an address
    separated_line = Weight(0.5)  # "Name · Street 1 · 12345 Town" with no address under it
    loose_line = Weight(0.3)
    company_line = Weight(0.6)
    under_sender_line = Weight(0.85)
    letterhead = Weight(0.3)
    letterhead_form = Weight(0.34)  # times how sure its legal form is
    first_line = Weight(0.22)
    very_large = Weight(0.2)
    large = Weight(0.12)
    down_page = Weight(-0.3)  # times the part of the page above it
    later_line = Weight(-0.03)  # times the names above it
    footer = Weight(0.5)
    above_greeting = Weight(0.56)
    greeted_by_name = Weight(0.8)
    signed = Weight(0.5)
    heads_block = Weight(0.6)
    between = Weight(0.85)  # "between X and Y"
    defined = Weight(0.5)  # (the "Company")
    block = Weight(0.35)  # over an address that is not the recipient's
    block_form = Weight(0.2)  # times how sure its legal form is
    only_block = Weight(0.52)
    one_block_of_several = Weight(0.48)
    applicant = Weight(0.6)
    till_least_confidence = Weight(0.55)  # a threshold: OCR reads a logo as nonsense
    till_head = Weight(0.5)
    till_row = Weight(-0.05)  # times the rows above it
    till_form = Weight(0.3)
    till_backed = Weight(0.16)  # by a street, a town or a registration number below
    in_domain = Weight(0.2)  # of a web or e-mail address


class AccountWeights:
    """What makes an IBAN the payee's."""

    checked = Weight(0.97)
    one_of_several = Weight(0.8)


class FormWeights:
    """What makes the value of a form's field the one asked for."""

    named_field = Weight(0.8)


class LanguageWeights:
    """What makes a language the one of the text."""

    ahead = Weight(1.6)  # a threshold: times the words of any other language
    sure = Weight(0.8)  # a threshold: of the model's probability
    both_agree = Weight(0.75)  # its own words and the character model
    by_words = Weight(0.55)
    by_model = Weight(0.45)
    word = Weight(0.02)  # times its own words
    probability = Weight(0.3)  # times the model's probability
    most = Weight(0.97)
    most_by_words = Weight(0.9)


class DerivedWeights:
    """How sure what rests on other fields is."""

    summary = Weight(0.8)
    category = Weight(0.9)
    subcategory = Weight(0.85)
    tags = Weight(0.85)
    key_points = Weight(0.85)
    actions = Weight(0.75)
    request = Weight(0.75)  # a sentence that asks the reader to do something
    file_name = Weight(0.9)
    says_urgent = Weight(0.7)
    urgent_by_kind = Weight(0.8)
    due_soon = Weight(0.65)
    leisure = Weight(0.7)
    usual = Weight(0.6)
