"""What stands where on a page, for all fields alike: layout, sentences, addresses, language."""
