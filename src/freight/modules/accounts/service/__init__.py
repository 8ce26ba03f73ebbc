"""The rules of accounts: `staff` is a company's people and teams, `signing_in` is who may act as one of them."""
