"""SIGKILL during uploads, completions, copies, deletes and garbage collection, at random moments and at every fault
point of S3's. After the restart: every object that was acknowledged is whole, none that was not has come to half, and
after a sweep the disk holds no payload that nobody names.
"""
import concurrent.futures
import hashlib
import random
import time

import pytest

from harness.faults import DIED, fault_points, kill_at, wait_killed
from harness.s3 import s3_client
from harness.server import Server
from harness.waiting import wait_for

MIB = 1 << 20
LARGE = 100_000  # does not stand inside the store


def blobs(server) -> set[str]:
    """The payloads on the disk, committed or not."""
    return {p.name for p in (server.data / "blobs").rglob("*") if p.is_file() and len(p.name) == 32}


def body_of(key: str, turn: int, size: int) -> bytes:
    seed = hashlib.sha256(f"{key} {turn}".encode()).digest()
    return (seed * (size // len(seed) + 1))[:size]


def without_garbage(server, named: int):
    """Waits for the collector to leave as many payloads as there are objects that need one."""
    wait_for(f"the collector to leave {named} payloads", lambda: len(blobs(server)) == named, 60)


class Story:
    """What clients were told about each key: the bodies that may stand there, each by the key and the turn it was made
    for (a copy has another key's), or None: nothing."""

    def __init__(self, server):
        self.server = server
        self.allowed: dict[str, set] = {}
        self.uploads: list[tuple[str, str]] = []

    def client(self):
        return s3_client(self.server)

    def put(self, s3, key, turn, size=LARGE):
        self.may(key, (key, turn))
        s3.put_object(Bucket="bucket", Key=key, Body=body_of(key, turn, size))
        self.allowed[key] = {(key, turn)}

    def copy(self, s3, key, source):
        """Of a key of which it is known what it holds."""
        (state,) = self.allowed[source]
        self.may(key, state)
        s3.copy_object(Bucket="bucket", Key=key, CopySource={"Bucket": "bucket", "Key": source})
        self.allowed[key] = {state}

    def upload(self, s3, key, turn):
        """Two parts and one that is not used."""
        upload = s3.create_multipart_upload(Bucket="bucket", Key=key)["UploadId"]
        body = body_of(key, turn, 5 * MIB + LARGE)
        parts = []
        for number, piece in [(1, body[:5 * MIB]), (2, b"replaced" * 10_000), (2, body[5 * MIB:]), (3, b"unused" * 10_000)]:
            answer = s3.upload_part(Bucket="bucket", Key=key, UploadId=upload, PartNumber=number, Body=piece)
            parts = [p for p in parts if p["PartNumber"] != number] + [{"PartNumber": number, "ETag": answer["ETag"]}]
        self.may(key, (key, turn))
        s3.complete_multipart_upload(Bucket="bucket", Key=key, UploadId=upload, MultipartUpload={"Parts": parts[:2]})
        self.allowed[key] = {(key, turn)}

    def copy_parts(self, s3, key, source):
        """An object of one part that shares the two payloads of an upload of which it is known what it holds; the part
        was another slice of it before."""
        (state,) = self.allowed[source]
        upload = s3.create_multipart_upload(Bucket="bucket", Key=key)["UploadId"]
        for last in (3 * MIB, 5 * MIB + LARGE - 1):
            answer = s3.upload_part_copy(Bucket="bucket", Key=key, UploadId=upload, PartNumber=1,
                                         CopySource={"Bucket": "bucket", "Key": source}, CopySourceRange=f"bytes=0-{last}")
        parts = [{"PartNumber": 1, "ETag": answer["CopyPartResult"]["ETag"]}]
        self.may(key, state)
        s3.complete_multipart_upload(Bucket="bucket", Key=key, UploadId=upload, MultipartUpload={"Parts": parts})
        self.allowed[key] = {state}

    def abort(self, s3, key):
        upload = s3.create_multipart_upload(Bucket="bucket", Key=key)["UploadId"]
        for number in (1, 2):
            s3.upload_part(Bucket="bucket", Key=key, UploadId=upload, PartNumber=number, Body=b"aborted" * 10_000)
        s3.abort_multipart_upload(Bucket="bucket", Key=key, UploadId=upload)

    def delete(self, s3, key):
        self.may(key, None)
        s3.delete_object(Bucket="bucket", Key=key)
        self.allowed[key] = {None}

    def may(self, key, state):
        """A change is under way: until it is answered, the old state is as good."""
        self.allowed.setdefault(key, {None}).add(state)

    def check(self):
        """Every key holds exactly one of the states it may hold; returns how many payloads that takes."""
        s3 = self.client()
        listed = {o["Key"]: o["Size"] for page in s3.get_paginator("list_objects_v2").paginate(Bucket="bucket")
                  for o in page.get("Contents", [])}
        payloads = {}
        for key, states in self.allowed.items():
            if key not in listed:
                assert None in states, f"{key} was acknowledged and is gone"
                continue
            body = s3.get_object(Bucket="bucket", Key=key)["Body"].read()
            assert len(body) == listed[key]
            found = [state for state in states if state and body == body_of(*state, len(body))]
            assert found, f"{key} is torn"
            payloads[found[0]] = 0 if len(body) < 32_768 else 2 if len(body) > MIB else 1
        assert set(listed) <= set(self.allowed)
        return sum(payloads.values())

    def end_uploads(self):
        s3 = self.client()
        for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket="bucket"):
            for upload in page.get("Uploads", []):
                s3.abort_multipart_upload(Bucket="bucket", Key=upload["Key"], UploadId=upload["UploadId"])

    def check_all(self):
        self.end_uploads()
        without_garbage(self.server, self.check())
        assert self.check() == len(blobs(self.server))


def points() -> list[str]:
    found = fault_points("s3/ops/*.cc", "blob/file_*.cc")
    ours = {p for p in found if p.startswith(("upload.", "garbage.", "payload.", "blob.", "s3.key_write.", "object."))}
    # What only a crash before, or another family's test, reaches.
    ours -= {"garbage.before_orphan", "garbage.after_orphan"}
    return sorted(ours) + [f"{p}:2" for p in ("upload.before_part", "upload.after_part", "garbage.before_blob",
                                               "upload.before_parts_removed")]


def tell(story: Story):
    s3 = story.client()
    story.put(s3, "small", 1, 100)
    story.put(s3, "large", 1)
    story.put(s3, "large", 2)
    story.copy(s3, "copy", "large")
    story.upload(s3, "parts", 1)
    story.upload(s3, "parts", 2)
    story.copy_parts(s3, "slices", "parts")
    story.delete(s3, "parts")
    story.abort(s3, "aborted")
    story.delete(s3, "large")
    story.delete(s3, "small")
    story.delete(s3, "copy")


@pytest.mark.parametrize("point", points())
def test_killed_at(point):
    with Server() as server:
        story = Story(server)
        story.client().create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        kill_at(server, point, lambda: tell(story))
        story.check_all()


@pytest.mark.parametrize("point", ["garbage.before_orphan", "garbage.after_orphan", "garbage.after_orphan:2"])
def test_killed_while_orphans_are_removed(point):
    with Server() as server:
        story = Story(server)
        story.client().create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        story.put(story.client(), "kept", 1)
        server.stop()
        for turn in range(3):  # what crashes between a payload and its record leave
            server.environment = {"REPRISE_FAULT_POINT": "payload.written"}
            server.start()
            with pytest.raises(DIED):
                story.put(story.client(), f"lost{turn}", 1)
            wait_killed(server)
        server.environment = {"REPRISE_FAULT_POINT": point}
        server.launch()
        wait_killed(server)
        server.environment = {}
        server.start()
        story.check_all()


@pytest.mark.parametrize("seed", range(4))
def test_killed_at_any_moment(seed):
    rng = random.Random(seed)
    with Server() as server:
        story = Story(server)
        story.client().create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        for life in range(3):
            stop = time.monotonic() + rng.uniform(0.3, 2.5)
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                workers = [pool.submit(work, story, f"{worker}", random.Random(f"{seed} {life} {worker}"), life)
                           for worker in range(4)]
                while time.monotonic() < stop:
                    concurrent.futures.wait(workers, timeout=0.05)
                server.kill()
            for worker in workers:
                worker.result()
            server.start()
            story.end_uploads()
            story.check()
        story.check_all()


def work(story: Story, name: str, rng: random.Random, life: int):
    """Random changes of this worker's own keys until the server is gone."""
    s3 = story.client()
    for turn in range(1_000_000):
        key, what = f"{name}-{rng.randrange(3)}", rng.random()
        turn += life * 1_000_000
        try:
            if what < 0.5:
                story.put(s3, key, turn, rng.choice([100, LARGE]))
            elif what < 0.6:
                story.upload(s3, key, turn)
                story.copy_parts(s3, f"{name}-slices", key)
            elif what < 0.7:
                story.abort(s3, key)
            elif what < 0.8 and story.allowed.get(key, {None}) != {None} and len(story.allowed[key]) == 1:
                story.copy(s3, f"{name}-copy", key)
            else:
                story.delete(s3, key)
        except DIED:
            return
