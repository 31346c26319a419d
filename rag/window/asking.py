"""One question from the page to its growing exchange: what was sent, what is shown, what the session keeps.

Knows answers, conversations and HTML. Knows nothing of gradio, which only carries the values.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING, Any, get_args

from corpus.errors import INTERNAL_ERROR, BadInput, CiteDeskError
from rag.answer import Answer, AssumptionKind, Turn
from rag.window.choices import Choice, choice
from rag.window.exchange import exchange, refusal

if TYPE_CHECKING:
    from rag.window.choices import Choices
    from rag.window.conversations import Conversations

logger = logging.getLogger(__name__)

HISTORY_TURNS = 20
MOST_CHARACTERS = 200  # of a setting that was sent; a question has its own limit
STOPS_KEPT = 1_000
STOPPED = "Stopped before it was finished."

_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Session:
    """What one page has on it: the conversation's id once it is kept, and its answers, oldest first."""

    conversation: str | None = None
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True)
class Sent:
    """A question as a page sends it.

    ``ask`` is a name that the page gave to this asking; the first ``keep`` answers of ``conversation`` stay, what
    followed is replaced.
    """

    ask: str
    question: str
    keep: int = 0
    conversation: str | None = None
    without: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    outlet: str | None = None
    chosen: Choice = field(default_factory=Choice)

    @classmethod
    def of(cls, data: object) -> Sent:
        """Raises BadInput for what no page of ours sends."""
        if not isinstance(data, Mapping):
            raise BadInput("what was sent is no question")
        ask, question, keep = (data.get("ask"), data.get("question"), data.get("keep", 0))
        without = data.get("without") or ()
        if not isinstance(ask, str) or not _TOKEN.fullmatch(ask) or not isinstance(question, str):
            raise BadInput("what was sent is no question")
        if isinstance(keep, bool) or not isinstance(keep, int) or keep < 0 or not isinstance(without, list | tuple):
            raise BadInput("what was sent is no question")
        if unknown := [kind for kind in without if kind not in get_args(AssumptionKind)]:
            raise BadInput(f"no kind of assumption is called {unknown[0]!r}")
        texts = {name: _text(data, name) for name in ("conversation", "since", "until", "outlet")}
        return cls(ask, question.strip(), keep, without=tuple(without), chosen=choice(data), **texts)

    @property
    def limits(self) -> str:
        """Which documents alone were asked, in words; empty where all were."""
        period = " ".join(filter(None, (self.since and f"from {self.since}", self.until and f"until {self.until}")))
        parts = [f"of {self.outlet}" if self.outlet else "", f"published {period}" if period else ""]
        return " ".join(filter(None, parts))


def _text(data: Mapping[str, Any], name: str) -> str | None:
    value = data.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > MOST_CHARACTERS:
        raise BadInput(f"{name} is not usable as it was sent")
    return value


class Stops:
    """The askings that are to stop, by the names that their pages gave them. Safe to use from several threads."""

    def __init__(self) -> None:
        self._asked: dict[str, None] = {}
        self._lock = Lock()

    def stop(self, ask: str) -> None:
        with self._lock:
            self._asked[ask] = None
            while len(self._asked) > STOPS_KEPT:  # of askings that had ended already
                del self._asked[next(iter(self._asked))]

    def is_stopped(self, ask: str) -> bool:
        return ask in self._asked


def continued(session: Session, sent: Sent, kept: Conversations, user: str) -> Session:
    """The session that a question goes on from: this page's own, or the conversation that it has opened since."""
    if sent.conversation != session.conversation or sent.keep > len(session.answers):
        answers = kept.load(user, sent.conversation).answers if sent.conversation else ()
        session = Session(sent.conversation, answers)
    return replace(session, answers=session.answers[: sent.keep])


def exchanges(
    choices: Choices, kept: Conversations, stops: Stops, *, user: str, session: Session, sent: Sent
) -> Iterator[tuple[str, Session | None]]:
    """The exchange as HTML, again whenever it has grown; with the last one comes the session as it is from then on."""
    try:
        session = continued(session, sent, kept, user)
    except CiteDeskError as error:
        yield refusal(_sentence(error), sent.ask), session
        return
    turn, answer = len(session.answers), Answer(sent.question, "", "incomplete", "")
    before: Answer | None = None
    try:
        for answer in paced(_growing(choices, session, sent)):
            if stops.is_stopped(sent.ask):
                answer = stopped(answer)
                break
            # While a model is silent the same comes again, so that a stop is heard; the page has it already. The
            # sources are long: they come along only where they changed.
            if before is None or (answer.text, answer.composer, answer.citations) != (
                before.text, before.composer, before.citations
            ):  # fmt: skip
                has_sources = before is None or answer.citations != before.citations
                yield _shown(answer, turn, sent, working=True, with_sources=has_sources), None
            before = answer
    except GeneratorExit:  # the page is gone; what it had is in its conversation
        _keep(kept, user, replace(session, answers=(*session.answers, stopped(answer))))
        raise
    except BadInput as error:
        yield refusal(_sentence(error), sent.ask), session
        return
    except CiteDeskError as error:
        answer = replace(answer, text=_sentence(error), status="error")
    except Exception:
        logger.exception("the window could not answer a question")
        answer = replace(answer, text=INTERNAL_ERROR, status="error")
    if sent.limits:
        answer = replace(answer, notes=(f"Only documents {sent.limits} were asked.", *answer.notes))
    session, problem = _keep(kept, user, replace(session, answers=(*session.answers, answer)))
    if problem:
        answer = replace(answer, notes=(*answer.notes, f"This conversation is not kept: {problem}"))
    yield _shown(answer, turn, sent, conversation=session.conversation or ""), session


def _growing(choices: Choices, session: Session, sent: Sent) -> Iterator[Answer]:
    return choices.desk(sent.chosen).stream(
        sent.question,
        history=history(session.answers),
        without=sent.without,
        k=sent.chosen.k,
        now=sent.chosen.now,
        since=sent.since,
        until=sent.until,
        outlet=sent.outlet,
    )


def _shown(answer: Answer, turn: int, sent: Sent, **more: Any) -> str:
    return exchange(answer, turn, ask=sent.ask, without=sent.without, **more)


def _keep(kept: Conversations, user: str, session: Session) -> tuple[Session, str]:
    """The session with the id under which it is kept; or as it was, and why it is not."""
    try:
        return replace(session, conversation=kept.save(user, session.conversation, session.answers)), ""
    except CiteDeskError as error:
        return session, _sentence(error)
    except Exception:
        logger.exception("the window could not keep a conversation")
        return session, INTERNAL_ERROR


def _sentence(error: CiteDeskError) -> str:
    """Our errors as a page says them: they are written to stand behind a colon."""
    said = str(error)
    return said[:1].upper() + said[1:]


def stopped(answer: Answer) -> Answer:
    """What is left of an answer when it is stopped here."""
    return replace(answer, status="incomplete", notes=(*answer.notes, STOPPED))


def history(answers: Sequence[Answer]) -> list[Turn]:
    """The last turns of a conversation that got some answer."""
    return [Turn(each.question, each.text) for each in answers if each.status != "error"][-HISTORY_TURNS:]


def paced(
    answers: Iterable[Answer], *, every_s: float = 0.05, clock: Callable[[], float] = time.monotonic
) -> Iterator[Answer]:
    """The answers at most one per ``every_s``; the last one always comes."""
    due, held = clock(), None
    for answer in answers:
        held = answer
        if clock() >= due:
            yield answer
            due, held = clock() + every_s, None
    if held is not None:
        yield held
