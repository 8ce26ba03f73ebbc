"""How fast the service is, measured against its peers on the same machine, database and load."""
