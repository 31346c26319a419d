"""Hand work to the process that owns the archive: a chat window keeps it open, a command brings documents.

The owner listens on a local socket whose address and key stand in a file only its user can read. JSON goes
over it, one message at a time; nothing is unpickled.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from corpus.errors import BadInput, CiteDeskError
from rag.keeping.report import Outcome
from vectorstore.errors import ArchiveBusy

if TYPE_CHECKING:
    from rag.assistant import Assistant

_log = logging.getLogger(__name__)
_NOTE = "owner.json"


def ingest(
    home: Path, paths: Sequence[Path], options: Mapping[str, Any], *, otherwise: ArchiveBusy
) -> Iterator[Outcome]:
    """Have the owner ingest ``paths``, with the options of ``Assistant.ingest``; an outcome per document.

    Raises ``otherwise`` where no owner takes work.
    """
    request = {"do": "ingest", "paths": [str(path) for path in paths], "options": dict(options)}
    for message in _ask(home, request, otherwise):
        yield Outcome(**message)


def remove(home: Path, names: Sequence[str], *, otherwise: ArchiveBusy) -> None:
    """Have the owner remove documents. Raises ``otherwise`` where no owner takes work."""
    for _ in _ask(home, {"do": "remove", "names": list(names)}, otherwise):
        pass


def restore(home: Path, backup: Path, *, otherwise: ArchiveBusy) -> None:
    """Have the owner restore a backup. Raises ``otherwise`` where no owner takes work."""
    for _ in _ask(home, {"do": "restore", "backup": str(backup)}, otherwise):
        pass


@contextmanager
def serving(home: Path, desk: Assistant) -> Iterator[None]:
    """Take work from other processes meanwhile, one piece at a time."""
    key = secrets.token_bytes(32)
    with Listener(None, authkey=key) as listener:
        note = home / _NOTE
        descriptor = os.open(note, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"pid": os.getpid(), "address": listener.address, "key": key.hex()}, file)
        Thread(target=_serve, args=(listener, desk), name="handoff", daemon=True).start()
        try:
            yield
        finally:
            note.unlink(missing_ok=True)


def _ask(home: Path, request: dict[str, Any], otherwise: ArchiveBusy) -> Iterator[dict[str, Any]]:
    try:
        note = json.loads((home / _NOTE).read_text(encoding="utf-8"))
        if note["pid"] != otherwise.owner_pid or note["pid"] == os.getpid():
            raise otherwise  # left by a window that is gone, or we are the owner and busy ourselves
        connection = Client(note["address"], authkey=bytes.fromhex(note["key"]))
    except (OSError, ValueError, KeyError, TypeError, AuthenticationError, EOFError) as error:
        raise otherwise from error
    with connection:
        _send(connection, request)
        while True:
            try:
                message = json.loads(connection.recv_bytes())
            except (EOFError, OSError) as error:
                raise CiteDeskError(
                    f"process {otherwise.owner_pid} stopped before it was done; run the command again"
                ) from error
            if "error" in message:
                raise (BadInput if message["bad_input"] else CiteDeskError)(message["error"])
            if "done" in message:
                return
            yield message


def _serve(listener: Listener, desk: Assistant) -> None:
    while True:
        try:
            connection = listener.accept()
        except (AuthenticationError, EOFError, ConnectionError) as error:
            _log.warning("a process came without the key: %s", error)
            continue
        except OSError:
            return  # the listener was closed: the window is going
        with connection:
            try:
                _carry_out(connection, desk)
            except (OSError, EOFError) as error:
                _log.warning("the process that brought work went away: %s", error)
            except Exception:  # the window lives on, and takes the next piece of work
                _log.exception("work that another process brought could not be done")


def _carry_out(connection: Connection, desk: Assistant) -> None:
    request = json.loads(connection.recv_bytes())
    try:
        if request["do"] == "ingest":
            report = partial(_send, connection)
            desk.ingest(request["paths"], **request["options"], on_outcome=lambda outcome: report(asdict(outcome)))
        elif request["do"] == "remove":
            desk.remove(request["names"])
        else:
            desk.restore(request["backup"])
    except CiteDeskError as error:
        _send(connection, {"error": str(error), "bad_input": isinstance(error, BadInput)})
    else:
        _send(connection, {"done": True})


def _send(connection: Connection, message: dict[str, Any]) -> None:
    connection.send_bytes(json.dumps(message).encode())
