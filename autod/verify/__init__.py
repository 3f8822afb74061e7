"""From a draft to what is believed: evidence on the page, arithmetic, plausibility, confidence."""
