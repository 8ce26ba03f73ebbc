"""Draws the tables of an application with their owners, as Mermaid or as SVG.

What is drawn comes from the models of both ORMs: no database is asked.
"""
