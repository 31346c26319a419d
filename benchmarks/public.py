"""Documents of the public sets that lie beside the repository; to measure with, never to keep.

Knows BEIR's corpus.jsonl. The sets are taken in turn, so that a few documents are a mixture too.
"""

from __future__ import annotations

import json
import sys
from itertools import chain, islice, zip_longest
from pathlib import Path

from benchmarks.record import ROOT
from corpus.document import Document, Header

FOLDER = ROOT.parent / "shared" / "benchmarks"
SETS = ("cranfield", "med", "scifact")


def documents(count: int) -> list[Document]:
    """At most ``count`` documents that hold text. Ends the program with status 2 where a set is absent."""
    files = [FOLDER / name / "corpus.jsonl" for name in SETS]
    if absent := [str(file) for file in files if not file.is_file()]:
        print(f"the public sets are not here: {', '.join(absent)}", file=sys.stderr)
        sys.exit(2)
    mixed = chain.from_iterable(zip_longest(*map(_read, files)))
    return list(islice((document for document in mixed if document and document.text.strip()), count))


def write(documents: list[Document], folder: Path) -> Path:
    """Each as a .txt file: the title, an empty line, the text. Gives the folder back."""
    folder.mkdir(parents=True, exist_ok=True)
    for document in documents:
        parts = filter(None, [document.header.title, document.text])
        (folder / f"{document.header.name}.txt").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return folder


def _read(file: Path) -> list[Document]:
    name = file.parent.name
    with file.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [Document(Header(f"{name}-{row['_id']}", title=row["title"] or None), row["text"]) for row in rows]
