"""Waiting for what happens by itself, with a deadline far behind it: a slow machine is no failure."""
import time

import pytest


def wait_for(what: str, condition, seconds: float = 60):
    """Polls until `condition()` is true; its value. Fails naming what was waited for."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            pytest.fail(f"waited {seconds} s for {what}")
        time.sleep(0.02)
