"""People, accounts, roles, sessions, sign-in, and the guard before every event."""
