"""The skeleton of a module: templates, what is filled into them, and how they are written."""
