"""What a run was made with, so that it can be believed and done again: versions, machine, settings, archive, prompts.

Knows this machine, this installation and an archive's own notes. Keys never come near it: only the environment has
them, and of the environment it takes nothing but the names of our settings.
"""

from __future__ import annotations

import os
import platform
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import Any

from rag.llm.calling import Caller
from rag.setup import Setup
from rag.templates import Templates
from vectorstore.archive import Archive

_ROOT = Path(__file__).resolve().parents[2]
_NAME = re.compile(r"[\w.-]+")
_VARIABLE = "CITEDESK_"


def compared(setup: Setup, archive: Mapping[str, Any], questions_sha256: str) -> dict[str, str]:
    """What must be the same in two halves of one run, by what people call it."""
    settings = {name: value for name, (value, _) in setup.settings.items() if name not in ("home", "llm", "prompts")}
    return {
        "question set": questions_sha256,
        "archive": str(archive["id"]),
        "contents of the archive": str(archive["changes"]),
        "embedder": f"{archive['embedder']} {archive['fingerprint']}",
        "chunking": str(archive["chunking"]),
        "model": model(setup.caller)["name"],
        "prompts": prompts_sha256(setup.templates),
        "version": f"{_version()} {_commit().get('commit') or ''}".strip(),
        **{f"setting {name}": value for name, value in sorted(settings.items())},
    }


def surroundings() -> dict[str, Any]:
    """The versions and the machine."""
    return {
        "citedesk": _version(),
        **_commit(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "packages": dict(_packages()),
    }


def archive(home: Path) -> dict[str, Any]:
    """The archive in ``home``: which it is, how often it has changed, and how it was indexed."""
    with Archive(home / "archive.db").read() as snapshot:
        documents, passages = snapshot.counts()
        indexed = {key: snapshot.meta(key) for key in ("embedder", "fingerprint", "dimension", "chunking")}
        return {
            "home": str(home),
            "id": snapshot.id(),
            "changes": snapshot.head(),
            "documents": documents,
            "passages": passages,
            **indexed,
        }


def model(caller: Caller | None) -> dict[str, Any]:
    """The language model's name and limits; no address and no key."""
    if caller is None:
        return {"name": "built-in"}
    return {
        "name": caller.provider.name,
        "local": caller.provider.is_local,
        "context_tokens": caller.provider.context_tokens,
        "limits": vars(caller.limits),
    }


def prompts_sha256(templates: Templates) -> str:
    """Changes with any word of any prompt in force."""
    in_force = {file.name: file.read_bytes() for file in files("prompts").iterdir() if file.name.endswith(".md")}
    if templates.folder is not None:
        in_force |= {file.name: file.read_bytes() for file in templates.folder.glob("*.md") if file.name in in_force}
    digest = sha256()
    for name, text in sorted(in_force.items()):
        digest.update(f"{name} {len(text)}\n".encode() + text)
    return digest.hexdigest()


def command(
    questions: Path, out: Path, home: Path, setup: Setup, *,
    limit: int | None, seed: int | None, workers: int, also: Sequence[str] = (),
) -> str:  # fmt: skip
    """A line for a shell that asks the same questions of the same archive again, into a folder of its own.

    ``also`` are more of its words: what the answers are scored with.
    """
    words = ["citedesk", "eval", "run", str(questions.absolute()), "--home", str(home)]
    words += ["--out", f"{out.absolute()}-again", "--workers", str(workers)]
    words += ["--limit", str(limit)] if limit is not None else []
    words += ["--seed", str(seed)] if seed is not None else []
    words += also
    variables = []
    for name, (value, origin) in setup.settings.items():
        if name == "llm" and origin == "--llm":
            words += ["--llm", value if setup.caller else "none"]
        elif origin.startswith(_VARIABLE) and name != "home":
            variables.append(f"{origin}={shlex.quote(value)}")
    return " ".join([*variables, shlex.join(words)])


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _version() -> str:
    try:
        return metadata.version("citedesk")
    except metadata.PackageNotFoundError:
        return "not installed"


def _packages() -> Iterator[tuple[str, str]]:
    """The versions of the packages that ours needs."""
    try:
        needed = metadata.requires("citedesk") or []
    except metadata.PackageNotFoundError:
        needed = []
    for requirement in sorted(needed):
        name = _NAME.match(requirement)
        if name is None or "extra ==" in requirement:
            continue
        try:
            yield name.group(), metadata.version(name.group())
        except metadata.PackageNotFoundError:
            yield name.group(), "missing"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def _commit() -> dict[str, Any]:
    """The commit that runs, and whether files differ from it; nothing where this is no checkout of ours."""
    commit = _git("rev-parse", "HEAD") if (_ROOT / ".git").exists() else ""
    if not commit:
        return {"commit": None}
    return {"commit": commit, "changed": bool(_git("status", "--porcelain", "--untracked-files=no"))}


def _git(*arguments: str) -> str:
    words: Sequence[str] = ["git", "--no-optional-locks", *arguments]  # others may be committing meanwhile
    try:
        done = subprocess.run(words, cwd=_ROOT, capture_output=True, text=True, check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
