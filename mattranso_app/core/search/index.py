"""The inverted index of one source on this host (tantivy), and asking it.

Measured in docs/adr/0004: what ranks best on Vietnamese is BM25 over unaccented syllables together with pairs of
neighbours; whoever types marks gets texts with the same marks first. Two tone placements count as the same marks.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from mattranso_app.core.errors import Unavailable
from mattranso_app.core.search import place
from mattranso_app.core.search.sources import Document
from mattranso_app.core.text import bigrams, canonical_tone_placement, marked_share, telex_slips, tokens

FORM = 2
"""Number of the form of an index; another one is built when it changes."""
MOST_FOUND = 1_000
"""How deep results go, as with every large engine; a list without words has no such end."""
COUNT_CAP = 10_000
MOST_TYPED, MOST_WORDS = 400, 24
"""Characters and syllables of a query that count."""
FREQUENT = 0.25
"""A syllable in more than this share of the documents says little and costs much: it is left out beside rarer ones."""
_BOOST_TITLE, _BOOST_PAIRS, _BOOST_MARKED = 2.0, 2.0, 0.5
_LONGEST_KEPT = 24
_NO_MOMENT = 946_684_800  # the year 2000
_NOT_YET = "Chỉ mục tìm kiếm đang được dựng. Bà con thử lại sau ít phút; danh sách bên dưới vẫn xem được."
_WORD = re.compile(r"\w+")
_QUOTED = re.compile(r'"([^"]+)"')
_QUOTES = str.maketrans("“”„‟«»＂", '"' * 7)


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that answers; `ref` within its source."""

    ref: str
    score: float


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of hits, best first, and how many there are (`total_capped`: at least that many)."""

    hits: list[Hit]
    total: int
    total_capped: bool


def has_engine() -> bool:
    """Return whether tantivy can be used on this machine; its wheel does not exist for all."""
    try:
        import tantivy  # noqa: F401
    except ImportError:
        return False
    return True


def schema() -> Any:
    """Return the fields of every index."""
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("ref", stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("title", "plain", "pairs", "marked"):
        builder.add_text_field(name, stored=False, tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("facet", stored=False, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("moment", stored=False, fast=True)
    return builder.build()


def entry(document: Document) -> Any:
    """Return `document` as the index keeps it."""
    import tantivy

    title, marked_title = _read(document.title)
    body, marked_body = _read(document.body)
    made = tantivy.Document()
    made.add_text("ref", document.ref)
    made.add_text("title", " ".join(title))
    made.add_text("plain", " ".join(title + body))
    made.add_text("pairs", " ".join(bigrams(title) + bigrams(body)))
    made.add_text("marked", " ".join(marked_title + marked_body))
    for name, value in document.facets.items():
        made.add_text("facet", f"{name}={value}")
    made.add_unsigned("moment", int(document.moment.timestamp()) if document.moment else _NO_MOMENT)
    return made


def _read(text: str) -> tuple[list[str], list[str]]:
    """Return the folded syllables of `text`, and its words with their marks where one tone placement stands for both."""
    plain: list[str] = []
    marked: list[str] = []
    for chunk in text.split():
        # The same few thousand words make most texts; a long one would only fill the memory.
        syllables, words = _read_chunk(chunk) if len(chunk) <= _LONGEST_KEPT else _read_chunk.__wrapped__(chunk)
        plain += syllables
        marked += words
    return plain, marked


@lru_cache(maxsize=2**16)
def _read_chunk(chunk: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(tokens(chunk)), tuple(_WORD.findall(canonical_tone_placement(chunk).lower()))


async def query(
    source: str, words: str, *, facets: Mapping[str, str] | None = None, limit: int = 20, offset: int = 0
) -> SearchPage:
    """Return the documents of `source` that answer `words`, best first.

    Args:
        source: a registered source.
        words: as people type: with or without marks, with slips of the typing keys; "in quotes" for neighbours.
        facets: only documents with these exact values.
        limit: hits at most, 1–100.
        offset: hits to pass over, up to `MOST_FOUND`.

    Raises:
        Unavailable: this host has no index yet, or cannot have one.
    """
    limit, offset = max(1, min(limit, 100)), max(0, min(offset, MOST_FOUND))
    typed = words[:MOST_TYPED].encode(errors="ignore").decode().translate(_QUOTES)  # half characters do not travel
    return await asyncio.to_thread(_query, source, typed, dict(facets or {}), limit, offset)


_open: dict[str, tuple[Path, Any]] = {}


def _searcher(source: str) -> Any:
    """Return a searcher on the newest committed state; the open index is kept, reloading it is cheap."""
    import tantivy

    for _ in range(3):
        found = place.current(source)
        if found is None:
            raise Unavailable(_NOT_YET)
        known = _open.get(source)
        try:
            if known is None or known[0] != found:
                index = tantivy.Index.open(str(found))
                index.config_reader("manual", 0)
                known = _open[source] = (found, index)
            known[1].reload()
            return known[1].searcher()
        except ValueError:  # exchanged for another one at this very moment, or damaged
            _open.pop(source, None)
    place.distrust(source)
    raise Unavailable(_NOT_YET)


def _query(source: str, words: str, facets: dict[str, str], limit: int, offset: int) -> SearchPage:
    if not has_engine():
        raise Unavailable("Máy chủ này chưa có bộ tìm kiếm. Bà con dùng bộ lọc để xem danh sách.")
    import tantivy

    searcher = _searcher(source)
    asked = [(tantivy.Occur.Must, _words_query(searcher, words))]
    known = schema()
    asked += [
        (tantivy.Occur.Must, tantivy.Query.const_score_query(tantivy.Query.term_query(known, "facet", f"{name}={value}"), 0.0))
        for name, value in facets.items()
    ]
    found = searcher.search(
        tantivy.Query.boolean_query(asked), limit=limit, offset=offset, count=True, weight_by_field="moment"
    )
    total = int(found.count or 0)
    hits = [Hit(searcher.doc(address)["ref"][0], float(score)) for score, address in found.hits]
    return SearchPage(hits, min(total, COUNT_CAP), total > COUNT_CAP)


def _words_query(searcher: Any, words: str) -> Any:
    """Return the query for what was typed: half of it must occur, not counting what is in most texts anyway."""
    import tantivy

    known = schema()
    best = max((words, *telex_slips(words)), key=lambda form: _share_known(searcher, tokens(form)[:MOST_WORDS]))
    typed, marked = _read(best)
    typed = typed[:MOST_WORDS]
    frequency = {syllable: searcher.doc_freq("plain", syllable) for syllable in set(typed)}
    occurring = [syllable for syllable in typed if frequency[syllable]]
    telling = [syllable for syllable in occurring if frequency[syllable] <= FREQUENT * searcher.num_docs] or occurring
    if not telling:
        return tantivy.Query.empty_query()
    optional: list[tuple[Any, Any]] = []

    def add(field: str, term: str, boost: float) -> None:
        query_ = tantivy.Query.term_query(known, field, term, "freq")
        optional.append((tantivy.Occur.Should, tantivy.Query.boost_query(query_, boost)))

    for syllable in set(telling):
        add("title", syllable, _BOOST_TITLE)
    for pair in set(bigrams(typed)):
        add("pairs", pair, _BOOST_PAIRS)
    if marked_share(best) > 0:
        for word in set(marked[:MOST_WORDS]):
            add("marked", word, _BOOST_MARKED)
    must = [(tantivy.Occur.Must, tantivy.Query.term_query(known, field, term, "freq")) for field, term in _required(best)]
    needed = [(tantivy.Occur.Should, tantivy.Query.term_query(known, "plain", syllable, "freq")) for syllable in set(telling)]
    # Words nobody has written count as typed, but cannot be asked for.
    half = (len(needed) + len({syllable for syllable in typed if not frequency[syllable]}) + 1) // 2
    core = tantivy.Query.boolean_query(needed, minimum_number_should_match=min(half, len(needed)))
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, core), *must, *optional])


def _share_known(searcher: Any, syllables: list[str]) -> float:
    """Return which share (0–1) of `syllables` occurs at all: what was typed with the keyboard off does not."""
    return sum(searcher.doc_freq("plain", syllable) > 0 for syllable in syllables) / len(syllables) if syllables else 0.0


def _required(words: str) -> list[tuple[str, str]]:
    """Return the terms that what stands in quotes asks for: the pairs of its syllables, or the one it is."""
    required: list[tuple[str, str]] = []
    for part in _QUOTED.findall(words):
        syllables = tokens(part)[:MOST_WORDS]
        required += [("pairs", pair) for pair in bigrams(syllables)] or [("plain", syllable) for syllable in syllables]
    return required
