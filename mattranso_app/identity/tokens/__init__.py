"""Personal access tokens: keys people hand to programs of their own; the plain page that makes and revokes them."""
