"""The names of the kernel's own tables, apart from their models: whoever asks for a name need not load an ORM."""

KERNEL_TABLES = ("outbox", "idempotency_keys", "tenancy_keys")
