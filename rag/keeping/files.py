"""The files to ingest: found under paths, called by name, with what is said of them beside them.

Knows folders and manifests. Reads no document.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from corpus.document import Field
from corpus.errors import BadInput
from corpus.loaders import read_bytes, readable_suffixes
from corpus.manifest import FILE_NAME, Manifest
from rag.keeping.report import Outcome

_NAME_CHARACTERS, _SUFFIX_CHARACTERS = 100, 10
_NAME_BYTES = 180  # a file system takes some 255, however few characters they are

_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))}  # Windows

OPTION = "--"  # how the origin of what was said on the command line begins
Fields = Mapping[str, Field]


@dataclass(frozen=True)
class File:
    """A file, its name relative to the folder that was given, and what a manifest says of what it holds.

    ``stated`` has fields by document: "" for all of them, else what follows the file's name: "#12".
    """

    path: Path
    name: str
    stated: Mapping[str, Fields] = field(default_factory=dict)

    def folders_above(self) -> list[Path]:
        """From the nearest, those that ``name`` does not have already."""
        return list(self.path.resolve().parents)[len(Path(self.name).parts) - 1 :]


def find(paths: Sequence[Path]) -> tuple[list[File], list[Outcome]]:
    """The files to read, folders walked in order of name, and what cannot even be looked at."""
    found: dict[Path, str] = {}
    failures: list[Outcome] = []
    suffixes = set(readable_suffixes())
    for path in paths:
        try:
            path.lstat()
        except FileNotFoundError:
            failures.append(Outcome(str(path), "failed", "does not exist; check the path", str(path)))
            continue
        except (OSError, ValueError) as error:
            failures.append(Outcome(str(path), "failed", f"cannot be looked at ({error})", str(path)))
            continue
        if path.is_dir():
            inside = [f for f in sorted(path.rglob("*")) if not f.is_dir() and _is_visible(f.relative_to(path))]
            readable = [f for f in inside if f.suffix.lower() in suffixes and f.name != FILE_NAME]
            if not readable:
                others = f" ({len(inside)} of other formats)" if inside else ""
                reason = f"holds no file we can read{others}; readable: {' '.join(sorted(suffixes))}"
                failures.append(Outcome(str(path), "failed", reason, str(path)))
            for file in readable:
                found.setdefault(file, file.relative_to(path).as_posix())
        else:
            found.setdefault(path, path.name)
    manifests = _Manifests()
    files = []
    for path, name in found.items():
        if _is_utf_8(path):
            files.append(File(path, name, manifests.of(path, name)))
        else:
            shown = str(path).encode(errors="surrogateescape").decode(errors="replace")
            failures.append(Outcome(shown, "failed", "has a name that is not UTF-8; rename it", shown))
    return files, [*failures, *manifests.failures]


def named(paths: Mapping[Path, str]) -> tuple[list[File], list[Outcome]]:
    """Files that have their names already, with what is said of them now; and the manifests that cannot be used."""
    manifests = _Manifests()
    files = [File(path, name, manifests.of(path, name)) for path, name in paths.items()]
    return files, manifests.failures


class _Manifests:
    """The manifests of folders, each read once."""

    def __init__(self) -> None:
        self._read: dict[Path, Manifest | None] = {}
        self.failures: list[Outcome] = []

    def of(self, path: Path, name: str) -> dict[str, Fields]:
        """What the manifests in the file's folder, and in those above it that were walked, say of it."""
        stated: dict[str, dict[str, Field]] = {}
        depth = len(Path(name).parts)
        for folder in reversed(path.parents[:depth]):  # the nearest has the last word
            manifest = self._in(folder)
            for where, fields in _rows(manifest, path.relative_to(folder).as_posix()) if manifest else ():
                stated.setdefault(where, {}).update(fields)
        return dict(stated)

    def _in(self, folder: Path) -> Manifest | None:
        if folder not in self._read:
            self._read[folder] = self._parsed(folder / FILE_NAME)
        return self._read[folder]

    def _parsed(self, path: Path) -> Manifest | None:
        if not path.is_file():
            return None
        try:
            return Manifest.parse(read_bytes(path))
        except BadInput as error:
            self.failures.append(Outcome(str(path), "failed", f"is not used: {error}", str(path)))
            return None


def _rows(manifest: Manifest, file: str) -> Iterator[tuple[str, Fields]]:
    """The manifest's rows on a file, by what follows the file's name in them."""
    for named, fields in manifest.rows.items():
        rest = named.removeprefix(file)
        if named == file or (rest != named and rest[0] in "#/"):
            yield rest, fields


def merged(*stated: Mapping[str, Fields]) -> dict[str, dict[str, Field]]:
    """All that is said, what comes later counting for more."""
    together: dict[str, dict[str, Field]] = {}
    for each in stated:
        for where, fields in each.items():
            together.setdefault(where, {}).update(fields)
    return together


def fields_at(stated: Mapping[str, Fields], where: str) -> dict[str, Field]:
    """What is said of the document ``where`` in its file: a row of its own counts for more, an option for most."""
    of_all = stated.get("", {})
    return {**of_all, **stated.get(where, {}), **_options(of_all)}


def options_in(stated: Mapping[str, Fields]) -> dict[str, dict[str, Field]]:
    """What holds on without being said again: a manifest speaks anew each time, an option once."""
    return {where: _options(fields) for where, fields in stated.items() if _options(fields)}


def _options(fields: Fields) -> dict[str, Field]:
    return {name: given for name, given in fields.items() if given.origin.startswith(OPTION)}


def as_json(stated: Mapping[str, Fields]) -> str:
    plain = {where: _plain(fields) for where, fields in stated.items() if fields}
    return json.dumps(plain, sort_keys=True)


def from_json(stored: str) -> dict[str, dict[str, Field]]:
    return {where: _fields(plain) for where, plain in json.loads(stored).items()}


def fields_as_json(fields: Fields) -> str:
    return json.dumps(_plain(fields), sort_keys=True)


def fields_from_json(stored: str) -> dict[str, Field]:
    return _fields(json.loads(stored))


def _plain(fields: Fields) -> dict[str, list[str]]:
    return {name: [given.value, given.origin] for name, given in fields.items()}


def _fields(plain: Mapping[str, Sequence[str]]) -> dict[str, Field]:
    return {name: Field(value, origin) for name, (value, origin) in plain.items()}


def safe_file_name(name: str) -> str:
    """The last part of a name from elsewhere, without what a file system or a screen could trip over."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c if c.isprintable() and c not in '<>:"|?*' else "_" for c in last).strip(". ")
    stem, dot, suffix = kept.rpartition(".")
    if not dot:
        stem, suffix = kept, ""
    if stem.upper() in _DEVICES:
        stem = f"_{stem}"
    stem = stem[:_NAME_CHARACTERS].encode()[:_NAME_BYTES].decode(errors="ignore")
    return f"{stem or 'document'}{dot}{suffix[:_SUFFIX_CHARACTERS]}"


def _is_utf_8(path: Path) -> bool:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_visible(path: Path) -> bool:
    return not any(part.startswith(".") for part in path.parts)
