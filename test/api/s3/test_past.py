"""The past of buckets: x-reprise-as-of on Get, Head and the listings, with and without versioning; versions removed for
good and deleted buckets; tags of the past; copies out of it; the recovery setting and its window.
"""
import contextlib
import datetime
import hashlib
import time
from urllib.parse import quote

import pytest

from harness.s3 import empty, keys_of, refused, s3_client
from harness.server import Server
from harness.tables import unique
from harness.users import anonymous, make_user, statement  # noqa: F401 (fixtures)
from harness.waiting import wait_for

UTC = datetime.timezone.utc
HEADER = "x-reprise-as-of"


@contextlib.contextmanager
def header(client, name: str, value: str):
    """Adds a header field to every request of that boto3 client."""

    def add(params, **_):
        params["headers"][name] = value

    client.meta.events.register("before-call.s3", add)
    try:
        yield client
    finally:
        client.meta.events.unregister("before-call.s3", add)


def moment() -> str:
    """A time that lies between what has been answered and what will be asked."""
    now = datetime.datetime.now(UTC)
    while datetime.datetime.now(UTC) <= now + datetime.timedelta(microseconds=500):
        pass
    return now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def as_of(client, at: str):
    return header(client, HEADER, at)


def set_days(raw_s3, bucket: str, days) -> object:
    body = f"<RecoveryConfiguration><Days>{days}</Days></RecoveryConfiguration>".encode()
    return raw_s3.request("PUT", f"/{bucket}", "reprise-recovery=", {}, body)


@pytest.fixture(autouse=True)
def only_here(on_reprise):
    """All of this is Reprise's own."""


@pytest.fixture
def kept(make_bucket, raw_s3):
    """A bucket without versioning whose past is kept."""
    name = make_bucket()
    assert set_days(raw_s3, name, 35).status == 200
    return name


@pytest.fixture
def kept_versions(make_bucket, raw_s3):
    name = make_bucket(versioned=True)
    assert set_days(raw_s3, name, 35).status == 200
    return name


def read(s3, bucket: str, key: str, **members) -> bytes:
    return s3.get_object(Bucket=bucket, Key=key, **members)["Body"].read()


# ---- The setting -----------------------------------------------------------------------------------------------------

def test_the_recovery_setting(raw_s3, s3, bucket):
    answer = raw_s3.request("GET", f"/{bucket}", "reprise-recovery=")
    assert (answer.status, answer.element("Days")) == (200, "0")
    assert answer.element("EarliestRecoverableTime") is None
    before = moment()
    answer = set_days(raw_s3, bucket, 7)
    assert (answer.status, answer.element("Days")) == (200, "7")
    answer = raw_s3.request("GET", f"/{bucket}", "reprise-recovery=")
    earliest, latest = answer.element("EarliestRecoverableTime"), answer.element("LatestRecoverableTime")
    assert before <= earliest <= latest <= moment()
    assert raw_s3.request("PUT", f"/{bucket}", "reprise-recovery=", {}, answer.body).status == 200, "as it was answered"
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    at = moment()
    s3.delete_object(Bucket=bucket, Key="k")
    with as_of(s3, at):
        assert read(s3, bucket, "k") == b"x"
    assert set_days(raw_s3, bucket, 0).element("LatestRecoverableTime") is None
    with as_of(s3, at):
        error = refused(s3.get_object, Bucket=bucket, Key="k")
    assert (error["status"], error["Code"]) == (400, "InvalidArgument")


def test_recovery_settings_that_are_wrong(raw_s3, bucket):
    for days, code in ((-1, "InvalidArgument"), (3651, "InvalidArgument"), ("x", "MalformedXML"), ("", "MalformedXML"),
                       ("1</Days><Days>2", "MalformedXML"), ("1</Days><Hours>2</Hours><Days>", "MalformedXML")):
        answer = set_days(raw_s3, bucket, days)
        assert (answer.status, answer.code) == (400, code), days
    assert raw_s3.request("GET", f"/{bucket}", "reprise-recovery=").element("Days") == "0"
    assert raw_s3.request("DELETE", f"/{bucket}", "reprise-recovery=").status == 405
    assert raw_s3.request("GET", f"/{bucket}").status == 200, "it still is there"


