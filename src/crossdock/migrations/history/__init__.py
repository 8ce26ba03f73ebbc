"""What a database has of the chains: its version tables, the journal, where they disagree, and how that is mended."""
