"""Who has borrowed what: written later than the catalogue, on SQLAlchemy."""
