"""A company's people and their teams."""
