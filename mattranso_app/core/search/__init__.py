"""The one search of all tools: ranked words over Vietnamese texts, derived from PostgreSQL and rebuilt from it at any time.

    search.register_source("petitions", fetch=fetch_documents, iterate=iterate_documents)
    await search.touch(session, "petitions", ref)            # in the transaction that changes the document
    page = await search.query("petitions", "nước có mùi lạ", facets={"province": "vn/46/"})

`sources` (what can be searched, and the note of a change), `index` (tantivy: BM25 over unaccented syllables, neighbours and
marked syllables), `place` (where it lies, who may write), `follower` (keeps the index of this host current, in the worker).
"""

from mattranso_app.core.search.follower import doctor, reindex
from mattranso_app.core.search.index import MOST_FOUND, Hit, SearchPage, query
from mattranso_app.core.search.sources import Document, register_source, touch

__all__ = ["MOST_FOUND", "Document", "Hit", "SearchPage", "doctor", "query", "register_source", "reindex", "touch"]
