"""Who may use the window: names, and lines that stand for their passwords, in a file of the archive's folder.

Passwords themselves are kept nowhere. Knows nothing of requests.
"""

from __future__ import annotations

import getpass
import hashlib
import hmac
import os
import re
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from corpus.errors import BadInput

FILE = "window-users"
PASSWORD = "CITEDESK_PASSWORD"  # noqa: S105 - the name of a variable
LEAST_CHARACTERS, MOST_CHARACTERS = 8, 1_000

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_COST = {"n": 1 << 14, "r": 8, "p": 5}  # 16 MB and about 0.2 s of one core, as OWASP asks of scrypt
_HASH = re.compile(r"scrypt:([0-9]{1,7}):([0-9]{1,3}):([0-9]{1,3}):([0-9a-f]{32}):([0-9a-f]{64})")
NOBODY = f"scrypt:{_COST['n']}:{_COST['r']}:{_COST['p']}:{'0' * 32}:{'0' * 64}"  # takes as long as one that is right


def hashed(password: str) -> str:
    """One line that stands for a password. Raises BadInput for one that is too short or too long."""
    if not LEAST_CHARACTERS <= len(password) <= MOST_CHARACTERS:
        raise BadInput(f"a password has {LEAST_CHARACTERS} to {MOST_CHARACTERS:,} characters; this one has not")
    salt = secrets.token_bytes(16)
    key = hashlib.scrypt(password.encode(), salt=salt, dklen=32, **_COST)
    return ":".join(["scrypt", *map(str, _COST.values()), salt.hex(), key.hex()])


def is_password(password: str, line: str) -> bool:
    """Whether ``line`` was made from it."""
    found = _HASH.fullmatch(line)
    if found is None:
        return False
    n, r, p = (int(found[at]) for at in (1, 2, 3))
    key = hashlib.scrypt(
        password[:MOST_CHARACTERS].encode("utf-8", "surrogatepass"),
        salt=bytes.fromhex(found[4]),
        n=n,
        r=r,
        p=p,
        dklen=32,
    )
    return hmac.compare_digest(key, bytes.fromhex(found[5]))


def read_users(home: Path) -> dict[str, str]:
    """Names and the lines that stand for their passwords, as the archive's folder has them; none where it has none.

    Raises BadInput for a file that cannot be understood.
    """
    path = home / FILE
    try:
        lines = path.read_text("utf-8").split("\n")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error
    users = {}
    for number, line in enumerate(lines, start=1):
        name, _, rest = line.strip().partition(":")
        if not line.strip() or line.startswith("#"):
            continue
        if not _NAME.fullmatch(name) or not _HASH.fullmatch(rest):
            raise BadInput(f"line {number} of {path} is no user; write it with: citedesk ui --add-user NAME")
        users[name] = rest
    return users


def write_users(home: Path, users: Mapping[str, str]) -> Path:
    """Keep these and no others, in a file that only its owner reads."""
    path = home / FILE
    home.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{FILE}.new")
    text = "".join(f"{name}:{line}\n" for name, line in sorted(users.items()))
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return path


def check_name(name: str) -> str:
    """Raises BadInput for a name that no user can have."""
    if not _NAME.fullmatch(name):
        raise BadInput(f"{name!r} is no name for a user: letters, digits, dots, dashes and underlines, at most 64")
    return name


def password(name: str, file: Path | None = None) -> str:
    """The password for ``name``: the first line of ``file``, else CITEDESK_PASSWORD, else what is typed.

    Never an argument of the command: those can be read by everybody on a machine. Raises BadInput where none is found.
    """
    if file is not None:
        try:
            return file.read_text("utf-8").split("\n", 1)[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"the password cannot be read from {file}: {error}") from error
    if given := os.environ.get(PASSWORD):
        return given
    if not sys.stdin.isatty():
        raise BadInput(f"there is no password for {name}: set {PASSWORD}, or name a file with --password-file")
    typed = getpass.getpass(f"Password for {name}: ")
    if getpass.getpass("The same once more: ") != typed:
        raise BadInput("these were two different passwords; try again")
    return typed
