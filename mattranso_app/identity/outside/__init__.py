"""Relying party: signing in with an account somebody has at an outside OpenID provider, such as VNeID (ADR 0006)."""
