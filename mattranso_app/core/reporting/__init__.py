"""Forms of figures by unit and period or step: what registry and congress have in common."""
