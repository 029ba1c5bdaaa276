"""Versions of objects: what putting and deleting make of a key under each state of versioning, and what comes back.

Source: S3 user guide, "Using versioning in S3 buckets"; the table of semantics there.
"""
import concurrent.futures
import hashlib

import pytest

from harness.s3 import keys_of, refused


def set_versioning(s3, bucket, status):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})


def put(s3, bucket, key="k", body=b"x", **parameters):
    return s3.put_object(Bucket=bucket, Key=key, Body=body, **parameters)


def read(s3, bucket, key="k", **parameters) -> bytes:
    return s3.get_object(Bucket=bucket, Key=key, **parameters)["Body"].read()


def history(raw_s3, bucket, query="") -> list[tuple]:
    """(key, version id, is it a marker, is it the latest) in the one order of the document, which boto3 loses."""
    answer = raw_s3.request("GET", f"/{bucket}", "versions" + query)
    assert answer.status == 200, answer.body
    found = []
    for child in answer.xml:
        kind = child.tag.split("}")[-1]
        if kind in ("Version", "DeleteMarker"):
            text = {e.tag.split("}")[-1]: e.text for e in child}
            found.append((text["Key"], text["VersionId"], kind == "DeleteMarker", text["IsLatest"] == "true"))
    return found


def test_each_put_makes_a_version(s3, versioned):
    ids = [put(s3, versioned, body=f"{i}".encode())["VersionId"] for i in range(5)]
    assert len(set(ids)) == 5 and all(len(i) == 32 for i in ids)
    for i, version_id in enumerate(ids):
        found = s3.get_object(Bucket=versioned, Key="k", VersionId=version_id)
        assert found["Body"].read() == f"{i}".encode()
        assert found["VersionId"] == version_id
    assert read(s3, versioned) == b"4"
    assert s3.get_object(Bucket=versioned, Key="k")["VersionId"] == ids[-1]
    assert s3.head_object(Bucket=versioned, Key="k", VersionId=ids[0])["VersionId"] == ids[0]


def test_without_versioning_there_are_no_ids(s3, bucket):
    assert "VersionId" not in put(s3, bucket)
    found = s3.get_object(Bucket=bucket, Key="k")
    assert "VersionId" not in found
    assert read(s3, bucket, VersionId="null") == b"x"
    listed = s3.list_object_versions(Bucket=bucket)["Versions"]
    assert [(v["VersionId"], v["IsLatest"]) for v in listed] == [("null", True)]


def test_a_marker_hides_and_goes_again(s3, raw_s3, versioned):
    first = put(s3, versioned)["VersionId"]
    deleted = s3.delete_object(Bucket=versioned, Key="k")
    assert deleted["DeleteMarker"] is True
    marker = deleted["VersionId"]
    error = refused(s3.get_object, Bucket=versioned, Key="k")
    assert (error["status"], error["Code"]) == (404, "NoSuchKey")
    assert error["headers"]["x-amz-delete-marker"] == "true"
    assert error["headers"]["x-amz-version-id"] == marker
    assert refused(s3.head_object, Bucket=versioned, Key="k")["status"] == 404
    error = refused(s3.get_object, Bucket=versioned, Key="k", VersionId=marker)
    assert (error["status"], error["Code"]) == (405, "MethodNotAllowed")
    assert error["headers"]["x-amz-delete-marker"] == "true" and "last-modified" in error["headers"]
    assert keys_of(s3, versioned) == []
    assert read(s3, versioned, VersionId=first) == b"x"
    assert history(raw_s3, versioned) == [("k", marker, True, True), ("k", first, False, False)]
    undeleted = s3.delete_object(Bucket=versioned, Key="k", VersionId=marker)
    assert undeleted["DeleteMarker"] is True and undeleted["VersionId"] == marker
    assert read(s3, versioned) == b"x"
    assert history(raw_s3, versioned) == [("k", first, False, True)]


def test_removing_the_newest_promotes_the_next(s3, versioned):
    ids = [put(s3, versioned, body=f"{i}".encode())["VersionId"] for i in range(3)]
    for expected, version_id in ((b"1", ids[2]), (b"0", ids[1])):
        s3.delete_object(Bucket=versioned, Key="k", VersionId=version_id)
        assert read(s3, versioned) == expected
    s3.delete_object(Bucket=versioned, Key="k", VersionId=ids[0])
    assert refused(s3.get_object, Bucket=versioned, Key="k")["Code"] == "NoSuchKey"


def test_what_was_there_before_is_the_null_version(s3, raw_s3, bucket):
    put(s3, bucket, body=b"before")
    set_versioning(s3, bucket, "Enabled")
    later = put(s3, bucket, body=b"later")["VersionId"]
    assert history(raw_s3, bucket) == [("k", later, False, True), ("k", "null", False, False)]
    assert read(s3, bucket, VersionId="null") == b"before"
    assert s3.get_object(Bucket=bucket, Key="k", VersionId="null")["VersionId"] == "null"


