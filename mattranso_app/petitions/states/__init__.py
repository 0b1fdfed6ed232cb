"""Reflex states of the petitions' pages: thin; one service verb a handler, one page of rows in memory."""
