"""The rules of the house: imports go one way, each package has one home, nothing heavy is imported at once."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ["corpus", "vectorstore", "rag", "ui"]  # each may import itself and those before it
HOMES: dict[str, str | tuple[str, ...]] = {
    "chromadb": "vectorstore/chroma.py",
    "tantivy": "vectorstore/lexical.py",
    "filelock": "vectorstore/lock.py",
    "onnxruntime": "vectorstore/embedders/minilm.py",
    "sentence_transformers": "vectorstore/embedders/sentence_model.py",
    "tokenizers": "vectorstore/embedders/minilm.py",
    # Models that run in this process, whatever for, are loaded by the same library with the same care.
    "torch": ("vectorstore/embedders/minilm.py", "vectorstore/model_folder.py"),
    "transformers": "vectorstore/model_folder.py",
    "docx": "corpus/loaders/docx.py",
    "lxml": "corpus/loaders/epub.py",
    "py3langid": "corpus/language.py",
    "pypdf": "corpus/loaders/pdf/",  # a folder is one home
    "rensa": "corpus/copies.py",
    "charset_normalizer": "corpus/decoding.py",
    "dateparser": "corpus/dates.py",
    "syntok": "corpus/sentences.py",
    "tiktoken": "corpus/tokens.py",
    "trafilatura": "corpus/loaders/html.py",
    "yaml": "corpus/loaders/markdown.py",
    "anthropic": "rag/llm/anthropic.py",
    "openai": "rag/llm/openai.py",
    "httpx": "rag/llm/embeddings.py",
    "tqdm": "rag/console.py",
    "gradio": "ui.py",
    "pydantic": "rag/window/conversations.py",
    "starlette": ("rag/window/", "ui.py"),
    "uvicorn": "rag/window/server.py",
}
SHARED = {"numpy", "platformdirs"}  # plain values, and where a platform keeps its files
FORBIDDEN_NAMES = {"utils.py", "common.py", "helpers.py", "misc.py"}
PRODUCT = [path for room in ROOMS[:3] for path in sorted((ROOT / room).rglob("*.py"))] + [ROOT / "ui.py"]


def imported(path: Path) -> list[str]:
    """The dotted names of everything a file imports, wherever in it."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.append(node.module)
    return names


def homes_of(package: str) -> tuple[str, ...]:
    homes = HOMES.get(package, ())
    return (homes,) if isinstance(homes, str) else homes


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", PRODUCT, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way_and_every_package_has_one_home(path: Path) -> None:
    here = str(path.relative_to(ROOT))
    # The command line opens the window: the one place that looks up.
    allowed = ROOMS[: ROOMS.index(room_of(path)) + 1] + (["ui"] if here == "rag/__main__.py" else [])
    for name in imported(path):
        top = name.split(".")[0]
        if top in ROOMS:
            assert top in allowed, f"{here} imports {name}"
        elif top not in sys.stdlib_module_names and top not in SHARED:
            homes = homes_of(top)
            assert any(here == home or (home.endswith("/") and here.startswith(home)) for home in homes), (
                f"{here} imports {name}, whose home is {' or '.join(homes) or 'not named yet'}"
            )


def test_every_home_is_lived_in() -> None:
    for package, home in [(each, home) for each in HOMES for home in homes_of(each)]:
        files = (ROOT / home).glob("*.py") if home.endswith("/") else [ROOT / home]
        assert package in {name.split(".")[0] for file in files for name in imported(file)}, f"{home} lacks {package}"


def test_no_file_is_a_drawer_for_everything() -> None:
    assert not [path for path in PRODUCT if path.name in FORBIDDEN_NAMES]


def test_only_build_takes_a_config() -> None:
    takers = [path for path in PRODUCT if "rag.config" in imported(path) or "Config" in path.read_text("utf-8").split()]
    names = {str(path.relative_to(ROOT)) for path in takers}
    assert names <= {"rag/build.py", "rag/config.py"}


@pytest.mark.parametrize(
    "room", ["corpus", "vectorstore", "rag", "rag.assistant", "rag.build", "rag.llm.transformers", "vectorstore.index"]
)
def test_importing_a_room_loads_nothing_heavy(room: str) -> None:
    heavy = {
        "torch",
        "chromadb",
        "gradio",
        "onnxruntime",
        "tantivy",
        "sentence_transformers",
        "trafilatura",
        "openai",
        "transformers",
    }
    script = f"import sys, {room}; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_every_third_party_package_is_accounted_for() -> None:
    listed = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower().replace("-", "_")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [each for name, extra in project["optional-dependencies"].items() if name != "dev" for each in extra]
    for dependency in [*project["dependencies"], *extras]:
        name = re.split("[>=]", dependency)[0].replace("-", "_")
        assert f"`{name.lower()}`" in listed, f"docs/dependencies.md says nothing of {name}"