def test_suspended_versioning(s3, raw_s3, versioned):
    kept = put(s3, versioned, body=b"kept")["VersionId"]
    set_versioning(s3, versioned, "Suspended")
    assert "VersionId" not in put(s3, versioned, body=b"null 1")
    put(s3, versioned, body=b"null 2")
    assert history(raw_s3, versioned) == [("k", "null", False, True), ("k", kept, False, False)]
    assert read(s3, versioned) == b"null 2"
    deleted = s3.delete_object(Bucket=versioned, Key="k")
    assert (deleted["DeleteMarker"], deleted["VersionId"]) == (True, "null")
    assert history(raw_s3, versioned) == [("k", "null", True, True), ("k", kept, False, False)]
    assert read(s3, versioned, VersionId=kept) == b"kept"
    set_versioning(s3, versioned, "Enabled")
    newest = put(s3, versioned, body=b"newest")["VersionId"]
    assert history(raw_s3, versioned) == [("k", newest, False, True), ("k", "null", True, False), ("k", kept, False, False)]


def test_old_versions_are_copied_over_current_ones(s3, raw_s3, versioned):
    """The restore move of the guides: no version is lost by it."""
    good = put(s3, versioned, body=b"good", Metadata={"state": "good"})["VersionId"]
    bad = put(s3, versioned, body=b"bad")["VersionId"]
    restored = s3.copy_object(Bucket=versioned, Key="k", CopySource={"Bucket": versioned, "Key": "k", "VersionId": good})
    assert restored["CopySourceVersionId"] == good
    assert read(s3, versioned) == b"good"
    assert s3.head_object(Bucket=versioned, Key="k")["Metadata"] == {"state": "good"}
    assert [entry[1] for entry in history(raw_s3, versioned)] == [restored["VersionId"], bad, good]


def test_large_objects_have_versions_too(s3, versioned):
    bodies = [bytes([i]) * (3 << 20) for i in range(3)]
    ids = [put(s3, versioned, body=body)["VersionId"] for body in bodies]
    for body, version_id in zip(bodies, ids):
        assert hashlib.md5(read(s3, versioned, VersionId=version_id)).digest() == hashlib.md5(body).digest()
    s3.delete_object(Bucket=versioned, Key="k", VersionId=ids[1])
    assert read(s3, versioned, VersionId=ids[0]) == bodies[0]
    assert read(s3, versioned) == bodies[2]


@pytest.mark.parametrize("version_id, status, code, message", [
    ("nonsense", 400, "InvalidArgument", "Invalid version id specified"),
    ("", 400, "InvalidArgument", "Version id cannot be the empty string"),
    ("null", 404, "NoSuchVersion", "The specified version does not exist."),
])
def test_versions_that_are_not_there(raw_s3, s3, versioned, version_id, status, code, message):
    put(s3, versioned)
    answer = raw_s3.request("GET", f"/{versioned}/k", f"versionId={version_id}")
    assert (answer.status, answer.code, answer.message) == (status, code, message)


def test_a_version_that_was_removed(s3, raw_s3, versioned):
    gone = put(s3, versioned)["VersionId"]
    put(s3, versioned)
    s3.delete_object(Bucket=versioned, Key="k", VersionId=gone)
    answer = raw_s3.request("GET", f"/{versioned}/k", f"versionId={gone}")
    assert (answer.status, answer.code) == (404, "NoSuchVersion")
    assert (answer.element("Key"), answer.element("VersionId")) == ("k", gone)


def test_a_version_cannot_be_written_to(raw_s3, s3, versioned):
    first = put(s3, versioned, body=b"first")["VersionId"]
    for headers in ({}, {"x-amz-copy-source": f"{versioned}/k"}):
        answer = raw_s3.request("PUT", f"/{versioned}/k", f"versionId={first}", headers, b"" if headers else b"second")
        assert (answer.status, answer.code, answer.element("ArgumentName")) == (400, "InvalidArgument", "versionId")
        assert answer.message == "This operation does not accept a version-id."
    assert [v["VersionId"] for v in s3.list_object_versions(Bucket=versioned)["Versions"]] == [first]


def test_puts_at_one_time_all_survive(s3, versioned):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda i: put(s3, versioned, body=f"{i}".encode())["VersionId"], range(64)))
    listed = s3.list_object_versions(Bucket=versioned)["Versions"]
    assert {v["VersionId"] for v in listed} == set(ids)
    for i, version_id in enumerate(ids):
        assert read(s3, versioned, VersionId=version_id) == f"{i}".encode()
    assert [v["IsLatest"] for v in listed] == [True] + [False] * 63
    times = [v["LastModified"] for v in listed]
    assert times == sorted(times, reverse=True)


def test_a_bucket_with_versions_is_not_empty(s3, versioned):
    version_id = put(s3, versioned)["VersionId"]
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]
    for left in (version_id, marker):
        assert refused(s3.delete_bucket, Bucket=versioned)["Code"] == "BucketNotEmpty"
        s3.delete_object(Bucket=versioned, Key="k", VersionId=left)
    s3.delete_bucket(Bucket=versioned)
