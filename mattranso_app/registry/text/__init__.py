"""Wording of the online database, one file for each of its parts."""
