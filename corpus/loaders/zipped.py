"""ZIP archives of documents, and the limits that every ZIP-based format is held to."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import PurePosixPath
from stat import S_ISLNK
from unicodedata import normalize

from corpus.errors import BadInput, UnreadableFile
from corpus.loaders.member import Member
from corpus.loaders.sniffing import suffix_to_read
from corpus.manifest import FILE_NAME, Manifest

MAX_MEMBERS = 2_000
MAX_TOTAL_BYTES = 200_000_000
MAX_RATIO = 100
_DIRECTORY_ENTRY = b"PK\x01\x02"
_ARCHIVES = (".zip", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".tar")
_SMALL_BYTES = 1_000_000  # what may be pressed harder: a megabyte hurts nobody


def open_checked(data: bytes) -> zipfile.ZipFile:
    """The archive, none of it unpacked yet. Raises UnreadableFile for one past our limits or damaged.

    What a member claims as its size bounds what zipfile gives of it.
    """
    if data.count(_DIRECTORY_ENTRY) > MAX_MEMBERS:  # counted before a directory of millions is read
        raise UnreadableFile(f"holds over {MAX_MEMBERS:,} members; unpack it and ingest the folder")
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableFile(f"is a damaged ZIP archive ({error}); get it again") from error
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise UnreadableFile(f"holds {len(members):,} members, over the limit of {MAX_MEMBERS:,}; unpack it")
    total = sum(member.file_size for member in members)
    if total > MAX_TOTAL_BYTES:
        raise UnreadableFile(f"unpacks to {total / 1e6:,.0f} MB, over the limit of {MAX_TOTAL_BYTES / 1e6:.0f} MB")
    for member in members:
        if member.file_size > max(_SMALL_BYTES, MAX_RATIO * max(member.compress_size, 1)):
            ratio = member.file_size / max(member.compress_size, 1)
            raise UnreadableFile(f"is pressed {ratio:,.0f} to 1, over the limit of {MAX_RATIO} to 1: a zip bomb?")
    ends_at = 0
    for member in sorted(members, key=lambda each: each.header_offset):
        if member.header_offset < ends_at:
            raise UnreadableFile("has members that overlap: it is damaged, or a zip bomb")
        ends_at = member.header_offset + member.compress_size
    if total > max(_SMALL_BYTES, MAX_RATIO * len(data)):
        raise UnreadableFile(f"unpacks to over {MAX_RATIO} times its size: a zip bomb?")
    return archive


def unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """A member's content. Raises UnreadableFile where it is locked or damaged."""
    if member.flag_bits & 0x1:
        raise UnreadableFile("is locked with a password; unpack it and ingest the folder")
    try:
        return archive.read(member)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise UnreadableFile(f"is damaged inside its archive ({error})") from error


def members(data: bytes, name: str) -> Iterator[Member]:
    """Every member whose suffix is that of a document; a ``manifest.csv`` inside says more of them."""
    with open_checked(data) as archive:
        manifest = _manifest(archive)
        for member in archive.infolist():
            # A Mac writes "ü" as two characters, which look like one and are found by nobody who types it.
            path = PurePosixPath(normalize("NFC", member.filename.replace("\\", "/")))
            if member.is_dir() or path.name == FILE_NAME or any(_is_hidden(part) for part in path.parts):
                continue
            inside = "/".join(part for part in path.parts if part not in ("/", "..") and ":" not in part)
            suffix = path.suffix.lower()
            yield _member(archive, member, f"{name}/{inside}", suffix, manifest)


def _is_hidden(part: str) -> bool:
    return part.startswith(".") and part != ".."


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, suffix: str, manifest: Manifest) -> Member:
    if S_ISLNK(member.external_attr >> 16):
        return Member(name, suffix, refusal="is a link inside an archive; links are not followed")
    if member.filename.startswith(("/", "\\")) or ".." in PurePosixPath(member.filename.replace("\\", "/")).parts:
        return Member(name, suffix, refusal="has a path that leads out of its archive; it is not read")
    if suffix in _ARCHIVES:
        return Member(name, suffix, refusal="is an archive inside an archive; unpack it first")
    try:
        data = unpacked(archive, member)
        if suffix == ".json":  # one record, or a list of them
            suffix, _ = suffix_to_read(data, suffix)
        stated = manifest.fields_of(member.filename) or manifest.fields_of(normalize("NFC", member.filename))
        return Member(name, suffix, data, stated=stated)
    except UnreadableFile as error:
        return Member(name, suffix, refusal=str(error))


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    found = next((member for member in archive.infolist() if member.filename == FILE_NAME), None)
    if found is None:
        return Manifest({})
    try:
        return Manifest.parse(unpacked(archive, found))
    except BadInput as error:
        raise UnreadableFile(f"holds a {FILE_NAME} that cannot be used: {error}") from error
