"""Accounts in and out of HTTP: `staff` are people and teams, `signing_in` are credentials, tokens and sessions."""
