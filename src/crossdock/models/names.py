"""The names of the library's own tables, apart from the tables: whoever asks for a name need not load an ORM."""

OWN_TABLES = ("outbox", "idempotency_keys", "tenancy_keys")
