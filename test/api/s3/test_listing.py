"""The three listings: order, prefixes and delimiters, markers and tokens, encoding, limits, and the past.

Source: S3 API reference, ListObjects, ListObjectsV2 and ListObjectVersions; measurements where the reference is silent.
"""
import datetime
import random
import time

import pytest

from harness.s3 import keys_of, refused


def fill(s3, bucket, keys, body=b"x"):
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=body)


def rolled(page) -> tuple[list, list]:
    return [c["Key"] for c in page.get("Contents", [])], [p["Prefix"] for p in page.get("CommonPrefixes", [])]


def names_of(element) -> list[str]:
    return [child.tag.split("}")[-1] for child in element]


def child(element, name):
    return next(found for found in element if found.tag.split("}")[-1] == name)


def test_keys_are_in_the_order_of_their_bytes(s3, bucket):
    keys = ["a", "a!", "a/", "a/b", "aa", "B", "é", "z", "zz", "~", "漢", "🎵", "0", "a b"]
    random.Random(1).shuffle(keys)
    fill(s3, bucket, keys)
    assert keys_of(s3, bucket) == sorted(keys, key=str.encode)


def test_what_an_entry_says(s3, raw_s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello")
    root = raw_s3.request("GET", f"/{bucket}", "list-type=2&fetch-owner=true").xml
    assert names_of(root) == ["Name", "Prefix", "KeyCount", "MaxKeys", "IsTruncated", "Contents"]
    entry = child(root, "Contents")
    assert names_of(entry) == ["Key", "LastModified", "ETag", "ChecksumAlgorithm", "ChecksumType", "Size", "Owner", "StorageClass"]
    said = {e.tag.split("}")[-1]: e.text for e in entry}
    assert said["ETag"] == '"5d41402abc4b2a76b9719d911017c592"' and said["Size"] == "5"
    assert (said["ChecksumAlgorithm"], said["ChecksumType"], said["StorageClass"]) == ("CRC64NVME", "FULL_OBJECT", "STANDARD")
    modified = datetime.datetime.strptime(said["LastModified"], "%Y-%m-%dT%H:%M:%S.000Z")
    assert abs((datetime.datetime.utcnow() - modified).total_seconds()) < 60
    root = raw_s3.request("GET", f"/{bucket}", "list-type=2").xml
    assert "Owner" not in names_of(child(root, "Contents")), "only when asked for"
    root = raw_s3.request("GET", f"/{bucket}").xml
    assert names_of(root) == ["Name", "Prefix", "Marker", "MaxKeys", "IsTruncated", "Contents"]
    assert "Owner" in names_of(child(root, "Contents"))


def test_an_empty_bucket(s3, bucket):
    for page in (s3.list_objects(Bucket=bucket), s3.list_objects_v2(Bucket=bucket), s3.list_object_versions(Bucket=bucket)):
        assert page["IsTruncated"] is False and page["MaxKeys"] == 1000
        assert "Contents" not in page and "Versions" not in page and "CommonPrefixes" not in page
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


@pytest.mark.parametrize("prefix, delimiter, objects, prefixes", [
    ("", "/", ["a"], ["b/", "d/", "e/"]),
    ("b/", "/", ["b/1", "b/2"], ["b/c/"]),
    ("b", "/", [], ["b/"]),
    ("d/", "/", ["d/"], []),
    ("e/", "/", [], ["e//"]),
    ("", "c/", ["a", "b/1", "b/2", "d/", "e//f"], ["b/c/"]),
    ("none", "/", [], []),
    ("", "", ["a", "b/1", "b/2", "b/c/3", "d/", "e//f"], []),
])
def test_prefix_and_delimiter(s3, bucket, prefix, delimiter, objects, prefixes):
    fill(s3, bucket, ["a", "b/1", "b/2", "b/c/3", "d/", "e//f"])
    for list_objects in (s3.list_objects, s3.list_objects_v2):
        page = list_objects(Bucket=bucket, Prefix=prefix, Delimiter=delimiter)
        assert rolled(page) == (objects, prefixes)
        assert page["Prefix"] == prefix and page.get("Delimiter", "") == delimiter
    page = s3.list_object_versions(Bucket=bucket, Prefix=prefix, Delimiter=delimiter)
    assert [v["Key"] for v in page.get("Versions", [])] == objects
    assert [p["Prefix"] for p in page.get("CommonPrefixes", [])] == prefixes


def test_pages_join(s3, bucket):
    keys = sorted(f"{folder}/{i}" for folder in "abc" for i in range(7)) + ["d", "e"]
    fill(s3, bucket, keys)
    for size in (1, 2, 3, 10, 23, 24):
        assert keys_of(s3, bucket, MaxKeys=size) == keys
        pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Delimiter="/", MaxKeys=size))
        assert [p["Prefix"] for page in pages for p in page.get("CommonPrefixes", [])] == ["a/", "b/", "c/"]
        assert [c["Key"] for page in pages for c in page.get("Contents", [])] == ["d", "e"]
        assert all(page["KeyCount"] == size for page in pages[:-1])
        pages = list(s3.get_paginator("list_objects").paginate(Bucket=bucket, MaxKeys=size))
        assert [c["Key"] for page in pages for c in page["Contents"]] == keys


