"""Officers' rights as they change: roles lent for an absence, transfers, who may do what and why. Verbs are in service/."""
