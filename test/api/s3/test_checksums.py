"""Checksums of objects: announced in headers and trailers, kept, told again; nothing that does not match is stored."""
import base64
import hashlib
import zlib

import pytest

from harness.s3 import STREAMING_TRAILER, UNSIGNED_TRAILER

BODY = b"The quick brown fox jumps over the lazy dog"


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


# CRC-32C and CRC-64/NVME of BODY, by their definitions; the others by Python's own.
def reflected_crc(data: bytes, polynomial: int, bits: int) -> bytes:
    crc = (1 << bits) - 1
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (polynomial if crc & 1 else 0)
    return (crc ^ ((1 << bits) - 1)).to_bytes(bits // 8, "big")


def values(body: bytes) -> dict:
    return {"crc32": b64(zlib.crc32(body).to_bytes(4, "big")), "crc32c": b64(reflected_crc(body, 0x82F63B78, 32)),
            "crc64nvme": b64(reflected_crc(body, 0x9A6C9329AC4BC9B5, 64)), "sha1": b64(hashlib.sha1(body).digest()),
            "sha256": b64(hashlib.sha256(body).digest())}


VALUES = values(BODY)
ALGORITHMS = list(VALUES)


def put(raw_s3, bucket, headers=None, body=BODY):
    return raw_s3.request("PUT", f"/{bucket}/k", headers=headers or {}, body=body)


def checksums_of(answer):
    return {name.removeprefix("x-amz-checksum-"): value for name, value in answer.headers.items()
            if name.startswith("x-amz-checksum-")}


def told(raw_s3, bucket, method="HEAD", query="", headers=None):
    return checksums_of(raw_s3.request(method, f"/{bucket}/k", query, {"x-amz-checksum-mode": "ENABLED"} | (headers or {})))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_in_a_header(raw_s3, bucket, algorithm):
    wanted = {algorithm: VALUES[algorithm], "type": "FULL_OBJECT"}
    answer = put(raw_s3, bucket, {f"x-amz-checksum-{algorithm}": VALUES[algorithm], "x-amz-sdk-checksum-algorithm": algorithm.upper()})
    assert answer.status == 200 and checksums_of(answer) == wanted
    assert told(raw_s3, bucket) == told(raw_s3, bucket, "GET") == wanted
    assert checksums_of(raw_s3.request("HEAD", f"/{bucket}/k")) == {}, "nobody asked"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("form", [UNSIGNED_TRAILER, STREAMING_TRAILER])
def test_in_a_trailer(raw_s3, bucket, algorithm, form):
    answer = raw_s3.put_chunked(f"/{bucket}/k", [BODY], form, {f"x-amz-checksum-{algorithm}": VALUES[algorithm]})
    assert answer.status == 200, answer.body
    assert told(raw_s3, bucket) == {algorithm: VALUES[algorithm], "type": "FULL_OBJECT"}
    found = raw_s3.request("GET", f"/{bucket}/k")
    assert found.body == BODY and "content-encoding" not in found.headers


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("body", [BODY, BODY * 10_000])
def test_one_that_does_not_match(raw_s3, bucket, algorithm, body):
    wrong = values(b"other")[algorithm]
    message = f"The {algorithm.upper()} you specified did not match the calculated checksum."
    answer = put(raw_s3, bucket, {f"x-amz-checksum-{algorithm}": wrong}, body)
    assert (answer.status, answer.code, answer.message) == (400, "BadDigest", message)
    answer = raw_s3.put_chunked(f"/{bucket}/k", [body], UNSIGNED_TRAILER, {f"x-amz-checksum-{algorithm}": wrong})
    assert (answer.status, answer.code, answer.message) == (400, "BadDigest", message)
    assert raw_s3.request("GET", f"/{bucket}/k").code == "NoSuchKey"


def test_without_any_there_is_crc64nvme(raw_s3, bucket):
    assert put(raw_s3, bucket).status == 200
    assert told(raw_s3, bucket) == {"crc64nvme": VALUES["crc64nvme"], "type": "FULL_OBJECT"}


def test_a_range_has_none(raw_s3, bucket):
    put(raw_s3, bucket)
    assert told(raw_s3, bucket, "GET", headers={"range": "bytes=0-3"}) == {}


@pytest.mark.parametrize("headers, message", [
    ({"x-amz-checksum-crc32": "nonsense"}, "Value for x-amz-checksum-crc32 header is invalid."),
    ({"x-amz-checksum-crc32": VALUES["sha1"]}, "Value for x-amz-checksum-crc32 header is invalid."),
    ({"x-amz-checksum-crc32": VALUES["crc32"], "x-amz-checksum-sha1": VALUES["sha1"]},
     "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."),
    ({"x-amz-checksum-sha257": VALUES["sha256"]}, "The algorithm type you specified in x-amz-checksum- header is invalid."),
    ({"x-amz-sdk-checksum-algorithm": "SHA1", "x-amz-checksum-crc32": VALUES["crc32"]},
     "Value for x-amz-sdk-checksum-algorithm header is invalid."),
    ({"x-amz-sdk-checksum-algorithm": "CRC32"},
     "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found."),
])
def test_headers_that_are_wrong(raw_s3, bucket, headers, message):
    answer = put(raw_s3, bucket, headers)
    assert (answer.status, answer.code, answer.message) == (400, "InvalidRequest", message)


def test_content_md5(raw_s3, bucket):
    right = b64(hashlib.md5(BODY).digest())
    wrong = b64(hashlib.md5(b"").digest())
    assert put(raw_s3, bucket, {"content-md5": right}).status == 200
    answer = put(raw_s3, bucket, {"content-md5": wrong})
    assert (answer.status, answer.code) == (400, "BadDigest")
    assert answer.message == "The Content-MD5 you specified did not match what we received."
    assert answer.element("CalculatedDigest") == right
    for text in ("nonsense", "", b64(b"short"), right + "="):
        answer = put(raw_s3, bucket, {"content-md5": text})
        assert (answer.status, answer.code) == (400, "InvalidDigest"), text
        assert answer.element("Content-MD5") == text


def test_trailers_must_come_and_be_known(raw_s3, bucket):
    def drop_trailer(body):
        return body[:body.index(b"x-amz-checksum-crc32:")] + b"\r\n"
    answer = raw_s3.put_chunked(f"/{bucket}/k", [BODY], UNSIGNED_TRAILER, {"x-amz-checksum-crc32": VALUES["crc32"]}, change=drop_trailer)
    assert answer.status == 400 and raw_s3.request("GET", f"/{bucket}/k").code == "NoSuchKey"
    answer = raw_s3.put_chunked(f"/{bucket}/k", [BODY], UNSIGNED_TRAILER, {"x-amz-checksum-crc99": VALUES["crc32"]})
    assert (answer.status, answer.code) == (400, "InvalidRequest")
    answer = raw_s3.put_chunked(f"/{bucket}/k", [BODY], UNSIGNED_TRAILER, {"x-amz-checksum-crc32": "nonsense"})
    assert (answer.code, answer.message) == ("InvalidRequest", "Value for x-amz-checksum-crc32 trailing header is invalid.")


def test_attributes_tell_them(raw_s3, bucket):
    put(raw_s3, bucket, {"x-amz-checksum-sha256": VALUES["sha256"]})
    answer = raw_s3.request("GET", f"/{bucket}/k", "attributes", {"x-amz-object-attributes": "Checksum"})
    assert (answer.element("ChecksumSHA256"), answer.element("ChecksumType")) == (VALUES["sha256"], "FULL_OBJECT")
