"""The rules of accounts, a file a subject."""
