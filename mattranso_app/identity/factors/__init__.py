"""Second factors: an authenticator app's codes and recovery codes; the plain pages that ask for and set them up."""
