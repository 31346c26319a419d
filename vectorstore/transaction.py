"""A change of the archive: documents put in, taken out, moved; all of it or nothing.

Document and passage ids are never used twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from corpus import copies
from corpus.document import Document, Passage
from vectorstore import rows as rows_
from vectorstore.base import Vectors
from vectorstore.snapshot import Snapshot
from vectorstore.sql import marks
from vectorstore.stored import Entry, StoredFile

_CANDIDATES = 20  # documents compared closely with a new one


class Transaction(Snapshot):
    """A snapshot that may change the archive; nothing is kept unless all of it is."""

    def set_meta(self, values: Mapping[str, str]) -> None:
        self.connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    def add(
        self,
        document: Document,
        passages: Sequence[Passage],
        vectors: Vectors,
        *,
        source: str,
        file: str,
        sha256: str,
        stated: str = "{}",
    ) -> None:
        """Store a document under its name, in place of whatever has this name or was read from the same source."""
        for passage in passages:
            if document.text[passage.start : passage.end] != passage.text:
                raise ValueError(f"{document.header.name}: a passage is no slice of its document")
        self.remove(self._ids_at(source, document.header.name))
        columns = {
            **rows_.document_columns(document),
            "source": source,
            "file": file,
            "sha256": sha256,
            "stated": stated,
            "ingested": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        cursor = self.connection.execute(
            f"INSERT INTO documents ({', '.join(columns)}) VALUES ({marks(columns)})", list(columns.values())
        )
        document_id = cursor.lastrowid or 0
        self._add_passages(document_id, passages, vectors)
        self._join_copies(document_id, document)

    def note(self, file: StoredFile) -> None:
        """Keep what is known of a file, so that it need not be read again; of one without documents nothing is kept."""
        row = (file.path, file.sha256, file.stated, int(file.complete))
        self.connection.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", row)
        self._forget_if_empty(file.path)

    def _forget_if_empty(self, path: str) -> None:
        empty = "NOT EXISTS (SELECT 1 FROM documents WHERE file = ?1)"
        self.connection.execute(f"DELETE FROM files WHERE path = ?1 AND {empty}", (path,))

    def _read_again(self, path: str) -> None:
        """A file has to be read again: not all it holds is stored any more."""
        self.connection.execute("UPDATE files SET complete = 0 WHERE path = ?", (path,))
        self._forget_if_empty(path)

    def replace_passages(self, entry: Entry, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Other passages and vectors for a document that stays as it is, as after a change of embedder."""
        self._log_removal(entry.id)
        self.connection.execute("DELETE FROM passages WHERE document_id = ?", (entry.id,))
        self._add_passages(entry.id, passages, vectors)

    def remove(self, ids: Iterable[int]) -> None:
        """Take out those of the documents that are there."""
        for id_ in ids:
            row = self.connection.execute("SELECT file, copies FROM documents WHERE id = ?", (id_,)).fetchone()
            if row is None:
                continue
            file, group = row
            self._log_removal(id_)
            self.connection.execute("DELETE FROM documents WHERE id = ?", (id_,))
            self._read_again(file)
            if group is not None:
                self._group_again(group)

    def move(self, path: str, to: str) -> None:
        """The same file now lies elsewhere, with all that it holds."""
        there = "SELECT ?2 || substr(source, length(?1) + 1) FROM documents WHERE file = ?1"
        in_the_way = self.connection.execute(f"SELECT id FROM documents WHERE source IN ({there})", (path, to))
        self.remove([row[0] for row in in_the_way])
        self.connection.execute(
            "UPDATE documents SET file = ?2, source = ?2 || substr(source, length(?1) + 1) WHERE file = ?1", (path, to)
        )
        self.connection.execute("UPDATE OR REPLACE files SET path = ?2 WHERE path = ?1", (path, to))

    def displace(self, source: str, name: str) -> list[int]:
        """Have whatever was read from ``source``, or is called so, make room until it is removed or placed anew."""
        ids = self._ids_at(source, name)
        for id_ in ids:
            self.connection.execute(
                "UPDATE documents SET name = name || '~' || id, source = source || '~' || id WHERE id = ?", (id_,)
            )
        return ids

    def place(self, entry: Entry, *, name: str, source: str, file: str) -> None:
        """Give a document another place: its file was changed around it, or another file holds it now."""
        self.connection.execute(
            "UPDATE documents SET name = ?, source = ?, file = ? WHERE id = ?", (name, source, file, entry.id)
        )
        if entry.file != file:
            self._read_again(entry.file)

    def _ids_at(self, source: str, name: str) -> list[int]:
        rows = self.connection.execute("SELECT id FROM documents WHERE source = ? OR name = ?", (source, name))
        return [row[0] for row in rows]

    def _join_copies(self, document_id: int, document: Document) -> None:
        """Put a document into one group with those that say nearly the same."""
        sketch = copies.sketch(document)
        alike: dict[int, int] = {}
        for band, value in enumerate(sketch):
            rows = self.connection.execute(
                f"SELECT document_id FROM sketches WHERE band = ? AND value = ? LIMIT {_CANDIDATES}", (band, value)
            )
            for (other,) in rows:
                alike[other] = alike.get(other, 0) + 1
        self.connection.executemany(
            "INSERT INTO sketches VALUES (?, ?, ?)", [(band, value, document_id) for band, value in enumerate(sketch)]
        )
        for other in sorted(alike, key=lambda id_: -alike[id_])[:_CANDIDATES]:
            text = f"SELECT {rows_.DOCUMENT}, copies FROM documents WHERE id = ?"
            row = self.connection.execute(text, (other,)).fetchone()
            if copies.are_alike(document, rows_.document_from(row)):
                group = row[-1] if row[-1] is not None else other
                self.connection.execute(
                    "UPDATE documents SET copies = ? WHERE id IN (?, ?)", (group, document_id, other)
                )
                return

    def _group_again(self, group: int) -> None:
        """Put those of a group together that are alike without the one that has left it."""
        rows = self.connection.execute(f"SELECT id, {rows_.DOCUMENT} FROM documents WHERE copies = ?", (group,))
        left = {row[0]: rows_.document_from(row[1:]) for row in rows.fetchmany(_CANDIDATES + 1)}
        if len(left) > _CANDIDATES:
            return  # of so many, one is hardly all that holds them together
        while left:
            first = min(left)
            alike = {first: left.pop(first)}
            for one in (waiting := [alike[first]]):
                near = {id_: other for id_, other in left.items() if copies.are_alike(one, other)}
                alike.update(near)
                waiting.extend(near.values())
                left = {id_: other for id_, other in left.items() if id_ not in near}
            number = first if len(alike) > 1 else None
            self.connection.execute(f"UPDATE documents SET copies = ? WHERE id IN ({marks(alike)})", (number, *alike))

    def _add_passages(self, document_id: int, passages: Sequence[Passage], vectors: Vectors) -> None:
        first = self.last_passage_id() + 1
        self.connection.executemany(
            f"INSERT INTO passages VALUES ({marks(range(9))})",
            [(first + i, document_id, *rows_.passage_columns(passage)) for i, passage in enumerate(passages)],
        )
        self.connection.executemany(
            "INSERT INTO vectors VALUES (?, ?)",
            [(first + i, vector.astype("<f4").tobytes()) for i, vector in enumerate(vectors)],
        )
        self._log("add", document_id, first, len(passages))

    def _log_removal(self, document_id: int) -> None:
        sql = "SELECT coalesce(min(id), 0), count(*) FROM passages WHERE document_id = ?"
        first, count = self.connection.execute(sql, (document_id,)).fetchone()
        self._log("remove", document_id, first, count)

    def _log(self, kind: str, document_id: int, first: int, count: int) -> None:
        sql = "INSERT INTO changes (kind, document_id, first_passage, passages) VALUES (?, ?, ?, ?)"
        self.connection.execute(sql, (kind, document_id, first, count))
