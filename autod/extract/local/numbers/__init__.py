"""Numbers that name things: documents, accounts, customers, tax payers."""
