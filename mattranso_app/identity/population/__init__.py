"""Having a person's data confirmed by the national population register, with consent, for a purpose, and written down.

`confirm` is the port: nothing else in the house knows which register answers (an import rule holds that).
"""

from mattranso_app.identity.population.port import Fields, Question, Reply, Unreachable, confirm, is_there

__all__ = ["Fields", "Question", "Reply", "Unreachable", "confirm", "is_there"]
