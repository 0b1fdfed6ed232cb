"""Vietnamese text: cleaning what people send, folding for look-up, syllables, typing slips, sorting.

What is stored and shown is NFC with all its marks; what is compared and searched is `fold`ed, always here: the database
keeps folded columns, it does not fold.
"""

from mattranso_app.core.text.cleaning import TextTooLong, clean_text, nfc
from mattranso_app.core.text.folding import bigrams, fold, slug, terms, tokens
from mattranso_app.core.text.sorting import sort_key
from mattranso_app.core.text.syllables import Syllable, canonical_tone_placement, is_syllable, marked_share
from mattranso_app.core.text.typing_slips import search_forms, telex_slips

__all__ = [
    "Syllable",
    "TextTooLong",
    "bigrams",
    "canonical_tone_placement",
    "clean_text",
    "fold",
    "is_syllable",
    "marked_share",
    "nfc",
    "search_forms",
    "slug",
    "sort_key",
    "telex_slips",
    "terms",
    "tokens",
]
