"""Writes the models of one ORM from those of the other, and proves that both mean the same."""
