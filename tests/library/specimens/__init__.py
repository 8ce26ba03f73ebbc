"""A package of modules that only the kernel's tests know: one table with a column of every type."""
