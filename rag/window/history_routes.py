"""The routes of the conversations: the list, files to take along, feedback, and what changes them.

Each user reaches their own only; an id of another's is answered as one that does not exist.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from corpus.errors import BadInput, CiteDeskError
from rag.window.exporting import as_json, as_markdown, file_name, rated
from rag.window.history import listing
from rag.window.routing import PRIVATE, data, fragment, get, post

if TYPE_CHECKING:
    from rag.window.site import Site

SHOWN = 60
MOST_SHOWN = 5_000
LONGEST_SEARCH = 200


def routes(site: Site) -> list[Route]:
    def conversations(request: Request) -> Response:
        """``?search=&limit=&current=&minutes=``; the last is how far the reader's clock is ahead of UTC."""
        asked = request.query_params
        search, limit = asked.get("search", "")[:LONGEST_SEARCH], _number(asked.get("limit"), SHOWN, 1, MOST_SHOWN)
        zone = timezone(timedelta(minutes=_number(asked.get("minutes"), 0, -900, 900)))
        try:
            found = site.conversations.list(site.user(request), search, limit=limit + 1)
        except CiteDeskError as error:  # said where the list would stand: the window works without it
            return fragment(listing((), now=datetime.now(UTC), notice=str(error)))
        return fragment(
            listing(
                found[:limit],
                now=datetime.now(zone),
                current=asked.get("current", ""),
                search=search.strip(),
                more=len(found) > limit,
                notice=site.conversations.notice,
            )
        )

    def as_text(request: Request) -> Response:
        kept = site.conversations.load(site.user(request), request.path_params["id"])
        return _download(as_markdown(kept), file_name(kept.title, "md"), "text/markdown")

    def as_values(request: Request) -> Response:
        kept = site.conversations.load(site.user(request), request.path_params["id"])
        text = json.dumps(as_json(kept), ensure_ascii=False, indent=1)
        return _download(text, file_name(kept.title, "json"), "application/json")

    def feedback(request: Request) -> Response:
        lines = rated(site.conversations.rated(site.user(request)))
        text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
        return _download(text, "feedback.jsonl", "application/x-ndjson")

    def rename(request: Request, sent: dict[str, Any]) -> Response:
        title = sent.get("title")
        if not isinstance(title, str):
            raise BadInput("a conversation needs a title")
        kept = site.conversations.rename(site.user(request), request.path_params["id"], title)
        return data({"title": kept})

    def delete(request: Request, sent: dict[str, Any]) -> Response:
        site.conversations.delete(site.user(request), request.path_params["id"])
        return data({})

    def rate(request: Request, sent: dict[str, Any]) -> Response:
        """``{conversation, turn, verdict, reason}``; a verdict of null takes it back."""
        id_, turn, verdict, reason = (sent.get(name) for name in ("conversation", "turn", "verdict", "reason"))
        if not isinstance(id_, str):
            raise BadInput("only an answer of a conversation that is kept can be judged")
        if not isinstance(turn, int) or isinstance(turn, bool) or not 0 <= turn < 2**31:
            raise BadInput("feedback needs the number of its turn")
        if verdict not in ("up", "down", None) or not isinstance(reason, str | None):
            raise BadInput("feedback is up, down or none, with a reason in words")
        site.conversations.feedback(site.user(request), id_, turn, verdict, reason or "")
        return data({})

    at = "/citedesk/conversations/{id}"
    return [
        get("/citedesk/conversations", conversations),
        get(f"{at}.md", as_text),
        get(f"{at}.json", as_values),
        post(f"{at}/rename", rename),
        post(f"{at}/delete", delete),
        post("/citedesk/feedback", rate),
        get("/citedesk/feedback.jsonl", feedback),
    ]


def _number(value: str | None, otherwise: int, least: int, most: int) -> int:
    try:
        return min(max(int(value or otherwise), least), most)
    except ValueError:
        return otherwise


def _download(text: str, name: str, kind: str) -> Response:
    plain = name.encode("ascii", errors="ignore").decode()
    plain = plain if plain.partition(".")[0].strip("-") else f"conversation.{name.rpartition('.')[2]}"
    where = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    headers = {**PRIVATE, "content-disposition": where, "x-content-type-options": "nosniff"}
    content = text.encode("utf-8", errors="replace")
    return Response(content, media_type=f"{kind}; charset=utf-8", headers=headers)
