"""One row per value."""