def test_production_keeps_35_days():
    with Server("--environment", "production") as server:
        s3 = s3_client(server)
        s3.create_bucket(Bucket="photos", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_object(Bucket="photos", Key="k", Body=b"x")
        at = moment()
        version = s3.list_object_versions(Bucket="photos")["Versions"][0]["VersionId"]
        s3.delete_object(Bucket="photos", Key="k", VersionId=version)
        server.restart()
        s3 = s3_client(server)
        with as_of(s3, at):
            assert read(s3, "photos", "k") == b"x"


# ---- Objects ---------------------------------------------------------------------------------------------------------

def test_objects_without_versions(s3, kept):
    start = moment()
    s3.put_object(Bucket=kept, Key="k", Body=b"first", ContentType="text/one", Metadata={"n": "1"})
    one = moment()
    s3.put_object(Bucket=kept, Key="k", Body=b"the second", ContentType="text/two", Metadata={"n": "2"})
    two = moment()
    s3.delete_object(Bucket=kept, Key="k")
    three = moment()
    s3.put_object(Bucket=kept, Key="k", Body=b"third")
    for at, body, kind, n in ((one, b"first", "text/one", "1"), (two, b"the second", "text/two", "2")):
        with as_of(s3, at):
            found = s3.get_object(Bucket=kept, Key="k")
            assert (found["Body"].read(), found["ContentType"], found["Metadata"]) == (body, kind, {"n": n})
            head = s3.head_object(Bucket=kept, Key="k")
            assert (head["ContentLength"], head["ETag"], head["LastModified"]) == (
                len(body), found["ETag"], found["LastModified"])
            assert read(s3, kept, "k", Range="bytes=1-3") == body[1:4]
            assert refused(s3.get_object, Bucket=kept, Key="k", IfNoneMatch=found["ETag"])["status"] == 304
    for at in (start, three):
        with as_of(s3, at):
            error = refused(s3.get_object, Bucket=kept, Key="k")
            assert (error["status"], error["Code"]) == (404, "NoSuchKey")
            assert refused(s3.head_object, Bucket=kept, Key="k")["status"] == 404
    assert read(s3, kept, "k") == b"third"


def test_times_are_taken_in_three_forms(s3, kept):
    s3.put_object(Bucket=kept, Key="k", Body=b"x")
    at = time.time()
    wait_for("the second to pass", lambda: time.time() > int(at) + 1)
    s3.delete_object(Bucket=kept, Key="k")
    parsed = datetime.datetime.fromtimestamp(at, UTC)
    plus_two = parsed.astimezone(datetime.timezone(datetime.timedelta(hours=2)))
    for text in (f"{at:.6f}", str(int(at) + 1), parsed.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), plus_two.isoformat()):
        with as_of(s3, text):
            assert read(s3, kept, "k") == b"x", text


def test_a_link_into_the_past(s3, raw_s3, kept):
    """A presigned URL may carry the time in its query, where the signature covers it: good for any browser."""
    s3.put_object(Bucket=kept, Key="k", Body=b"old")
    at = moment()
    s3.put_object(Bucket=kept, Key="k", Body=b"new")
    link = raw_s3.presigned("GET", f"/{kept}/k", f"x-reprise-as-of={quote(at)}")
    assert raw_s3.exchange("GET", link, b"", {"host": raw_s3.host}).body == b"old"
    listing = raw_s3.presigned("GET", f"/{kept}", f"list-type=2&x-reprise-as-of={quote(at)}")
    assert raw_s3.exchange("GET", listing, b"", {"host": raw_s3.host}).element("ETag") == f'"{hashlib.md5(b"old").hexdigest()}"'
    unsigned = raw_s3.presigned("GET", f"/{kept}/k") + f"&x-reprise-as-of={quote(at)}"
    assert raw_s3.exchange("GET", unsigned, b"", {"host": raw_s3.host}).code == "SignatureDoesNotMatch"


def test_large_objects_and_uploads_of_parts(s3, kept):
    whole = bytes(range(256)) * 4096 * 3
    s3.put_object(Bucket=kept, Key="large", Body=whole)
    upload = s3.create_multipart_upload(Bucket=kept, Key="parts")["UploadId"]
    pieces = [whole * 2, b"the end"]
    parts = [{"PartNumber": n, "ETag": s3.upload_part(Bucket=kept, Key="parts", UploadId=upload, PartNumber=n,
                                                      Body=piece)["ETag"]} for n, piece in enumerate(pieces, 1)]
    s3.complete_multipart_upload(Bucket=kept, Key="parts", UploadId=upload, MultipartUpload={"Parts": parts})
    at = moment()
    s3.put_object(Bucket=kept, Key="large", Body=b"small now")
    s3.delete_object(Bucket=kept, Key="parts")
    with as_of(s3, at):
        assert read(s3, kept, "large") == whole
        assert read(s3, kept, "parts") == b"".join(pieces)
        assert read(s3, kept, "parts", PartNumber=2) == b"the end"
        assert s3.head_object(Bucket=kept, Key="parts", PartNumber=1)["PartsCount"] == 2


