"""Completes FastAPI's OpenAPI document: error codes of each operation, examples that work, names for clients."""
