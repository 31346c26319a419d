"""A folder of prompts of one's own: what is there is used, and what cannot be is refused, never passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import BadInput
from rag.templates import Templates


def test_a_prompt_saved_with_a_byte_order_mark_or_windows_lines_is_the_same_prompt(tmp_path: Path) -> None:
    (tmp_path / "hello.md").write_bytes(b"\xef\xbb\xbfBe brief.\r\n\r\n---\r\n\r\nSay: ready\r\n")
    prompt = Templates(tmp_path).prompt("hello")
    assert (prompt.system, prompt.user) == ("Be brief.", "Say: ready")


def test_a_folder_without_any_prompt_is_refused(tmp_path: Path) -> None:
    (tmp_path / "answer.txt").write_text("{{passages}}")
    (tmp_path / "README.md").write_text("My prompts.")
    with pytest.raises(BadInput, match=r"holds no prompt; there are answer\.md, passage\.md"):
        Templates(tmp_path)


def test_a_prompt_that_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "answer.md").mkdir()
    with pytest.raises(BadInput, match=r"answer\.md cannot be read"):
        Templates(tmp_path)
    (tmp_path / "answer.md").rmdir()
    (tmp_path / "answer.md").symlink_to(tmp_path / "gone.md")
    with pytest.raises(BadInput, match=r"answer\.md cannot be read"):
        Templates(tmp_path)
