"""Keep what a benchmark measured: a section of RESULTS.md with the command, date, commit and processor beside it.

Knows text and this machine. Does not know whether a figure is good.
"""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).with_name("RESULTS.md")
_HEAD = "# Results\n\nEach section is written by the command in it, run with `--record`.\n"


def record(name: str, command: str, lines: Sequence[str], results: Path = RESULTS) -> None:
    """Write the section ``name``, in the place of an older one of that name, else at the end."""
    about = f"`{command}`\n\n{date.today().isoformat()}, commit {_commit()}, {processor()}"
    fresh = f"{name}\n\n{about}\n\n" + "\n".join(lines) + "\n"
    head, *sections = (results.read_text(encoding="utf-8") if results.exists() else _HEAD).split("\n## ")
    names = [section.partition("\n")[0] for section in sections]
    if name in names:
        sections[names.index(name)] = fresh
    else:
        sections.append(fresh)
    results.write_text("\n\n## ".join(part.strip("\n") for part in [head, *sections]) + "\n", encoding="utf-8")


def command() -> str:
    """The command that started this script, without ``--record``."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--record"]
    return shlex.join(["python", "-m", f"benchmarks.{Path(sys.argv[0]).stem}", *arguments])


def table(*rows: Sequence[str]) -> list[str]:
    """A Markdown table, columns aligned; the first row is its heading."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ["| " + " | ".join(f"{c:{w}}" for c, w in zip(row, widths, strict=True)) + " |" for row in rows]
    return [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]


def processor() -> str:
    """The processor as it names itself, and how many of its cores are here."""
    try:
        cpuinfo = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        cpuinfo = ""
    models = [line.partition(":")[2].strip() for line in cpuinfo.splitlines() if line.startswith("model name")]
    return f"{models[0] if models else platform.processor() or platform.machine()}, {os.cpu_count()} cores"


def _commit() -> str:
    """The short hash of HEAD, with a word where files under version control, prose aside, differ from it."""
    commit = _git("rev-parse", "--short", "HEAD").stdout.strip()
    if not commit:
        return "unknown"
    changed = _git("diff", "--quiet", "HEAD", "--", ".", ":!*.md").returncode
    return commit + (" with changes" if changed else "")


def _git(*arguments: str) -> subprocess.CompletedProcess[str]:
    # No optional locks: others may be committing meanwhile.
    return subprocess.run(
        ["git", "--no-optional-locks", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
