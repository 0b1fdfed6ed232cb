"""Looks into one PDF and prints one word: ok, locked, active or broken. Run as a program of its own, never imported.

A hostile PDF can make any reader loop or swell. So it is read in a process that the system itself stops: limits of
processor time and memory are set before the file is opened, and the caller has a time limit besides.
"""

import logging
import re
import resource
import sys
from pathlib import Path

CPU_SECONDS = 10
MEMORY_BYTES = 768 * 1024 * 1024
MAX_OBJECTS = 100_000
MAX_PAGES = 3_000
MAX_DEPTH = 40

ACTIVE_KEYS = frozenset({"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/RichMedia", "/XFA", "/AA", "/Launch"})
ACTIVE_ACTIONS = frozenset(
    {
        "/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/Rendition", "/Movie", "/Sound", "/RichMediaExecute",
        "/GoToE", "/GoToR",
    }  # fmt: skip
)
ACTIVE_TYPES = frozenset({"/EmbeddedFile", "/RichMedia", "/FileAttachment", "/Screen", "/3D", "/Movie"})
ACTIVE_WORDS = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFiles?|FileAttachment|RichMedia|SubmitForm|ImportData)\b")
"""Names too long to occur by chance, looked for in the whole file: a reader that rebuilds a damaged table of objects also
finds objects that the table leaves out."""


class TooDeep(Exception):
    """Things within things within things: nothing that shows a page is built like that."""


def inspect(path: str) -> str:
    """Return the one word about the file at `path`."""
    from pypdf import PdfReader
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

    def is_active(value: object, depth: int = 0) -> bool:
        if depth > MAX_DEPTH:
            raise TooDeep
        if isinstance(value, IndirectObject):
            return False  # what it points at is an object of its own and is looked at there
        if isinstance(value, DictionaryObject):
            if not ACTIVE_KEYS.isdisjoint(value.keys()):
                return True
            if value.get("/S") in ACTIVE_ACTIONS:  # `get` follows a pointer to the name
                return True
            if any(value.get(key) in ACTIVE_TYPES for key in ("/Type", "/Subtype")):
                return True
            return any(is_active(value.raw_get(key), depth + 1) for key in value)
        if isinstance(value, ArrayObject):
            return any(is_active(list.__getitem__(value, place), depth + 1) for place in range(len(value)))
        return False

    reader = PdfReader(path, strict=False)
    if reader.is_encrypted:
        return "locked"
    if says_active_words(Path(path).read_bytes()):
        return "active"
    if not 1 <= len(reader.pages) <= MAX_PAGES:
        return "broken"
    numbers = {(number, generation) for generation, entries in reader.xref.items() for number in entries}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    if len(numbers) > MAX_OBJECTS:
        return "broken"
    if is_active(reader.trailer):
        return "active"
    for number, generation in sorted(numbers):
        if number and is_active(reader.get_object(IndirectObject(number, generation, reader))):
            return "active"
    return "ok"


def says_active_words(data: bytes) -> bool:
    """Return whether a name of something active stands anywhere in `data`, plain or with `#` escapes."""
    return bool(ACTIVE_WORDS.search(re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), data)))


def main() -> None:
    """Set the limits, look, print the word."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    logging.disable(logging.CRITICAL)
    try:
        word = inspect(sys.argv[1])
    except BaseException:  # whatever a hostile file makes the reader do, the answer is one word
        word = "broken"
    sys.stdout.write(word)


if __name__ == "__main__":
    main()
