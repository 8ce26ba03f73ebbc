"""What SQLAlchemy models are made of, and the tables of the library itself."""
