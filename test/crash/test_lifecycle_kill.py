"""SIGKILL at every fault point of lifecycle. After the restart the run goes on: what is due goes, each version that is
not due stands with its bytes, and what was removed is in the bucket's past.

The decisions themselves are compared with a model in src/s3/ops/lifecycle_job_test.cc.
"""
import datetime

import pytest

from harness.faults import fault_points, kill_at
from harness.s3 import s3_client
from harness.server import Server
from harness.waiting import wait_for

KEYS, VERSIONS = 12, 3
LARGE = 70_000  # a payload of its own; odd ones stand in the store itself
RULES = [
    {"ID": "old", "Status": "Enabled", "Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}},
    {"ID": "temporary", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 1}},
    {"ID": "uploads", "Status": "Enabled", "Filter": {"Prefix": ""}, "AbortIncompleteMultipartUpload": {
        "DaysAfterInitiation": 1}},
]


def points() -> list[str]:
    found = fault_points("s3/ops/lifecycle*.cc")
    assert len(found) >= 6
    # In the middle of a step, in later phases, and in the job runner itself.
    more = [f"{p}:{n}" for p in ("lifecycle.before_commit", "lifecycle.after_commit") for n in (7, 30)]
    more += ["lifecycle.after_action:20", "lifecycle.before_checkpoint:2", "lifecycle.before_checkpoint:3",
             "jobs.before_step_saved", "jobs.after_step_saved", "upload.before_abort", "upload.after_abort",
             "upload.before_parts_removed", "upload.after_parts_removed"]
    return sorted(found) + more


def body(key: str, number: int) -> bytes:
    text = f"{key} {number} ".encode()
    return (text * (LARGE // len(text))) if number % 2 else text


def keys() -> list[str]:
    return [f"kept/{i}" for i in range(KEYS)] + [f"tmp/{i}" for i in range(KEYS)]


def prepare(s3):
    s3.create_bucket(Bucket="box", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.delete_bucket_lifecycle(Bucket="box")
    for key in keys():
        for number in range(VERSIONS):
            s3.put_object(Bucket="box", Key=key, Body=body(key, number))
    for i in range(2):
        upload = s3.create_multipart_upload(Bucket="box", Key=f"up/{i}")["UploadId"]
        s3.upload_part(Bucket="box", Key=f"up/{i}", UploadId=upload, PartNumber=1, Body=b"x" * LARGE)


def put_rules(s3):
    s3.put_bucket_lifecycle_configuration(Bucket="box", LifecycleConfiguration={"Rules": RULES})


def listed(s3) -> tuple[dict, dict, list]:
    page = s3.list_object_versions(Bucket="box")
    objects, markers = {}, {}
    for part, into in (("Versions", objects), ("DeleteMarkers", markers)):
        for v in page.get(part, []):
            into.setdefault(v["Key"], []).append(v["VersionId"])
    return objects, markers, s3.list_multipart_uploads(Bucket="box").get("Uploads", [])


def finished(s3) -> bool:
    objects, markers, uploads = listed(s3)
    return {k: len(v) for k, v in objects.items()} == {f"kept/{i}": 1 for i in range(KEYS)} and not markers and not uploads


def check_now(s3):
    for i in range(KEYS):
        key = f"kept/{i}"
        assert s3.get_object(Bucket="box", Key=key)["Body"].read() == body(key, VERSIONS - 1)


def check_past(s3, at: str, before: dict):
    """Everything that lifecycle has removed, read as of the time before it."""

    def add(params, **_):
        params["headers"]["x-reprise-as-of"] = at

    s3.meta.events.register("before-call.s3", add)
    try:
        objects, markers, _ = listed_past(s3)
        assert (objects, markers) == (before, {})
        for key in keys():
            for number, version in enumerate(reversed(before[key])):
                assert s3.get_object(Bucket="box", Key=key, VersionId=version)["Body"].read() == body(key, number)
    finally:
        s3.meta.events.unregister("before-call.s3", add)


def listed_past(s3) -> tuple[dict, dict, None]:
    page = s3.list_object_versions(Bucket="box")
    objects = {}
    for v in page.get("Versions", []):
        objects.setdefault(v["Key"], []).append(v["VersionId"])
    return objects, {m["Key"]: m for m in page.get("DeleteMarkers", [])}, None


@pytest.mark.parametrize("point", points())
def test_killed_at(point):
    # Production: versions, and a past of 35 days. Its own rule makes way for ours.
    with Server("--lifecycle-day-seconds", "1", "--environment", "production") as server:
        s3 = s3_client(server)
        prepare(s3)
        before = listed(s3)[0]
        at = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        kill_at(server, point, lambda: put_rules(s3_client(server)))
        s3 = s3_client(server)
        check_now(s3)
        put_rules(s3)
        wait_for("lifecycle", lambda: finished(s3), 60)
        check_now(s3)
        check_past(s3, at, before)
