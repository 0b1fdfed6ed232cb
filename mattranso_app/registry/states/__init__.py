"""The thin states behind the pages of the online database."""
