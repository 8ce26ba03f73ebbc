"""A service of other people: both ORMs in one file, integer keys, bases of its own, and manifests in a list."""
