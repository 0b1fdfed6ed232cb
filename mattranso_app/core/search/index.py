"""The inverted index of one source on this host (tantivy), and asking it.

Measured in docs/adr/0004: what ranks best on Vietnamese is BM25 over unaccented syllables together with pairs of
neighbours; whoever types marks gets texts with the same marks first. Two tone placements count as the same marks.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mattranso_app.core.errors import Unavailable
from mattranso_app.core.search.sources import Document
from mattranso_app.core.text import bigrams, canonical_tone_placement, marked_share, telex_slips, tokens
from mattranso_app.settings import settings

MOST_FOUND = 1_000
"""How deep results go."""
COUNT_CAP = 10_000
MOST_WORDS = 24
FREQUENT = 0.25
"""A syllable in more than this share of the documents says little and costs much: it is left out beside rarer ones."""
_BOOST_TITLE, _BOOST_PAIRS, _BOOST_MARKED = 2.0, 2.0, 0.5
_WORD = re.compile(r"\w+")


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


def directory(source: str) -> Path:
    """Return where the index of `source` lies on this host."""
    return settings().data_dir / "search" / source


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

    syllables = tokens(f"{document.title}\n{document.body}")
    made = tantivy.Document()
    made.add_text("ref", document.ref)
    made.add_text("title", " ".join(tokens(document.title)))
    made.add_text("plain", " ".join(syllables))
    made.add_text("pairs", " ".join(bigrams(syllables)))
    made.add_text("marked", " ".join(_marked(f"{document.title} {document.body}")))
    for name, value in document.facets.items():
        made.add_text("facet", f"{name}={value}")
    made.add_unsigned("moment", int(document.moment.timestamp()) if document.moment else 0)
    return made


def _marked(text: str) -> list[str]:
    return _WORD.findall(canonical_tone_placement(text).lower())


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
    return await asyncio.to_thread(_query, source, words[:400], dict(facets or {}), limit, offset)


_open: dict[str, tuple[str, Any]] = {}


def _searcher(source: str) -> Any:
    """Return a searcher on the newest committed state; the index object is kept, reloading it is cheap."""
    import tantivy

    place = str(directory(source))
    known = _open.get(source)
    if known is None or known[0] != place:
        if not tantivy.Index.exists(place):
            raise Unavailable("Chỉ mục tìm kiếm đang được dựng. Bà con thử lại sau ít phút; danh sách bên dưới vẫn xem được.")
        index = tantivy.Index.open(place)
        index.config_reader("manual", 0)
        known = _open[source] = (place, index)
    known[1].reload()
    return known[1].searcher()


def _query(source: str, words: str, facets: dict[str, str], limit: int, offset: int) -> SearchPage:
    try:
        import tantivy
    except ImportError as error:
        raise Unavailable("Máy chủ này chưa có bộ tìm kiếm. Bà con dùng bộ lọc để xem danh sách.") from error
    searcher = _searcher(source)
    asked = [(tantivy.Occur.Must, _words_query(searcher, words))]
    known = schema()
    asked += [
        (tantivy.Occur.Must, tantivy.Query.const_score_query(tantivy.Query.term_query(known, "facet", f"{name}={value}"), 0.0))
        for name, value in facets.items()
    ]
    found = searcher.search(tantivy.Query.boolean_query(asked), limit=limit, offset=offset, count=True)
    total = int(found.count or 0)
    hits = [Hit(searcher.doc(address)["ref"][0], float(score)) for score, address in found.hits]
    return SearchPage(hits, min(total, COUNT_CAP), total > COUNT_CAP)


def _words_query(searcher: Any, words: str) -> Any:
    """Return the query for what was typed: at least half of its telling syllables must occur."""
    import tantivy

    known = schema()
    best = " ".join([words, *telex_slips(words)[:1]])
    typed = tokens(best)[:MOST_WORDS]
    if not typed:
        return tantivy.Query.empty_query()
    documents = max(1, searcher.num_docs)
    frequency = {syllable: searcher.doc_freq("plain", syllable) for syllable in set(typed)}
    telling = [syllable for syllable in typed if frequency[syllable] <= FREQUENT * documents] or typed
    optional: list[tuple[Any, Any]] = []

    def add(field: str, term: str, boost: float) -> None:
        query_ = tantivy.Query.term_query(known, field, term, "freq")
        optional.append((tantivy.Occur.Should, tantivy.Query.boost_query(query_, boost)))

    for syllable in set(telling):
        add("title", syllable, _BOOST_TITLE)
    for pair in set(bigrams(typed)):
        add("pairs", pair, _BOOST_PAIRS)
    if marked_share(best) > 0:
        for word in set(_marked(best)):
            add("marked", word, _BOOST_MARKED)
    quoted = re.findall(r'"([^"]+)"', words)
    neighbours = [pair for part in quoted for pair in bigrams(tokens(part))]
    must = [(tantivy.Occur.Must, tantivy.Query.term_query(known, "pairs", pair, "freq")) for pair in neighbours]
    needed = [(tantivy.Occur.Should, tantivy.Query.term_query(known, "plain", syllable, "freq")) for syllable in set(telling)]
    core = tantivy.Query.boolean_query(needed, minimum_number_should_match=max(1, (len(needed) + 1) // 2))
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, core), *must, *optional])