def test_a_page_that_is_exactly_full_is_the_last(s3, bucket):
    fill(s3, bucket, ["a", "b", "c"])
    page = s3.list_objects_v2(Bucket=bucket, MaxKeys=3)
    assert page["IsTruncated"] is False and "NextContinuationToken" not in page


def test_markers(s3, bucket):
    fill(s3, bucket, ["a", "b/1", "b/2", "c"])
    page = s3.list_objects(Bucket=bucket, MaxKeys=2)
    assert page["IsTruncated"] and "NextMarker" not in page, "the last key is the marker, without a delimiter"
    page = s3.list_objects(Bucket=bucket, MaxKeys=2, Delimiter="/")
    assert page["NextMarker"] == "b/"
    page = s3.list_objects(Bucket=bucket, Marker="b/", Delimiter="/")
    assert (rolled(page), page["Marker"]) == ((["c"], []), "b/")
    assert rolled(s3.list_objects(Bucket=bucket, Marker="b/1")) == (["b/2", "c"], [])
    assert rolled(s3.list_objects_v2(Bucket=bucket, StartAfter="b/1")) == (["b/2", "c"], [])
    assert rolled(s3.list_objects_v2(Bucket=bucket, StartAfter="zzz")) == ([], [])


def test_tokens_are_opaque(s3, bucket):
    fill(s3, bucket, ["secret-a", "secret-b"])
    token = s3.list_objects_v2(Bucket=bucket, MaxKeys=1)["NextContinuationToken"]
    assert "secret" not in token
    page = s3.list_objects_v2(Bucket=bucket, ContinuationToken=token, StartAfter="zzz")
    assert (rolled(page), page["ContinuationToken"], page["StartAfter"]) == ((["secret-b"], []), token, "zzz")
    error = refused(s3.list_objects_v2, Bucket=bucket, ContinuationToken="secret-a")
    assert (error["status"], error["Code"], error["Message"]) == (400, "InvalidArgument",
                                                                  "The continuation token provided is incorrect")
    assert error["ArgumentName"] == "continuation-token"


@pytest.mark.parametrize("query, message, name", [
    ("max-keys=-1", "Argument maxKeys must be an integer between 0 and 2147483647", "maxKeys"),
    ("max-keys=2147483648", "Argument maxKeys must be an integer between 0 and 2147483647", "maxKeys"),
    ("max-keys=ten", "Provided max-keys not an integer or within integer range", "max-keys"),
    ("encoding-type=base64", "Invalid Encoding Method specified in Request", "encoding-type"),
])
def test_bad_parameters(raw_s3, bucket, query, message, name):
    for kind in ("", "list-type=2&", "versions&"):
        answer = raw_s3.request("GET", f"/{bucket}", kind + query)
        assert (answer.status, answer.code, answer.message) == (400, "InvalidArgument", message)
        assert answer.element("ArgumentName") == name


