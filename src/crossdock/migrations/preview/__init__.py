"""What a plan will do to traffic and rows, shown before it runs; and which locks a run really took."""