def test_versions_removed_for_good(s3, kept_versions):
    first = s3.put_object(Bucket=kept_versions, Key="k", Body=b"first")["VersionId"]
    second = s3.put_object(Bucket=kept_versions, Key="k", Body=b"second")["VersionId"]
    at = moment()
    s3.delete_object(Bucket=kept_versions, Key="k", VersionId=first)
    s3.delete_object(Bucket=kept_versions, Key="k", VersionId=second)
    assert "Versions" not in s3.list_object_versions(Bucket=kept_versions)
    with as_of(s3, at):
        assert read(s3, kept_versions, "k") == b"second"
        assert read(s3, kept_versions, "k", VersionId=first) == b"first"
        listed = s3.list_object_versions(Bucket=kept_versions)["Versions"]
        assert [(v["VersionId"], v["IsLatest"]) for v in listed] == [(second, True), (first, False)]
    assert refused(s3.get_object, Bucket=kept_versions, Key="k", VersionId=first)["Code"] == "NoSuchVersion"


def test_delete_markers_of_the_past(s3, kept_versions):
    s3.put_object(Bucket=kept_versions, Key="k", Body=b"x")
    marker = s3.delete_object(Bucket=kept_versions, Key="k")["VersionId"]
    at = moment()
    s3.delete_object(Bucket=kept_versions, Key="k", VersionId=marker)
    assert read(s3, kept_versions, "k") == b"x"
    with as_of(s3, at):
        error = refused(s3.get_object, Bucket=kept_versions, Key="k")
        assert error["Code"] == "NoSuchKey" and error["headers"]["x-amz-delete-marker"] == "true"
        assert [m["VersionId"] for m in s3.list_object_versions(Bucket=kept_versions)["DeleteMarkers"]] == [marker]


def test_tags_of_the_past(s3, kept):
    def tags():
        return {t["Key"]: t["Value"] for t in s3.get_object_tagging(Bucket=kept, Key="k")["TagSet"]}

    s3.put_object(Bucket=kept, Key="k", Body=b"x", Tagging="color=red&shape=round")
    one = moment()
    s3.put_object_tagging(Bucket=kept, Key="k", Tagging={"TagSet": [{"Key": "color", "Value": "blue"}]})
    two = moment()
    s3.delete_object_tagging(Bucket=kept, Key="k")
    assert tags() == {}
    with as_of(s3, one):
        assert tags() == {"color": "red", "shape": "round"}
        assert s3.get_object(Bucket=kept, Key="k")["TagCount"] == 2
    with as_of(s3, two):
        assert tags() == {"color": "blue"}


# ---- Listings --------------------------------------------------------------------------------------------------------

def test_listings(s3, kept):
    before = [f"a/{i:02}" for i in range(12)] + ["b/x", "c"]
    for key in before:
        s3.put_object(Bucket=kept, Key=key, Body=b"x")
    at = moment()
    s3.delete_objects(Bucket=kept, Delete={"Objects": [{"Key": key} for key in before[::2]]})
    s3.put_object(Bucket=kept, Key="a/new", Body=b"x")
    s3.put_object(Bucket=kept, Key="c", Body=b"longer")
    with as_of(s3, at):
        assert keys_of(s3, kept) == before
        assert keys_of(s3, kept, PaginationConfig={"PageSize": 5}) == before
        assert keys_of(s3, kept, Prefix="a/", StartAfter="a/09") == ["a/10", "a/11"]
        page = s3.list_objects_v2(Bucket=kept, Delimiter="/")
        assert [p["Prefix"] for p in page["CommonPrefixes"]] == ["a/", "b/"]
        assert [(c["Key"], c["Size"]) for c in page["Contents"]] == [("c", 1)]
        old = s3.list_objects(Bucket=kept, Prefix="a/", MaxKeys=3)
        assert [c["Key"] for c in old["Contents"]] == before[:3] and old["IsTruncated"]
        listed = s3.list_object_versions(Bucket=kept, Prefix="a/")
        assert [(v["Key"], v["VersionId"]) for v in listed["Versions"]] == [(k, "null") for k in before[:12]]
    assert "a/new" in keys_of(s3, kept)


