"""Conditional requests: reads in the order of RFC 9110, writes by If-None-Match: * and If-Match."""
import concurrent.futures
import email.utils
import os

import pytest

LONG_AGO = "Sun, 06 Nov 1994 08:49:37 GMT"
FAR_AWAY = "Sun, 06 Nov 2094 08:49:37 GMT"
MESSAGE = "At least one of the pre-conditions you specified did not hold"


@pytest.fixture
def there(s3, raw_s3, bucket):
    """(bucket, etag, the date it was modified) of an object `k`."""
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"text", CacheControl="max-age=5")["ETag"]
    return bucket, etag, raw_s3.request("HEAD", f"/{bucket}/k").headers["last-modified"]


def seconds_from(date, seconds):
    return email.utils.formatdate(email.utils.parsedate_to_datetime(date).timestamp() + seconds, usegmt=True)


def read_cases(etag, date):
    before, after = seconds_from(date, -1), seconds_from(date, 1)
    return [
        ({"if-match": etag}, 200), ({"if-match": "*"}, 200), ({"if-match": etag.strip('"')}, 200), ({"if-match": '"x"'}, 412),
        ({"if-match": f'"x", {etag}'}, 200),
        ({"if-none-match": etag}, 304), ({"if-none-match": "*"}, 304), ({"if-none-match": f"W/{etag}"}, 304), ({"if-none-match": '"x"'}, 200),
        ({"if-modified-since": date}, 304), ({"if-modified-since": before}, 200), ({"if-modified-since": FAR_AWAY}, 200),
        ({"if-modified-since": "nonsense"}, 200),
        ({"if-unmodified-since": date}, 200), ({"if-unmodified-since": before}, 412), ({"if-unmodified-since": after}, 200),
        ({"if-unmodified-since": "nonsense"}, 200),
        ({"if-match": etag, "if-unmodified-since": LONG_AGO}, 200),
        ({"if-none-match": '"x"', "if-modified-since": date}, 200),
        ({"if-none-match": etag, "if-modified-since": LONG_AGO}, 304),
        ({"if-match": '"x"', "if-none-match": etag}, 412),
        ({"if-match": etag, "if-none-match": etag}, 304),
    ]


def test_reads(raw_s3, there):
    bucket, etag, date = there
    for headers, status in read_cases(etag, date):
        for method in ("GET", "HEAD"):
            answer = raw_s3.request(method, f"/{bucket}/k", headers=headers)
            assert answer.status == status, (method, headers)
            if status == 412 and method == "GET":
                assert (answer.code, answer.message) == ("PreconditionFailed", MESSAGE)
                assert answer.element("Condition").lower() in headers
            if status == 304:
                assert answer.body == b"" and answer.headers["etag"] == etag
                assert answer.headers["cache-control"] == "max-age=5"


def test_attributes_have_the_conditions_of_reads(raw_s3, there):
    """S3 API reference, GetObjectAttributes, "Conditional request headers"."""
    bucket, etag, date = there
    for headers, status in read_cases(etag, date):
        wanted = headers | {"x-amz-object-attributes": "ETag"}
        answer = raw_s3.request("GET", f"/{bucket}/k", "attributes", wanted)
        assert answer.status == status, headers
        assert answer.code == ("PreconditionFailed" if status == 412 else "")


def test_a_condition_comes_before_the_range(raw_s3, there):
    bucket, etag, _ = there
    assert raw_s3.request("GET", f"/{bucket}/k", headers={"if-match": '"x"', "range": "bytes=0-1"}).status == 412
    assert raw_s3.request("GET", f"/{bucket}/k", headers={"if-match": etag, "range": "bytes=0-1"}).status == 206
    assert raw_s3.request("GET", f"/{bucket}/k", headers={"if-none-match": etag, "range": "bytes=0-1"}).status == 304


def test_a_missing_object_has_no_conditions(raw_s3, bucket):
    assert raw_s3.request("GET", f"/{bucket}/none", headers={"if-none-match": "*"}).code == "NoSuchKey"
    assert raw_s3.request("GET", f"/{bucket}/none", headers={"if-match": "*"}).code == "NoSuchKey"