def test_limits_of_a_page(s3, raw_s3, bucket):
    fill(s3, bucket, ["a", "b"])
    for query, keys in (("max-keys=0", 0), ("max-keys=", 2), ("max-keys=1000000", 2)):
        answer = raw_s3.request("GET", f"/{bucket}", "list-type=2&" + query)
        assert answer.element("KeyCount") == str(keys)
        assert answer.element("IsTruncated") == "false"
        assert answer.element("MaxKeys") == ("0" if keys == 0 else "1000")


def test_encoding(raw_s3, s3, bucket):
    key = "d r/é+%~\x01(1).txt"
    s3.put_object(Bucket=bucket, Key=key, Body=b"")
    answer = raw_s3.request("GET", f"/{bucket}", "list-type=2&encoding-type=url&prefix=d%20r")
    assert answer.element("Key") == "d+r/%C3%A9%2B%25%7E%01%281%29.txt"
    assert answer.element("EncodingType") == "url"
    assert keys_of(s3, bucket, EncodingType="url", PaginationConfig={}) in ([key], ["d+r/%C3%A9%2B%25%7E%01%281%29.txt"])
    answer = raw_s3.request("GET", f"/{bucket}", "versions&encoding-type=url&delimiter=%7E&key-marker=a%20b")
    assert (answer.element("KeyMarker"), answer.element("Delimiter")) == ("a+b", "%7E")


def test_optional_attributes(raw_s3, bucket, s3):
    fill(s3, bucket, ["k"])
    asked = {"x-amz-optional-object-attributes": "RestoreStatus"}
    for query in ("", "list-type=2", "versions"):
        answer = raw_s3.request("GET", f"/{bucket}", query, asked)
        assert answer.status == 200 and answer.element("RestoreStatus") is None, "nothing here is being restored"
        answer = raw_s3.request("GET", f"/{bucket}", query, {"x-amz-optional-object-attributes": "Nonsense"})
        assert (answer.status, answer.code) == (400, "InvalidArgument")


def test_no_such_bucket(raw_s3):
    for query in ("", "list-type=2", "versions"):
        answer = raw_s3.request("GET", "/there-is-no-such-bucket", query)
        assert (answer.status, answer.code) == (404, "NoSuchBucket")


# ---- Versions --------------------------------------------------------------------------------------------------------

def entries(answer) -> list[tuple]:
    """("Version" or "DeleteMarker", key, version id, is it the latest), in the order of the document."""
    found = []
    for element in answer.xml:
        kind = element.tag.split("}")[-1]
        if kind in ("Version", "DeleteMarker"):
            said = {e.tag.split("}")[-1]: e.text for e in element}
            found.append((kind, said["Key"], said["VersionId"], said["IsLatest"] == "true"))
    return found


def test_versions_and_markers_are_in_one_order(s3, raw_s3, versioned):
    expected = []
    for key in ("a", "b/c"):
        stack = []
        for round_number in range(3):
            stack.insert(0, ("Version", key, s3.put_object(Bucket=versioned, Key=key, Body=b"x")["VersionId"]))
            if round_number != 1:
                stack.insert(0, ("DeleteMarker", key, s3.delete_object(Bucket=versioned, Key=key)["VersionId"]))
        expected += [(*entry, i == 0) for i, entry in enumerate(stack)]
    whole = raw_s3.request("GET", f"/{versioned}", "versions")
    assert entries(whole) == expected
    assert names_of(whole.xml)[:6] == ["Name", "Prefix", "KeyMarker", "VersionIdMarker", "MaxKeys", "IsTruncated"]
    assert names_of(child(whole.xml, "DeleteMarker")) == ["Key", "VersionId", "IsLatest", "LastModified", "Owner"]
    for size in (1, 2, 3, 4, 9, 10):
        found, query = [], ""
        while True:
            page = raw_s3.request("GET", f"/{versioned}", f"versions&max-keys={size}{query}")
            found += entries(page)
            if page.element("IsTruncated") == "false":
                break
            assert len(entries(page)) == size
            query = f"&key-marker={page.element('NextKeyMarker')}&version-id-marker={page.element('NextVersionIdMarker')}"
        assert found == expected


