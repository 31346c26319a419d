"""The README is true: its commands print what it shows, and its example runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CITEDESK = f"{sys.executable} -m rag"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_commands_print_what_the_readme_shows(tmp_path: Path) -> None:
    commands = re.split(r"^\$ ", blocks("console")[0], flags=re.MULTILINE)[1:]
    environment = {**os.environ, "CITEDESK_HOME": str(tmp_path / "home")}
    for command, expected in (block.split("\n", 1) for block in commands):
        ours = re.sub(r"^citedesk", CITEDESK, command)
        done = subprocess.run(ours, shell=True, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == expected.strip()


def test_the_python_example_runs(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "sample").symlink_to(ROOT / "corpus" / "sample")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    (example,) = blocks("python")
    script = tmp_path / "example.py"
    script.write_text(example, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("answered ")
    assert "verbatim" in done.stdout


def test_every_command_that_the_readme_names_exists() -> None:
    from rag.__main__ import main

    for command in {match for block in blocks("console") for match in re.findall(r"citedesk ([a-z]+)", block)}:
        with pytest.raises(SystemExit) as stopped:
            main([command, "--help"])
        assert stopped.value.code == 0


def test_the_documents_it_points_to_are_there() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / target).is_file(), target