def test_listings_of_versions_in_pages(s3, kept_versions):
    for round in range(3):
        for key in ("a", "b"):
            s3.put_object(Bucket=kept_versions, Key=key, Body=str(round).encode())
    s3.delete_object(Bucket=kept_versions, Key="a")
    at = moment()
    now = s3.list_object_versions(Bucket=kept_versions)
    expected = [(v["Key"], v["VersionId"]) for part in ("Versions", "DeleteMarkers") for v in now[part]]
    empty(s3, kept_versions)
    with as_of(s3, at):
        pages = s3.get_paginator("list_object_versions").paginate(Bucket=kept_versions, PaginationConfig={"PageSize": 2})
        pages = list(pages)
        assert len(pages) == 4
        found = [(v["Key"], v["VersionId"]) for part in ("Versions", "DeleteMarkers") for p in pages for v in p.get(part, [])]
    assert found == expected


# ---- Buckets ---------------------------------------------------------------------------------------------------------

def test_deleted_buckets(s3, raw_s3, make_bucket):
    name = make_bucket()
    set_days(raw_s3, name, 35)
    s3.put_object(Bucket=name, Key="k", Body=b"x")
    at = moment()
    empty(s3, name)
    s3.delete_bucket(Bucket=name)
    gone = moment()
    assert refused(s3.get_object, Bucket=name, Key="k")["Code"] == "NoSuchBucket"
    with as_of(s3, at):
        assert keys_of(s3, name) == ["k"]
        assert read(s3, name, "k") == b"x"
    with as_of(s3, gone):
        assert refused(s3.get_object, Bucket=name, Key="k")["Code"] == "NoSuchBucket"
    # The name is another bucket's now.
    make_bucket(name)
    s3.put_object(Bucket=name, Key="new", Body=b"y")
    with as_of(s3, at):
        assert keys_of(s3, name) == ["k"]
    copied = make_bucket()
    with header(s3, "x-reprise-copy-source-as-of", at):
        s3.copy_object(Bucket=copied, Key="k", CopySource=f"{name}/k")
    assert read(s3, copied, "k") == b"x"


# ---- Copies ----------------------------------------------------------------------------------------------------------

def test_copies_out_of_the_past(s3, kept):
    s3.put_object(Bucket=kept, Key="k", Body=b"good", ContentType="text/good", Metadata={"a": "b"}, Tagging="t=1")
    large = b"0123456789abcdef" * 400_000
    s3.put_object(Bucket=kept, Key="large", Body=large)
    at = moment()
    s3.put_object(Bucket=kept, Key="k", Body=b"bad")
    s3.delete_object(Bucket=kept, Key="large")
    with header(s3, "x-reprise-copy-source-as-of", at):
        s3.copy_object(Bucket=kept, Key="k", CopySource=f"{kept}/k")
        s3.copy_object(Bucket=kept, Key="large", CopySource=f"{kept}/large")
        error = refused(s3.copy_object, Bucket=kept, Key="x", CopySource=f"{kept}/never")
        assert (error["status"], error["Code"]) == (404, "NoSuchKey")
    found = s3.get_object(Bucket=kept, Key="k")
    assert (found["Body"].read(), found["ContentType"], found["Metadata"], found["TagCount"]) == (
        b"good", "text/good", {"a": "b"}, 1)
    assert read(s3, kept, "large") == large
    upload = s3.create_multipart_upload(Bucket=kept, Key="parts")["UploadId"]
    s3.delete_object(Bucket=kept, Key="large")
    with header(s3, "x-reprise-copy-source-as-of", at):
        part = s3.upload_part_copy(Bucket=kept, Key="parts", UploadId=upload, PartNumber=1, CopySource=f"{kept}/large")
    s3.complete_multipart_upload(Bucket=kept, Key="parts", UploadId=upload, MultipartUpload={
        "Parts": [{"PartNumber": 1, "ETag": part["CopyPartResult"]["ETag"]}]})
    assert read(s3, kept, "parts") == large


def test_a_version_removed_for_good_is_copied_back(s3, kept_versions):
    first = s3.put_object(Bucket=kept_versions, Key="k", Body=b"first")["VersionId"]
    at = moment()
    s3.put_object(Bucket=kept_versions, Key="k", Body=b"second")
    s3.delete_object(Bucket=kept_versions, Key="k", VersionId=first)
    with header(s3, "x-reprise-copy-source-as-of", at):
        s3.copy_object(Bucket=kept_versions, Key="k", CopySource=f"{kept_versions}/k?versionId={first}")
    assert read(s3, kept_versions, "k") == b"first"
    assert len(s3.list_object_versions(Bucket=kept_versions)["Versions"]) == 2


