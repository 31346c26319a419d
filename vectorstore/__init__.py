"""Keeps documents and finds passages: SQLite is the truth, Chroma and tantivy are caches of it."""
