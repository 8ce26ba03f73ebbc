"""What a plan will do to the traffic and to the rows, told before it runs; and what a run really locked."""
