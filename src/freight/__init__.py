"""A freight marketplace: shippers offer loads, carriers bid for them and deliver, and the ledger pays."""
