"""A command run in a fresh process: how long from its start to its exit, what it used, what it said.

Peak memory is the kernel's own figure for the largest single process among the child and those it waited for.
Linux starts that figure at the size of the parent, so a script that reports it must stay small itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.record import ROOT

HEAVY = ("torch", "sentence_transformers", "chromadb")
_KIB_PER_MAXRSS = 1 / 1024 if sys.platform == "darwin" else 1  # macOS counts bytes
_PROBE = """
import sys
from rag.__main__ import main
try:
    sys.exit(main(sys.argv[2:]))
finally:
    with open(sys.argv[1], "w") as file:
        print(*(name for name in {heavy!r} if name in sys.modules), file=file)
"""


@dataclass(frozen=True)
class Finished:
    """``cpu_s`` counts every thread, and the processes that the child waited for."""

    seconds: float
    cpu_s: float
    peak_mib: float
    output: str


def run(*command: str) -> Finished:
    """Run to the end; leaves this program with the child's complaint where the child fails."""
    settings = {key: value for key, value in os.environ.items() if not key.startswith("CITEDESK_")}
    with TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        with out.open("wb") as stdout, err.open("wb") as stderr:
            start = time.perf_counter()
            child = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=stdout, stderr=stderr)
            _, status, used = os.wait4(child.pid, 0)
            seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            complaint = err.read_text(encoding="utf-8", errors="replace")
            sys.exit(f"exit status {child.returncode} of {' '.join(command)}\n{complaint}")
        output = out.read_text(encoding="utf-8")
    return Finished(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * _KIB_PER_MAXRSS / 1024, output)


def citedesk(*arguments: str) -> Finished:
    """The command as it is installed beside this interpreter."""
    return run(str(Path(sys.executable).with_name("citedesk")), *arguments)


def probed(*arguments: str) -> tuple[Finished, list[str]]:
    """The same command started through Python, and which of the ``HEAVY`` packages it had imported at its exit."""
    with TemporaryDirectory() as folder:
        seen = Path(folder, "modules")
        finished = run(sys.executable, "-c", _PROBE.format(heavy=HEAVY), str(seen), *arguments)
        return finished, seen.read_text(encoding="utf-8").split()
