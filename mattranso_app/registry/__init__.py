"""The online database: units report their numbers once, by forms, and totals go upward by themselves."""
