"""The world that is measured: companies, people, bookings, bids and their books, made in seconds."""