def put(raw_s3, bucket, headers, body=b"new", key="k"):
    return raw_s3.request("PUT", f"/{bucket}/{key}", headers=headers, body=body)


def test_writes(raw_s3, there):
    bucket, etag, _ = there
    answer = put(raw_s3, bucket, {"if-none-match": "*"})
    assert (answer.status, answer.code, answer.message) == (412, "PreconditionFailed", MESSAGE)
    assert answer.element("Condition") == "If-None-Match"
    assert put(raw_s3, bucket, {"if-match": '"x"'}).status == 412
    assert raw_s3.request("GET", f"/{bucket}/k").body == b"text"
    assert put(raw_s3, bucket, {"if-match": etag}).status == 200
    assert put(raw_s3, bucket, {"if-match": etag}, b"newer").status == 412
    assert put(raw_s3, bucket, {"if-none-match": "*"}, key="other").status == 200
    answer = put(raw_s3, bucket, {"if-match": etag}, key="none")
    assert (answer.status, answer.code) == (404, "NoSuchKey")


def test_writes_know_two_conditions(raw_s3, there):
    bucket, etag, date = there
    for headers in ({"if-none-match": etag}, {"if-modified-since": date}, {"if-unmodified-since": date},
                    {"if-none-match": "*", "if-match": etag}):
        answer = put(raw_s3, bucket, headers)
        assert (answer.status, answer.code) == (501, "NotImplemented"), headers
        assert answer.message == "A header you provided implies functionality that is not implemented"
    for name, headers in (("If-None-Match", {"if-none-match": etag}), ("If-Match", {"if-match": "*"})):
        answer = put(raw_s3, bucket, headers)
        assert (answer.status, answer.element("Header")) == (501, name)
        assert answer.element("additionalMessage") == f"We don't accept the provided value of {name} header for this API"
    assert raw_s3.request("GET", f"/{bucket}/k").body == b"text"


def test_whoever_appends_does_not_replace(raw_s3, there):
    """x-amz-write-offset-bytes is directory buckets'."""
    bucket, _, _ = there
    answer = put(raw_s3, bucket, {"x-amz-write-offset-bytes": "4"})
    assert (answer.status, answer.code, answer.element("Header")) == (501, "NotImplemented", "x-amz-write-offset-bytes")
    assert raw_s3.request("GET", f"/{bucket}/k").body == b"text"


def test_a_delete_marker_is_as_good_as_nothing(raw_s3, s3, versioned):
    etag = s3.put_object(Bucket=versioned, Key="k", Body=b"text")["ETag"]
    s3.delete_object(Bucket=versioned, Key="k")
    assert put(raw_s3, versioned, {"if-match": etag}).status == 404
    assert put(raw_s3, versioned, {"if-none-match": "*"}).status == 200


@pytest.mark.parametrize("size", [100, 300_000])
def test_one_of_many_wins(raw_s3, bucket, size):
    """Of clients that all want to be the first, one is."""
    bodies = [os.urandom(size) for _ in range(12)]
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda body: put(raw_s3, bucket, {"if-none-match": "*"}, body), bodies))
    statuses = [answer.status for answer in answers]
    assert statuses.count(200) == 1 and set(statuses) <= {200, 409, 412}, statuses
    winner = bodies[statuses.index(200)]
    assert raw_s3.request("GET", f"/{bucket}/k").body == winner


def test_compare_and_swap(raw_s3, s3, bucket):
    """A counter that several clients raise with If-Match loses no step."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"0")

    def raise_it(_):
        for _ in range(200):
            found = raw_s3.request("GET", f"/{bucket}/k")
            status = put(raw_s3, bucket, {"if-match": found.headers["etag"]}, str(int(found.body) + 1).encode()).status
            if status == 200:
                return True
            assert status in (409, 412)
        return False

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert all(pool.map(raise_it, range(20)))
    assert raw_s3.request("GET", f"/{bucket}/k").body == b"20"
