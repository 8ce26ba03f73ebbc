"""What the models of both ORMs say of the tables, and where the database differs from it."""
