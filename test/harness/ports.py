"""Ports for servers under test: no two askers are given the same one, not within a run nor in two at once.

A process of tests owns one share of the ports outside the ephemeral range (clients' own ends come from there) for as
long as it lives, by a lock on a file. It gives them out in turn, so that a port comes back last: a stopped server that
starts again finds its own still free.
"""
import fcntl
import functools
import itertools
import os
import socket
import tempfile
from pathlib import Path

SHARE = 200
FIRST, LAST = 10_000, 65_000


def ephemeral() -> range:
    low, high = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    return range(int(low), int(high) + 1)


def shares() -> list[range]:
    taken = ephemeral()
    found = [range(start, start + SHARE) for start in range(FIRST, LAST, SHARE)]
    apart = [share for share in found if share[-1] < taken[0] or share[0] > taken[-1]]
    return apart or found


@functools.cache
def own_share():
    """An endless turn through the share of this process, and the lock that makes it its own."""
    folder = Path(tempfile.gettempdir()) / f"reprise-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    for share in shares():
        lock = open(folder / str(share[0]), "w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        return itertools.cycle(share), lock
    raise RuntimeError(f"every share of the ports is taken: see {folder}")


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    turn, _ = own_share()
    for port in itertools.islice(turn, SHARE):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no port of this process's share is free")
