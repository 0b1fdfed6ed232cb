"""The administrative tree of the country with its dated history: look-up, import of new lists, residential groups."""
