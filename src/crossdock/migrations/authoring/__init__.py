"""What a developer does before a revision is deployed: write one, hand a table over, compare."""
