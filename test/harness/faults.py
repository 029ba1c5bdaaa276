"""Servers that end themselves, as SIGKILL would, at a fault point (src/base/fault_point.h)."""
import re
import subprocess

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from harness.server import ROOT, Server

# What a client sees of a server that dies under its request.
DIED = (BotoCoreError, ClientError, OSError)


def fault_points(*sources: str) -> set[str]:
    """The names of the fault points in the sources that these patterns name, below src/."""
    found = set()
    for pattern in sources:
        for source in (ROOT / "src").glob(pattern):
            found |= set(re.findall(r'FAULT_POINT\("([a-z_.]+)"\)', source.read_text()))
    assert found, f"no fault points in {sources}"
    return found


def wait_killed(server: Server, seconds: float = 60):
    """Waits for an armed server to have ended itself."""
    try:
        code = server.process.wait(seconds)
    except subprocess.TimeoutExpired:
        pytest.fail("the fault point was not reached")
    assert code == -9, f"the server ended by itself:\n{server.output()}"


def kill_at(server: Server, point: str, tell):
    """Restarts a running server so that it dies at `point` ("family.step", or "family.step:N" for the N-th time) while
    `tell()` sends requests, or after them, and starts it again as it was."""
    server.stop()
    server.environment = {"REPRISE_FAULT_POINT": point}
    server.start()
    try:
        tell()
    except DIED:
        pass
    wait_killed(server)
    server.environment = {}
    server.start()
