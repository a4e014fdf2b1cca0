"""How a demonstration ends: every part of it, in the time that was promised, even one that will not listen."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from lti_tool.cli.demo import end_all

POLITE = "print(flush=True); import time; time.sleep(60)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + POLITE
PARENT = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {POLITE!r}]).pid, flush=True); "


def _started(code: str) -> tuple[subprocess.Popen[bytes], bytes]:
    """A process of its own session that has begun, with its first line."""
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
    assert child.stdout is not None
    line = child.stdout.readline()
    child.stdout.close()
    return child, line


def _lives(pid: int) -> bool:
    # A killed grandchild may stay a zombie where nobody takes it over: it has ended all the same.
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def test_who_listens_ends_by_itself() -> None:
    child, _line = _started(POLITE)

    end_all([child], patience=30)

    assert child.returncode == -signal.SIGTERM


def test_who_does_not_listen_is_killed_and_keeps_nobody_else() -> None:
    deaf, _line = _started(DEAF)
    polite, _line = _started(POLITE)
    begun = time.monotonic()

    end_all([deaf, polite, *(_started(DEAF)[0] for _ in range(3))], patience=1)

    assert (deaf.returncode, polite.returncode) == (-signal.SIGKILL, -signal.SIGTERM)
    assert time.monotonic() - begun < 30


def test_what_a_deaf_part_has_started_is_killed_with_it() -> None:
    deaf, line = _started(PARENT + DEAF)
    grandchild = int(line)
    assert _lives(grandchild)

    end_all([deaf], patience=0.5)

    deadline = time.monotonic() + 10
    while _lives(grandchild) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _lives(grandchild)


def test_who_has_ended_already_is_no_trouble() -> None:
    child, _line = _started("print(flush=True)")
    child.wait(30)

    end_all([child], patience=1)

    assert child.returncode == 0
