"""The wheel: built, installed in an environment of its own, it answers a question about the sample it carries."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that has our wheel, and borrows our dependencies instead of installing 2 GB again."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    venv.create(folder / "env", with_pip=True)
    (wheel,) = folder.glob("citedesk-*.whl")
    python = folder / "env" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", str(wheel)], check=True)
    site = next((folder / "env" / "lib").glob("python*")) / "site-packages"
    # A plain path line: the .pth files over there, our own editable install among them, are not followed.
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder / "env"


def test_the_installed_command_answers_about_the_sample_inside(environment: Path, tmp_path: Path) -> None:
    citedesk = [str(environment / "bin" / "citedesk")]
    home = ["--home", str(tmp_path / "home"), "--json"]
    ingested = subprocess.run([*citedesk, "ingest", "--sample", *home], cwd=tmp_path, capture_output=True, check=True)
    assert len(json.loads(ingested.stdout)["added"]) == 16
    question = "How much will Selmark pay Orlund under the treaty?"
    asked = subprocess.run([*citedesk, "ask", question, *home], cwd=tmp_path, capture_output=True, check=True)
    answer = json.loads(asked.stdout)
    assert answer["status"] == "answered"
    assert "40 million crowns" in answer["citations"][0]["quote"]


def test_prompts_styles_and_scripts_are_inside(environment: Path, tmp_path: Path) -> None:
    script = (
        "import corpus, ui, pathlib; from rag.templates import Templates;"
        "here = pathlib.Path(ui.__file__).parent;"
        "said = len(Templates().prompt('hello').user) > 10;"
        "print(here, said, (here / 'ui.css').is_file(), (here / 'ui.js').is_file())"
    )
    python = environment / "bin" / "python"
    done = subprocess.run([python, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(str(environment))
    assert done.stdout.split()[1:] == ["True", "True", "True"]