def test_version_markers(s3, raw_s3, versioned):
    fill(s3, versioned, ["k", "k", "l"])
    answer = raw_s3.request("GET", f"/{versioned}", "versions&key-marker=k")
    assert [entry[1] for entry in entries(answer)] == ["l"], "a key marker alone passes over all of its versions"
    answer = raw_s3.request("GET", f"/{versioned}", "versions&version-id-marker=null")
    assert (answer.status, answer.code) == (400, "InvalidArgument")
    assert answer.message == "A version-id marker cannot be specified without a key marker."
    assert answer.element("ArgumentName") == "version-id-marker"
    answer = raw_s3.request("GET", f"/{versioned}", "versions&key-marker=k&version-id-marker=nonsense")
    assert (answer.status, answer.code, answer.message) == (400, "InvalidArgument", "Invalid version id specified")


def test_each_page_may_be_deleted_before_the_next(s3, versioned):
    for _ in range(4):
        fill(s3, versioned, ["a", "b", "c"])
        s3.delete_object(Bucket=versioned, Key="b")
    removed = 0
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=versioned, MaxKeys=3):
        found = page.get("Versions", []) + page.get("DeleteMarkers", [])
        s3.delete_objects(Bucket=versioned, Delete={"Objects": [{"Key": v["Key"], "VersionId": v["VersionId"]} for v in found]})
        removed += len(found)
    assert removed == 16
    assert "Versions" not in s3.list_object_versions(Bucket=versioned)


# ---- Cost ------------------------------------------------------------------------------------------------------------

def test_old_versions_do_not_slow_a_listing(s3, versioned, on_reprise):
    """The order of magnitude alone: that not one of two thousand old versions is walked is the unit tests' to show."""
    fill(s3, versioned, [f"{i:03}" for i in range(20)])

    def best() -> float:
        times = []
        for _ in range(20):
            start = time.perf_counter()
            assert len(s3.list_objects_v2(Bucket=versioned)["Contents"]) == 20
            times.append(time.perf_counter() - start)
        return min(times)

    before = best()
    for _ in range(20):
        fill(s3, versioned, [f"{i:03}" for i in range(20)])
    assert best() < 5 * before


# ---- The past --------------------------------------------------------------------------------------------------------

RECOVERY = b"<RecoveryConfiguration><Days>1</Days></RecoveryConfiguration>"


def moment() -> str:
    """Now, between any two requests."""
    time.sleep(0.002)
    text = datetime.datetime.utcnow().isoformat(timespec="microseconds") + "Z"
    time.sleep(0.002)
    return text


def test_every_listing_of_the_past(s3, raw_s3, bucket, on_reprise):
    assert raw_s3.request("PUT", f"/{bucket}", "reprise-recovery", body=RECOVERY).status == 200
    fill(s3, bucket, ["a/1", "a/2", "b"])
    then = moment()
    s3.delete_object(Bucket=bucket, Key="b")
    fill(s3, bucket, ["a/1", "c"], b"changed")
    past = {"x-reprise-as-of": then}
    for query in ("", "list-type=2", "versions"):
        answer = raw_s3.request("GET", f"/{bucket}", query, past)
        keys = [e.text for e in answer.xml.iter() if e.tag.endswith("}Key")]
        assert keys == ["a/1", "a/2", "b"], answer.body
        assert {e.text for e in answer.xml.iter() if e.tag.endswith("}Size")} == {"1"}
        answer = raw_s3.request("GET", f"/{bucket}", query + "&delimiter=/&max-keys=1" if query else "delimiter=/&max-keys=1", past)
        assert answer.element("IsTruncated") == "true" and b"<Prefix>a/</Prefix>" in answer.body
    assert keys_of(s3, bucket) == ["a/1", "a/2", "c"]


def test_times_that_cannot_be_read(raw_s3, bucket, on_reprise):
    assert raw_s3.request("PUT", f"/{bucket}", "reprise-recovery", body=RECOVERY).status == 200
    for text in ("nonsense", "2099-01-01T00:00:00Z"):
        answer = raw_s3.request("GET", f"/{bucket}", "list-type=2", {"x-reprise-as-of": text})
        assert (answer.status, answer.code) == (400, "InvalidArgument"), answer.body
    answer = raw_s3.request("GET", f"/{bucket}", "list-type=2", {"x-reprise-as-of": "2001-01-01T00:00:00Z"})
    assert answer.status in (400, 404), "the bucket was not there"