# ---- What is refused -------------------------------------------------------------------------------------------------

def test_times_outside_the_window(s3, kept, bucket):
    s3.put_object(Bucket=kept, Key="k", Body=b"x")
    future = (datetime.datetime.now(UTC) + datetime.timedelta(hours=1)).isoformat()
    for text in (future, "yesterday", "", "2026-13-01T00:00:00Z", "2112-09-17T23:53:47Z", "2112-09-17T23:53:48Z",
                 "9999-12-31T23:59:59Z", "253402300799", "1099511627776", "4503599627370", "18446744073709551616", "-1", "1e9"):
        with as_of(s3, text):
            error = refused(s3.get_object, Bucket=kept, Key="k")
            assert (error["status"], error["Code"]) == (400, "InvalidArgument"), text
            assert refused(s3.list_objects_v2, Bucket=kept)["Code"] == "InvalidArgument", text
    with as_of(s3, "2020-01-01T00:00:00Z"):
        assert refused(s3.get_object, Bucket=kept, Key="k")["Code"] == "NoSuchBucket", "there was none then"
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    at = moment()
    s3.put_object(Bucket=bucket, Key="k", Body=b"y")
    with as_of(s3, at):
        error = refused(s3.get_object, Bucket=bucket, Key="k")
        assert (error["status"], error["Code"]) == (400, "InvalidArgument"), "this one keeps no past"


def test_a_time_is_judged_for_who_may_read_the_past(s3, kept, make_user, anonymous):
    """Nobody else learns from an error how far the past goes."""
    s3.put_object(Bucket=kept, Key="k", Body=b"x")
    everything = make_user(statement("s3:*", "*"))
    historian = make_user(statement("s3:*", "*"), statement("reprise:ReadPast", [f"arn:aws:s3:::{kept}", f"arn:aws:s3:::{kept}/*"]))
    future = (datetime.datetime.now(UTC) + datetime.timedelta(hours=1)).isoformat()
    for text in (future, "yesterday", "9999-12-31T23:59:59Z"):
        for client, code in ((everything.s3, "AccessDenied"), (anonymous, "AccessDenied"), (historian.s3, "InvalidArgument"),
                             (s3, "InvalidArgument")):
            with as_of(client, text):
                assert refused(client.get_object, Bucket=kept, Key="k")["Code"] == code, text
                assert refused(client.list_objects_v2, Bucket=kept)["Code"] == code, text
        for client, code in ((everything.s3, "AccessDenied"), (historian.s3, "InvalidArgument")):
            with header(client, "x-reprise-copy-source-as-of", text):
                assert refused(client.copy_object, Bucket=kept, Key="c", CopySource=f"{kept}/k")["Code"] == code, text
    assert keys_of(s3, kept) == ["k"]


def test_the_past_is_not_written_to(s3, kept):
    s3.put_object(Bucket=kept, Key="k", Body=b"x")
    with as_of(s3, moment()):
        for attempt in (lambda: s3.put_object(Bucket=kept, Key="k", Body=b"y"),
                        lambda: s3.delete_object(Bucket=kept, Key="k"),
                        lambda: s3.put_object_tagging(Bucket=kept, Key="k", Tagging={"TagSet": []}),
                        lambda: s3.delete_bucket(Bucket=kept)):
            error = refused(attempt)
            assert (error["status"], error["Code"]) == (400, "InvalidRequest")
    assert read(s3, kept, "k") == b"x"


# ---- With lifecycle --------------------------------------------------------------------------------------------------

def test_what_lifecycle_removed_is_in_the_past():
    with Server("--lifecycle-day-seconds", "1", "--environment", "production") as server:
        s3 = s3_client(server)
        name = unique("b")
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        first = s3.put_object(Bucket=name, Key="k", Body=b"first" * 20_000)["VersionId"]
        s3.put_object(Bucket=name, Key="k", Body=b"second")
        at = moment()
        s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [
            {"ID": "r", "Status": "Enabled", "Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}}]})
        wait_for("the expiration", lambda: len(s3.list_object_versions(Bucket=name)["Versions"]) == 1)
        with as_of(s3, at):
            assert read(s3, name, "k", VersionId=first) == b"first" * 20_000
            assert len(s3.list_object_versions(Bucket=name)["Versions"]) == 2
