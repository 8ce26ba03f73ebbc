"""A library with branches: who asks is one of them, and PostgreSQL shows it its own rows."""
