"""The floor: send a petition, follow one, read what is published – plain HTML, no script, at most 60 KB a page."""
