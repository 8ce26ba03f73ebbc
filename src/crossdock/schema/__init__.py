"""What the models of both ORMs say of the tables, and where the database differs from it.

It compares, and proposes SQL. It changes no table: that is what migrations are for.
"""
