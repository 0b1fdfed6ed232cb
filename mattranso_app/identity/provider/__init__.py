"""OpenID Connect provider: other software of the Front signs its people in with the account they have here.

Authorization code with PKCE (S256) only. The rules of the protocol are Authlib's framework-neutral core, run on rows that
were read before and written after it (`grants`); signatures are joserfc's (`keys`). Sources: OpenID Connect Core 1.0,
RP-Initiated Logout 1.0, Back-Channel Logout 1.0, RFC 6749, 7636, 9207, 9700.
"""
