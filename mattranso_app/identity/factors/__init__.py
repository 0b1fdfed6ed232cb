"""Second factors: passkeys, an authenticator app's codes, recovery codes; the plain pages that ask for and set them up."""
