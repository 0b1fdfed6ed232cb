"""Petitions: what citizens report, propose and ask, from the phone to the published answer."""
