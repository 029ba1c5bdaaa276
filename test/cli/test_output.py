"""What a command does when nothing can be printed, and with flags that say nothing."""
import os
import subprocess

import pytest

from harness.cli import run_cli
from harness.raw import RawClient
from harness.server import Server, binary
from harness.users import create_user, statement

# Short ones stand in the buffer until the end; the list of users is longer than it.
COMMANDS = [["user", "list"], ["user", "list", "--json"], ["key", "list"], ["verify"], ["help"], ["help", "user", "add"],
            ["--help"], ["--version"]]


@pytest.fixture(scope="module")
def server():
    with Server() as found:
        root = RawClient(found.endpoint, *found.credentials)
        for number in range(60):
            create_user(root, statement("*", "*"), name=f"user-{number}")
        yield found


def full_disk():
    return os.open("/dev/full", os.O_WRONLY)


def closed_pipe():
    read_end, write_end = os.pipe()
    os.close(read_end)
    return write_end


@pytest.mark.parametrize("where", [full_disk, closed_pipe])
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_output_that_cannot_be_written_is_an_error(server, words, where):
    output = where()
    try:
        done = subprocess.run([str(binary()), *words], env=server.aws_environment | {"AWS_ENDPOINT_URL": server.endpoint},
                              stdout=output, stderr=subprocess.PIPE, timeout=120)
    finally:
        os.close(output)
    assert (done.returncode, done.stderr) == (4, b"reprise: cannot write to standard output\n")


def test_an_error_that_cannot_be_told_has_its_exit_code():
    error = full_disk()
    try:
        assert subprocess.run([str(binary()), "nope"], stderr=error, timeout=120).returncode == 2
    finally:
        os.close(error)


@pytest.mark.parametrize("flag", ["--endpoint", "--region", "--profile"])
def test_an_empty_flag_is_not_the_default(server, flag):
    """What a script gives whose variable is not set must not quietly mean another server."""
    done = run_cli(server, "user", "list", flag, "")
    assert (done.code, done.error) == (2, f"{flag}: must not be empty; see 'reprise user list --help'")
