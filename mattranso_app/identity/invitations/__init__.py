"""Invitations of officers: a link to somebody's own e-mail or telephone, with which he makes his account himself."""
