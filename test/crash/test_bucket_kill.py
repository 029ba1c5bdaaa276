"""SIGKILL at every fault point of making, changing and deleting buckets. After the restart what was answered holds, what
was not is there whole or not at all, and every bucket takes writes.

The same steps are cut off inside the process in src/s3/ops/buckets_test.cc, with those that only housekeeping reaches.
"""
import datetime

import pytest

from harness.faults import fault_points, kill_at
from harness.s3 import RawS3, keys_of, s3_client
from harness.server import REGION, Server


def points() -> list[str]:
    found = fault_points("s3/ops/buckets.cc")
    return sorted(found - {"buckets.before_forget", "buckets.after_forget"}) + ["buckets.before_add:2"]


class Story:
    def __init__(self, server):
        self.server, self.answered = server, set()

    def raw(self) -> RawS3:
        return RawS3(self.server.endpoint, *self.server.credentials)

    def client(self):
        return s3_client(self.server)

    def make(self, name: str, days: int):
        answer = self.raw().request("PUT", f"/{name}", headers={"x-reprise-recovery-days": str(days)}, body=(
            f"<CreateBucketConfiguration><LocationConstraint>{REGION}</LocationConstraint>"
            "</CreateBucketConfiguration>").encode())
        assert answer.status == 200

    def prepare(self):
        s3 = self.client()
        self.make("edited", 2)
        self.make("victim", 2)
        s3.put_object(Bucket="edited", Key="kept", Body=b"kept")
        s3.put_object(Bucket="victim", Key="gone", Body=b"gone")
        self.alive = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        s3.delete_object(Bucket="victim", Key="gone")

    def tell(self):
        s3 = self.client()
        self.make("added", 1)
        self.answered.add("added")
        s3.put_bucket_versioning(Bucket="edited", VersioningConfiguration={"Status": "Enabled"})
        self.answered.add("edited")
        body = b"<RecoveryConfiguration><Days>5</Days></RecoveryConfiguration>"
        assert self.raw().request("PUT", "/edited", "reprise-recovery", body=body).status == 200
        self.answered.add("longer")
        s3.delete_bucket(Bucket="victim")
        self.answered.add("removed")
        self.make("victim", 0)
        self.answered.add("anew")

    def check(self):
        s3, raw = self.client(), self.raw()
        names = [found["Name"] for found in s3.list_buckets()["Buckets"]]
        assert "edited" in names
        assert "added" in names or "added" not in self.answered
        if "edited" in self.answered:
            assert s3.get_bucket_versioning(Bucket="edited")["Status"] == "Enabled"
        days = raw.request("GET", "/edited", "reprise-recovery").element("Days")
        assert days == "5" if "longer" in self.answered else days in ("2", "5")
        if "removed" in self.answered and "anew" not in self.answered:
            assert raw.request("HEAD", "/victim").status in (200, 404)
        if "anew" in self.answered:
            assert "victim" in names
        # Deleted or not, its past is there.
        past = raw.request("GET", "/victim/gone", headers={"x-reprise-as-of": self.alive})
        assert (past.status, past.body) == (200, b"gone")
        assert keys_of(s3, "edited") == ["kept"]
        for name in names:
            s3.put_object(Bucket=name, Key="after", Body=b"after")
            assert s3.get_object(Bucket=name, Key="after")["Body"].read() == b"after"
        if "added" not in names:
            self.make("added", 1)
        if "victim" not in names:
            self.make("victim", 1)


@pytest.mark.parametrize("point", points())
def test_killed_at(point):
    with Server() as server:
        story = Story(server)
        story.prepare()
        kill_at(server, point, story.tell)
        story.check()
        server.restart()
        assert {"added", "edited", "victim"} <= {found["Name"] for found in story.client().list_buckets()["Buckets"]}
