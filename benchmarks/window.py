"""The window under load: it is started as a person starts it, and 25 people ask at once over HTTP, each on a page.

Every person asks some questions one after the other, as a page does: the question goes into Gradio's queue, the answer
comes as events. First words are there when an event first brings HTML with text of the answer, which is what the page
shows; the whole answer when its last event is there. Start-up is from the command to the page's first 200.

Does not show: what a browser takes to draw it, nor a network between; the people share this machine with the window.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import httpx

from benchmarks.record import command, record, table
from corpus import sample
from rag import Assistant

QUESTIONS = (
    "What did the harbour office say about the ferry?",
    "Who is the mayor?",
    "How much does the new bridge cost?",
    "What happened in March 2024?",
    "When does the line open again?",
    "Who spoke against the plan, and why?",
)
NOT_SHOWN = (
    "Does not show: what a browser takes to draw an answer, nor a network between; the people share the machine with "
    "the window."
)
_TEXT = re.compile(r'class=\\?"cd-text[^>]*>(?!\s*<)[^<]')


@dataclass(frozen=True)
class Asked:
    """One question: seconds until its first words, and until all of it; or what failed."""

    first_s: float = 0.0
    whole_s: float = 0.0
    error: str = ""


async def ask_all(address: str, *, people: int, each: int) -> list[Asked]:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(base_url=address, timeout=120, limits=limits, trust_env=False) as client:
        config = (await client.get("config")).json()
        function = next(found["id"] for found in config["dependencies"] if found["api_name"] == "page_ask")
        done = await asyncio.gather(*(_person(client, function, number, each) for number in range(people)))
    return [asked for person in done for asked in person]


async def _person(client: httpx.AsyncClient, function: int, number: int, each: int) -> list[Asked]:
    session, conversation, found = secrets.token_hex(6), None, []
    for turn in range(each):
        question = f"{QUESTIONS[(number + turn) % len(QUESTIONS)]} ({number}-{turn})"
        sent = {"ask": secrets.token_hex(16), "question": question, "keep": turn, "conversation": conversation}
        try:
            asked, conversation = await _one(client, function, session, sent)
        except (httpx.HTTPError, ValueError) as error:
            asked = Asked(error=f"{type(error).__name__}: {error}")
        found.append(asked)
        if asked.error:
            break
    return found


async def _one(
    client: httpx.AsyncClient, function: int, session: str, sent: dict[str, object]
) -> tuple[Asked, str | None]:
    start = time.perf_counter()
    first, shown = 0.0, ""
    body = {"data": [None], "event_data": sent, "fn_index": function, "session_hash": session}
    (await client.post("gradio_api/queue/join", json=body)).raise_for_status()
    async with client.stream("GET", f"gradio_api/queue/data?session_hash={session}") as events:
        events.raise_for_status()
        async for line in events.aiter_lines():
            if not line.startswith("data: "):
                continue
            message, now = json.loads(line.removeprefix("data: ")), time.perf_counter() - start
            if message["msg"] in ("process_generating", "process_completed"):
                if not message.get("success", True):
                    return Asked(error=f"failed: {message.get('output')}"), None
                told = json.dumps(message["output"])
                shown += told
                first = first or (now if _TEXT.search(told) else 0.0)
            if message["msg"] == "process_completed":
                break
    whole = time.perf_counter() - start
    if str(sent["question"]) not in shown:
        return Asked(error="the answer is to another question"), None
    kept = re.findall(r'data-conversation=\\"([\w-]{10,})', shown)
    if not kept:
        return Asked(error="the conversation was not kept"), None
    return Asked(first or whole, whole), kept[-1]


def start(home: Path, port: int) -> tuple[subprocess.Popen[str], str, float]:
    """A window in a process of its own, its address, and the seconds until its page was there."""
    began = time.perf_counter()
    window = subprocess.Popen(
        [sys.executable, "-m", "rag", "ui", "--home", str(home), "--port", str(port)],
        stdout=subprocess.PIPE, text=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    assert window.stdout is not None
    address = window.stdout.readline().strip()
    if not address:
        raise SystemExit("the window did not start")
    httpx.get(address, trust_env=False).raise_for_status()
    return window, address, time.perf_counter() - began


def percentile(values: Sequence[float], percent: float) -> float:
    """By nearest rank, so that it is a time that was measured."""
    return sorted(values)[max(ceil(percent / 100 * len(values)), 1) - 1]


def report(people: int, starts: Sequence[float], found: Sequence[Asked]) -> list[str]:
    right = [asked for asked in found if not asked.error]
    rows = [["", "p50", "p95", "worst"]]
    for name, times in (
        ("first words", [asked.first_s for asked in right]),
        ("whole answer", [asked.whole_s for asked in right]),
    ):
        cells = [percentile(times, percent) for percent in (50, 95, 100)] if times else [float("nan")] * 3
        rows.append([name, *(f"{seconds:.2f} s" for seconds in cells)])
    errors = sorted({asked.error for asked in found if asked.error})
    return [
        f"{people} people at once, {len(found)} questions, {len(found) - len(right)} errors. "
        f"From the command to the page: {', '.join(f'{seconds:.1f} s' for seconds in starts)}.",
        *(f"- {error}" for error in errors),
        "",
        *table(*rows),
        "",
        NOT_SHOWN,
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", metavar="DIR", type=Path, help="an archive (else one of the sample is made)")
    parser.add_argument("--people", type=int, default=25, metavar="N")
    parser.add_argument("--each", type=int, default=4, metavar="N", help="questions of each (4)")
    parser.add_argument("--starts", type=int, default=3, metavar="N", help="how often the window is started (3)")
    parser.add_argument("--port", type=int, default=7899)
    parser.add_argument("--record", action="store_true", help="keep the figures in RESULTS.md")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        home = options.home or Path(folder) / "home"
        if options.home is None:
            with Assistant.open(home) as desk:
                desk.ingest(sample.folder())
        starts, found = [], []
        for number in range(options.starts):
            window, address, seconds = start(home, options.port)
            starts.append(seconds)
            try:
                if number == options.starts - 1:
                    asyncio.run(ask_all(address, people=1, each=1))  # what the first question of all would load
                    found = asyncio.run(ask_all(address, people=options.people, each=options.each))
            finally:
                window.send_signal(signal.SIGINT)
                window.wait(timeout=30)
    lines = report(options.people, starts, found)
    print("\n".join(lines))
    if options.record:
        record("The window", command(), lines)
    return 1 if any(asked.error for asked in found) else 0


if __name__ == "__main__":
    sys.exit(main())
