"""A full disk: writes are refused early and clearly, deletes and reads go on, nothing acknowledged is lost, and writes
come back by themselves with the room for them.

On a small tmpfs where mounting is allowed, with a file beside the data directory as the other process that takes the
rest of the disk; everywhere on a limit for the size of one file, which fails writes to the log and to tables alike.
"""
import concurrent.futures
import hashlib
import os
import resource
import signal
import subprocess
import threading
import time

import pytest
from botocore.exceptions import ClientError

from harness.raw import ApiError, RawClient
from harness.s3 import s3_client
from harness.server import REGION, Server
from harness.tables import S, schema
from harness.waiting import wait_for

MIB = 1 << 20
FILE_BYTES = 8 * MIB
TMPFS_BYTES = 160 * MIB


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


class Filler:
    """A file that takes room from the file system of the data directory."""

    def __init__(self, place):
        self.place, self.path = place, place / "filler"

    def free(self) -> int:
        disk = os.statvfs(self.place)
        return disk.f_bavail * disk.f_frsize

    def take(self, size: int | None = None):
        """That many bytes, or all there are, to the last block, at once."""
        with open(self.path, "ab", buffering=0) as file:
            wanted = self.free() if size is None else size
            while wanted >= 4096:
                try:
                    os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), wanted)
                except OSError:
                    wanted //= 2  # somebody else has just taken some
                if size is not None:
                    return
                wanted = min(wanted, self.free())

    def remove(self):
        self.path.unlink()


class Story:
    """What clients of both APIs were told: the value of every item and object that was acknowledged."""

    def __init__(self, server):
        self.server, self.items, self.objects, self.unsure = server, {}, {}, set()
        self.dynamo = prepare(server)
        self.s3 = s3_client(server)
        for bucket in ("bucket", "versioned"):
            self.make_bucket(bucket)
        self.s3.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})

    def make_bucket(self, name: str):
        self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})

    def reconnect(self):
        self.dynamo = RawClient(self.server.endpoint, *self.server.credentials)
        self.s3 = s3_client(self.server)

    def put_item(self, key: str, size=3000):
        self.unsure.add(key)
        value = os.urandom(size).hex()
        self.dynamo.call("PutItem", TableName="full", Item={"pk": S(key), "v": S(value)})
        self.items[key] = value

    def put_object(self, key: str, size=3000, bucket="bucket"):
        body = os.urandom(size)
        self.s3.put_object(Bucket=bucket, Key=key, Body=body)
        self.objects[bucket, key] = hashlib.sha256(body).digest()

    def fill(self, put, name: str) -> Exception:
        """Puts until one is refused; the refusal."""
        for i in range(1_000_000):
            try:
                put(f"{name}{i}")
            except (ApiError, ClientError) as error:
                return error
        return pytest.fail("nothing was refused")

    def delete_some(self, count: int):
        """By every call that deletes."""
        keys = list(self.items)[: 3 * count]
        for key in keys[:count]:
            self.dynamo.call("DeleteItem", TableName="full", Key={"pk": S(key)})
        deletes = [{"DeleteRequest": {"Key": {"pk": S(key)}}} for key in keys[count:2 * count]]
        for i in range(0, len(deletes), 25):
            answer = self.dynamo.call("BatchWriteItem", RequestItems={"full": deletes[i:i + 25]})
            assert not answer["UnprocessedItems"]
        self.dynamo.call("TransactWriteItems", ClientRequestToken=f"token-{keys[-1]}", TransactItems=[
            {"Delete": {"TableName": "full", "Key": {"pk": S(key)}}} for key in keys[2 * count:]])
        for key in keys:
            del self.items[key]
        for bucket in ("bucket", "versioned"):
            names = [key for owner, key in self.objects if owner == bucket][:2 * count]
            for key in names[:count]:
                self.s3.delete_object(Bucket=bucket, Key=key)
            self.s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in names[count:]]})
            for key in names:
                del self.objects[bucket, key]

    def check(self):
        """Everything that was acknowledged is there, whole, and what was deleted is not."""
        found, start = {}, {}
        while True:
            page = self.dynamo.call("Scan", TableName="full", ConsistentRead=True, **start)
            found.update((item["pk"]["S"], item["v"]["S"]) for item in page["Items"])
            if "LastEvaluatedKey" not in page:
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        # An attempt that was refused may have come through; but never in part, and nothing else than what was sent.
        assert found.keys() >= self.items.keys(), sorted(self.items.keys() - found.keys())[:5]
        assert all(found[key] == value for key, value in self.items.items())
        assert found.keys() - self.items.keys() <= self.unsure
        self.check_objects()

    def check_objects(self):
        def read(name):
            body = self.s3.get_object(Bucket=name[0], Key=name[1])["Body"].read()
            return hashlib.sha256(body).digest() == self.objects[name]

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            assert all(pool.map(read, list(self.objects)))

    def wait_for_writes(self):
        """They come back without a restart."""
        wait_for("readiness", self.server.ready, 20)
        self.put_item("goes on")
        self.put_object("goes on")
        self.put_object("goes on", 200_000, "versioned")


def assert_refused(error: Exception):
    """What each API's clients understand as "not now", with a word on why."""
    if isinstance(error, ApiError):
        assert (error.answer.status, error.code) == (500, "InternalServerError"), error
        assert "writes are refused" in error.message and "room" in error.message, error
        return
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 503, error
    assert error.response["Error"]["Code"] == "ServiceUnavailable"
    assert "disk is full" in error.response["Error"]["Message"]


def serves_without_room(server: Server) -> bool:
    assert server.process.poll() is None, server.output()
    try:
        return "writes are" in server.console_get("/-/ready")[1]
    except OSError:
        return False


