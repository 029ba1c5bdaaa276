"""Ranges of objects: one at a time, of small and large ones, sealed and plain."""
import os

import pytest

from harness.s3 import refused

MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def large():
    return os.urandom(3 * MEGABYTE + 777)


def get(raw_s3, bucket, header, query="", **more):
    return raw_s3.request("GET", f"/{bucket}/k", query, {"range": header} | more)


def test_one_range(raw_s3, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    for header, body, range_ in [("bytes=0-0", b"0", "0-0"), ("bytes=2-4", b"234", "2-4"), ("bytes=7-", b"789", "7-9"),
                                 ("bytes=7-100", b"789", "7-9"), ("bytes=-3", b"789", "7-9"), ("bytes=-100", b"0123456789", "0-9"),
                                 ("bytes=0-9", b"0123456789", "0-9")]:
        answer = get(raw_s3, bucket, header)
        assert (answer.status, answer.body, answer.headers["content-range"]) == (206, body, f"bytes {range_}/10"), header
        assert answer.headers["content-length"] == str(len(body)) and answer.headers["accept-ranges"] == "bytes"
        head = raw_s3.request("HEAD", f"/{bucket}/k", headers={"range": header})
        assert (head.status, head.headers["content-range"]) == (206, f"bytes {range_}/10")
        assert head.headers["content-length"] == str(len(body))


def test_what_is_no_single_range_gets_everything(raw_s3, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    for header in ("bytes=5-4", "bytes=a-b", "bytes=0-1,3-4", "bytes", "lines=0-1", "bytes=-"):
        answer = get(raw_s3, bucket, header)
        assert (answer.status, answer.body) == (200, b"0123456789"), header
        assert "content-range" not in answer.headers


def test_without_a_byte_in_the_object(raw_s3, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    for header in ("bytes=10-", "bytes=10-20", "bytes=-0"):
        answer = get(raw_s3, bucket, header)
        assert (answer.status, answer.code) == (416, "InvalidRange"), header
        assert answer.message == "The requested range is not satisfiable"
        assert (answer.element("RangeRequested"), answer.element("ActualObjectSize")) == (header, "10")
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    assert get(raw_s3, bucket, "bytes=0-").status == 416
    assert refused(s3.head_object, Bucket=bucket, Key="k", Range="bytes=0-")["status"] == 416


@pytest.mark.parametrize("sealed", [False, True])
def test_of_large_objects(raw_s3, s3, bucket, large, sealed):
    if not sealed:
        s3.delete_bucket_encryption(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=large)
    size = len(large)
    edges = [0, 1, 65519, 65520, 65535, 65536, MEGABYTE - 1, MEGABYTE, 16 * 65520, 2 * MEGABYTE + 5, size - 2, size - 1]
    for first in edges:
        for length in (1, 2, 65520, 65536, MEGABYTE, MEGABYTE + 1, size):
            last = min(first + length, size) - 1
            answer = get(raw_s3, bucket, f"bytes={first}-{first + length - 1}")
            assert answer.status == 206 and answer.body == large[first:last + 1], (first, length)


def test_if_range(raw_s3, s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")["ETag"]
    date = raw_s3.request("HEAD", f"/{bucket}/k").headers["last-modified"]
    assert get(raw_s3, bucket, "bytes=0-1", **{"if-range": etag}).status == 206
    assert get(raw_s3, bucket, "bytes=0-1", **{"if-range": date}).status == 206
    assert get(raw_s3, bucket, "bytes=0-1", **{"if-range": '"other"'}).status == 200
    assert get(raw_s3, bucket, "bytes=0-1", **{"if-range": "Sun, 06 Nov 1994 08:49:37 GMT"}).status == 200


def test_part_numbers_of_an_object_put_whole(raw_s3, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    answer = raw_s3.request("GET", f"/{bucket}/k", "partNumber=1")
    assert (answer.status, answer.body) == (206, b"0123456789")
    assert "x-amz-mp-parts-count" not in answer.headers
    answer = raw_s3.request("GET", f"/{bucket}/k", "partNumber=2")
    assert (answer.status, answer.code) == (416, "InvalidPartNumber")
    for number in ("0", "10001", "x", "-1", ""):
        answer = raw_s3.request("GET", f"/{bucket}/k", f"partNumber={number}")
        assert (answer.status, answer.code) == (400, "InvalidArgument"), number
    answer = get(raw_s3, bucket, "bytes=0-1", "partNumber=1")
    assert (answer.code, answer.message) == ("InvalidRequest", "Cannot specify both Range header and partNumber query parameter")


def test_part_numbers_of_an_upload(raw_s3, s3, bucket):
    parts = [os.urandom(5 * MEGABYTE), os.urandom(5 * MEGABYTE + 1), b"end"]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    made = [{"PartNumber": n, "ETag": s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=n, Body=body)["ETag"]}
            for n, body in enumerate(parts, 1)]
    s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": made})
    whole = b"".join(parts)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == whole
    first = 0
    for number, body in enumerate(parts, 1):
        answer = raw_s3.request("GET", f"/{bucket}/k", f"partNumber={number}")
        assert (answer.status, answer.body) == (206, body)
        assert answer.headers["x-amz-mp-parts-count"] == "3"
        assert answer.headers["content-range"] == f"bytes {first}-{first + len(body) - 1}/{len(whole)}"
        first += len(body)
    edge = len(parts[0])
    answer = get(raw_s3, bucket, f"bytes={edge - 3}-{edge + 4}")
    assert answer.body == whole[edge - 3:edge + 5]
    answer = get(raw_s3, bucket, f"bytes={edge - 3}-{len(whole) - 2}")
    assert answer.body == whole[edge - 3:-1]
