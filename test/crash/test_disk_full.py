"""A full disk: writes stop with a clear error, reads go on, and nothing acknowledged is lost.

On a small tmpfs where mounting is allowed; everywhere on a limit for the size of one file, which fails writes to the
log and to tables alike.
"""
import os
import resource
import signal
import subprocess

import pytest

from harness.raw import ApiError, RawClient
from harness.server import Server
from harness.tables import S, schema, wait_for

FILE_BYTES = 8 * 1024 * 1024
TMPFS_BYTES = 48 * 1024 * 1024


def limit_files():
    """Writes beyond the limit fail with EFBIG instead of killing the process."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


@pytest.fixture
def tmpfs(tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={TMPFS_BYTES}", "tmpfs", str(place)], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def write_until_refused(client: RawClient, megabytes: int) -> tuple[list[str], ApiError]:
    """The keys acknowledged before the first refusal, and the refusal."""
    acknowledged = []
    for i in range(megabytes * 5):
        # Random text: what compresses away would not fill a disk.
        value = os.urandom(100_000).hex()
        try:
            client.call("PutItem", TableName="full", Item={"pk": S(f"k{i}"), "v": S(value)})
        except ApiError as error:
            return acknowledged, error
        acknowledged.append(f"k{i}")
    pytest.fail(f"{megabytes} MB were written and nothing was refused")


def check_reads(client: RawClient, acknowledged: list[str]):
    for key in acknowledged[::7] + acknowledged[-3:]:
        assert len(client.call("GetItem", TableName="full", Key={"pk": S(key)})["Item"]["v"]["S"]) == 200_000


def prepare(server: Server) -> RawClient:
    client = RawClient(server.endpoint, *server.credentials)
    client.call("CreateTable", TableName="full", **schema("pk"))
    wait_for("ACTIVE", lambda: client.call("DescribeTable", TableName="full")["Table"]["TableStatus"] == "ACTIVE")
    return client


def assert_clear(error: ApiError):
    assert error.answer.status in (500, 503), error
    assert error.code in ("InternalServerError", "ServiceUnavailable"), error
    assert error.message, "a refusal says why"


def full_disk(server: Server, megabytes: int):
    client = prepare(server)
    acknowledged, error = write_until_refused(client, megabytes)
    assert_clear(error)
    assert len(acknowledged) > 5
    check_reads(client, acknowledged)
    with pytest.raises(ApiError) as again:
        client.call("PutItem", TableName="full", Item={"pk": S("again"), "v": S(os.urandom(100_000).hex())})
    assert_clear(again.value)
    assert server.process.poll() is None, "the server goes on"
    assert server.console_get("/-/ready")[0] == 503, "it takes no more traffic that writes"
    client.close()
    return acknowledged


def test_a_limit_on_files():
    server = Server(preexec=limit_files)
    try:
        server.start()
        acknowledged = full_disk(server, 400)
        server.kill()
        server.preexec = None
        server.start()  # somebody has made room
        client = RawClient(server.endpoint, *server.credentials)
        check_reads(client, acknowledged)
        client.call("PutItem", TableName="full", Item={"pk": S("room again")})
        client.close()
        assert server.stop() == 0
    finally:
        server.remove()


def test_a_full_file_system(tmpfs):
    server = Server(data=tmpfs / "data")
    try:
        server.start()
        acknowledged = full_disk(server, 4 * TMPFS_BYTES // (1024 * 1024))
        server.kill()
        subprocess.run(["mount", "-o", f"remount,size={4 * TMPFS_BYTES}", str(tmpfs)], check=True, capture_output=True)
        server.start()
        client = RawClient(server.endpoint, *server.credentials)
        check_reads(client, acknowledged)
        client.call("PutItem", TableName="full", Item={"pk": S("room again")})
        client.close()
        assert server.stop() == 0
    finally:
        server.remove()