def fill_by_small_writes(story: Story):
    """By both APIs, until both refuse and go on refusing: a merge of tables takes its room for a moment only."""
    rounds = refused = 0
    while refused < 2:  # that many rounds one after the other
        before = len(story.items) + len(story.objects)
        assert_refused(story.fill(story.put_item, f"i{rounds}/"))
        assert_refused(story.fill(story.put_object, f"o{rounds}/"))
        assert_refused(story.fill(lambda key: story.put_object(key, bucket="versioned"), f"v{rounds}/"))
        refused = refused + 1 if len(story.items) + len(story.objects) == before else 0
        rounds += 1
        time.sleep(1)
    assert len(story.items) > 1000


@pytest.fixture
def server(tmpfs, tmp_path):
    server = Server(data=tmpfs / "data")
    server.log = tmp_path / "server.log"
    yield server
    server.remove()


def test_small_writes_never_take_the_last_of_the_disk(server, tmpfs):
    """Refused early; deletes by both APIs, dropped tables and buckets go through; more room, and all goes on."""
    filler = Filler(tmpfs)
    filler.take(60 * MIB)
    server.start()
    story = Story(server)
    for key in range(300):
        story.put_object(f"early{key}")
        story.put_object(f"early{key}", bucket="versioned")
    story.put_object("large", 10 * MIB)
    story.dynamo.call("CreateTable", TableName="other", **schema("pk"))
    story.dynamo.call("UpdateContinuousBackups", TableName="other",
                      PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    story.make_bucket("other")
    upload = story.s3.create_multipart_upload(Bucket="bucket", Key="upload")["UploadId"]
    fill_by_small_writes(story)
    assert filler.free() > 2 * MIB, "the store keeps some room for itself"
    status, why = server.console_get("/-/ready")
    assert status == 503 and "make room" in why, why
    for _ in range(3):
        assert_refused(pytest.raises(ApiError, story.put_item, "more").value)
        assert_refused(pytest.raises(ClientError, story.put_object, "more").value)
    assert_refused(pytest.raises(ApiError, story.dynamo.call, "CreateTable", TableName="third", **schema("pk")).value)
    assert_refused(pytest.raises(ClientError, story.make_bucket, "third").value)
    story.check()
    story.delete_some(100)
    story.dynamo.call("UpdateContinuousBackups", TableName="other",
                      PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False})
    story.dynamo.call("DeleteTable", TableName="other")
    story.s3.delete_bucket(Bucket="other")
    story.s3.abort_multipart_upload(Bucket="bucket", Key="upload", UploadId=upload)
    story.s3.put_bucket_lifecycle_configuration(Bucket="versioned", LifecycleConfiguration={"Rules": [
        {"ID": "old", "Status": "Enabled", "Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}}]})
    story.check()
    filler.remove()
    story.wait_for_writes()
    story.check()
    server.kill()
    server.start()
    story.reconnect()
    story.check()
    assert server.stop() == 0


def test_a_disk_that_another_process_has_filled_up(server, tmpfs):
    """To the last block: reads go on, and a start after a kill opens and serves them; then there is room again."""
    filler = Filler(tmpfs)
    server.start()
    story = Story(server)
    # The log holds what a start has to replay, without room for a table.
    for i in range(1500):
        story.put_item(f"i{i}", 8000)
        if i % 10 == 0:
            story.put_object(f"o{i}", 20_000)
    wait_for("the ballast", lambda: (server.data / "store" / "ballast").exists(), 20)
    filler.take()
    assert filler.free() < 4096
    wait_for("the server to notice", lambda: not server.ready(), 20)
    with pytest.raises(ApiError) as refused:
        story.put_item("more")
    assert_clear(refused.value)
    story.check()
    server.kill()
    filler.take()
    for attempt in range(2):
        server.launch()
        wait_for("the server to serve", lambda: serves_without_room(server), 30)
        story.reconnect()
        story.check()
        with pytest.raises(ApiError) as refused:
            story.put_item("more")
        assert_clear(refused.value)
        with pytest.raises(ClientError) as refused:
            story.put_object("more", 20_000)
        assert refused.value.response["Error"]["Code"] == "ServiceUnavailable"
        if attempt == 0:
            server.kill()
    filler.remove()
    story.wait_for_writes()
    story.check()
    assert server.restart()
    story.reconnect()
    story.check()
    assert server.stop() == 0


def test_a_disk_that_fills_up_under_writes(server, tmpfs):
    """The last block goes to somebody else while commits are under way; again and again, with a kill at the end."""
    filler = Filler(tmpfs)
    server.start()
    story = Story(server)
    for turn in range(4):
        stop = threading.Event()

        def write(worker: int):
            client = RawClient(server.endpoint, *server.credentials)
            written = {}
            for i in range(1_000_000):
                key, value = f"t{turn}w{worker}i{i}", os.urandom(2000).hex()
                story.unsure.add(key)
                try:
                    client.call("PutItem", TableName="full", Item={"pk": S(key), "v": S(value)})
                    written[key] = value
                except ApiError as error:
                    assert_clear(error)
                    if stop.is_set():
                        return written

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            writers = [pool.submit(write, worker) for worker in range(4)]
            filler.take()
            wait_for("the server to notice", lambda: not server.ready(), 20)
            stop.set()
            for writer in writers:
                story.items.update(writer.result())
        story.check()
        filler.remove()
        if turn == 3:
            server.kill()
            server.start()
            story.reconnect()
        wait_for("readiness", server.ready, 20)
        story.put_item(f"after {turn}")
        story.check()
    assert server.stop() == 0
