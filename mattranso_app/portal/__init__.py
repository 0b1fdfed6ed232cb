"""The portal: one question as the headline, one primary act, live counts, five tools, what was just answered."""
