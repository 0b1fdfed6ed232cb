"""Screens of the identity room that do not fit beside the sign-in pages."""
