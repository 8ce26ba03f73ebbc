"""A package of modules that only the library's tests know: one table with a column of every type."""
