"""Whole objects: what is put is got, with all that describes it; HEAD says what GET would; what is refused leaves nothing."""
import concurrent.futures
import hashlib
import http.client
import os
import time

import pytest

from harness.s3 import refused
from harness.waiting import wait_for

MEGABYTE = 1 << 20
# Around what is kept inline, around a block, a piece, several pieces.
SIZES = [0, 1, 32767, 32768, 32769, 65519, 65520, 65521, 65536, MEGABYTE - 1, MEGABYTE, MEGABYTE + 1, 5 * MEGABYTE + 333]


def put(s3, bucket, key="k", body=b"x", **parameters):
    return s3.put_object(Bucket=bucket, Key=key, Body=body, **parameters)


def get(s3, bucket, key="k", **parameters):
    return s3.get_object(Bucket=bucket, Key=key, **parameters)


@pytest.mark.parametrize("size", SIZES)
def test_every_size_comes_back(s3, bucket, size):
    body = os.urandom(size)
    stored = put(s3, bucket, body=body)
    assert stored["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    found = get(s3, bucket)
    assert found["Body"].read() == body
    assert found["ContentLength"] == size
    assert found["ETag"] == stored["ETag"]
    assert found["AcceptRanges"] == "bytes"
    head = s3.head_object(Bucket=bucket, Key="k")
    assert head["ContentLength"] == size and head["ETag"] == stored["ETag"]
    assert head["LastModified"] == found["LastModified"]


KEYS = ["a", "a/b/c", "/leading", "trailing/", "a//b", "sp ace", "plus+plus", "per%cent", "q?uestion&amp=1", "é漢字🎵", "..", "a/../b",
        ".", "#hash", "tilde~", "quote'\"", "<xml>", "a" * 1024, "~!@$%^&*()_-=;:,"]


@pytest.mark.parametrize("key", KEYS)
def test_any_key(s3, bucket, key):
    """A key is a string, not a path: nothing of it is interpreted."""
    put(s3, bucket, key, key.encode())
    assert get(s3, bucket, key)["Body"].read() == key.encode()
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]


def test_a_key_that_is_too_long(raw_s3, bucket):
    answer = raw_s3.request("PUT", f"/{bucket}/{'k' * 1025}", body=b"x")
    assert (answer.status, answer.code) == (400, "KeyTooLongError")
    assert (answer.element("Size"), answer.element("MaxSizeAllowed")) == ("1025", "1024")


def test_everything_that_describes_an_object(s3, bucket):
    put(s3, bucket, ContentType="text/plain; charset=utf-8", CacheControl="max-age=60", ContentDisposition='attachment; filename="a"',
        ContentEncoding="gzip", ContentLanguage="fr, en", Expires=1893456000, WebsiteRedirectLocation="/elsewhere",
        Metadata={"color": "blue", "Size": "big"}, Tagging="a=1&b=2", StorageClass="STANDARD_IA")
    for found in (get(s3, bucket), s3.head_object(Bucket=bucket, Key="k")):
        assert found["ContentType"] == "text/plain; charset=utf-8"
        assert found["CacheControl"] == "max-age=60"
        assert found["ContentDisposition"] == 'attachment; filename="a"'
        assert found["ContentEncoding"] == "gzip"
        assert found["ContentLanguage"] == "fr, en"
        assert found["ResponseMetadata"]["HTTPHeaders"]["expires"] == "Tue, 01 Jan 2030 00:00:00 GMT"
        assert found["WebsiteRedirectLocation"] == "/elsewhere"
        assert found["Metadata"] == {"color": "blue", "size": "big"}
        assert found["ResponseMetadata"]["HTTPHeaders"]["x-amz-tagging-count"] == "2"
        assert found["StorageClass"] == "STANDARD_IA"


def test_defaults(s3, bucket):
    put(s3, bucket)
    headers = get(s3, bucket)["ResponseMetadata"]["HTTPHeaders"]
    assert headers["content-type"] == "binary/octet-stream"
    assert headers["x-amz-server-side-encryption"] == "AES256", "as every new bucket of today has it"
    for absent in ("cache-control", "content-encoding", "expires", "x-amz-tagging-count", "x-amz-storage-class", "x-amz-version-id",
                   "x-amz-mp-parts-count", "x-amz-checksum-crc64nvme"):
        assert absent not in headers, absent


def test_put_replaces_all_of_it(s3, bucket):
    put(s3, bucket, body=b"one", Metadata={"a": "1"}, ContentType="text/plain", Tagging="a=1")
    put(s3, bucket, body=b"two")
    found = get(s3, bucket)
    assert found["Body"].read() == b"two"
    assert found["Metadata"] == {} and found["ContentType"] == "binary/octet-stream"
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == []


def test_overrides_of_the_answers_headers(s3, bucket):
    put(s3, bucket, ContentType="text/plain", CacheControl="no-store")
    overrides = {"ResponseContentType": "text/css", "ResponseCacheControl": "public", "ResponseContentDisposition": "inline",
                 "ResponseContentEncoding": "br", "ResponseContentLanguage": "de", "ResponseExpires": 0}
    headers = get(s3, bucket, **overrides)["ResponseMetadata"]["HTTPHeaders"]
    assert headers["content-type"] == "text/css" and headers["cache-control"] == "public"
    assert headers["content-disposition"] == "inline" and headers["content-encoding"] == "br"
    assert headers["content-language"] == "de" and headers["expires"] == "Thu, 01 Jan 1970 00:00:00 GMT"
    assert get(s3, bucket)["ContentType"] == "text/plain", "for one answer alone"


def test_metadata_has_two_kilobytes(s3, bucket):
    put(s3, bucket, Metadata={"a": "m" * 2047})
    assert s3.head_object(Bucket=bucket, Key="k")["Metadata"] == {"a": "m" * 2047}
    error = refused(put, s3, bucket, Metadata={"a": "m" * 2048})
    assert (error["status"], error["Code"], error["MaxSizeAllowed"]) == (400, "MetadataTooLarge", "2048")


@pytest.mark.parametrize("parameters, status, code", [
    ({"StorageClass": "GLACIER_DEEP"}, 400, "InvalidStorageClass"),
    ({"ACL": "public-read"}, 400, "AccessControlListNotSupported"),
    ({"GrantRead": 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'}, 400, "AccessControlListNotSupported"),
    ({"WebsiteRedirectLocation": "elsewhere"}, 400, "InvalidRedirectLocation"),
    ({"ContentMD5": "nonsense"}, 400, "InvalidDigest"),
    ({"ContentMD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}, 400, "BadDigest"),
    ({"Tagging": "a=1&a=2"}, 400, "InvalidArgument"),
    ({"ObjectLockLegalHoldStatus": "ON"}, 400, "InvalidRequest"),
    ({"ExpectedBucketOwner": "111111111111"}, 403, "AccessDenied"),
])
def test_refused_uploads_leave_what_was_there(s3, bucket, parameters, status, code):
    put(s3, bucket, body=b"old")
    error = refused(put, s3, bucket, body=b"new", **parameters)
    assert (error["status"], error["Code"]) == (status, code)
    assert get(s3, bucket)["Body"].read() == b"old"


@pytest.mark.parametrize("acl", ["bucket-owner-full-control", "private"])  # the second as upload libraries send it
def test_the_owners_canned_acl_is_taken(s3, bucket, acl):
    put(s3, bucket, ACL=acl)
    assert get(s3, bucket)["Body"].read() == b"x"
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts", ACL=acl)["UploadId"]
    s3.abort_multipart_upload(Bucket=bucket, Key="parts", UploadId=upload)
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "k"}, ACL=acl)
    grants = s3.get_object_acl(Bucket=bucket, Key="copy")["Grants"]
    assert [grant["Permission"] for grant in grants] == ["FULL_CONTROL"]


def test_what_is_not_there(s3, bucket):
    error = refused(get, s3, bucket, "none")
    assert (error["status"], error["Code"], error["Message"]) == (404, "NoSuchKey", "The specified key does not exist.")
    assert error["Key"] == "none"
    assert refused(s3.head_object, Bucket=bucket, Key="none")["status"] == 404
    assert refused(get, s3, bucket + "-none", "k")["Code"] == "NoSuchBucket"
    assert refused(put, s3, bucket + "-none")["Code"] == "NoSuchBucket"


def test_a_head_that_fails_has_no_body(raw_s3, bucket):
    answer = raw_s3.request("HEAD", f"/{bucket}/none")
    assert (answer.status, answer.body) == (404, b"")


def test_length_is_needed(raw_s3, bucket):
    """An upload says how long it is, in one way or the other."""
    sent = raw_s3.signed("PUT", f"/{bucket}/k", payload="UNSIGNED-PAYLOAD")
    sent["transfer-encoding"] = "chunked"
    answer = raw_s3.exchange("PUT", f"/{bucket}/k", b"1\r\nx\r\n0\r\n\r\n", sent)
    assert answer.status in (411, 501)
    assert raw_s3.request("GET", f"/{bucket}/k").code == "NoSuchKey"


def test_five_gigabytes_at_most(raw_s3, bucket):
    """Refused by the announced length, before the body."""
    sent = raw_s3.signed("PUT", f"/{bucket}/k", payload="UNSIGNED-PAYLOAD")
    sent["content-length"] = str((5 << 30) + 1)
    answer = raw_s3.exchange("PUT", f"/{bucket}/k", b"", sent)
    assert (answer.status, answer.code) == (400, "EntityTooLarge")


def test_a_body_that_ends_early_stores_nothing(raw_s3, s3, bucket):
    put(s3, bucket, body=b"old")
    for size in (1000, 3 * MEGABYTE):
        sent = raw_s3.signed("PUT", f"/{bucket}/k", payload="UNSIGNED-PAYLOAD")
        lines = [f"PUT /{bucket}/k HTTP/1.1", *[f"{n}: {v}" for n, v in sent.items()], f"content-length: {size}", "", ""]
        sock = raw_s3.connect()
        sock.sendall("\r\n".join(lines).encode() + b"n" * (size - 1))
        sock.close()
    put(s3, bucket, "other")
    assert get(s3, bucket)["Body"].read() == b"old"


def blob_files(server):
    return [path for path in server.data.rglob("*") if path.is_file() and "blobs" in path.parts]


def test_aborted_and_refused_uploads_leave_no_file(raw_s3, s3, bucket, on_reprise):
    before = set(blob_files(on_reprise))
    body = os.urandom(3 * MEGABYTE)
    wrong = hashlib.sha256(b"other").hexdigest()
    assert raw_s3.request("PUT", f"/{bucket}/k", body=body, payload=wrong).code == "XAmzContentSHA256Mismatch"
    assert raw_s3.request("PUT", f"/{bucket}/k", body=body, headers={"x-amz-checksum-crc32": "AAAAAA=="}).code == "BadDigest"
    put(s3, bucket, "there")
    assert refused(put_if_absent, s3, bucket, "there", body)["Code"] == "PreconditionFailed"
    sent = raw_s3.signed("PUT", f"/{bucket}/k", payload="UNSIGNED-PAYLOAD")
    lines = [f"PUT /{bucket}/k HTTP/1.1", *[f"{n}: {v}" for n, v in sent.items()], f"content-length: {len(body)}", "", ""]
    sock = raw_s3.connect()
    sock.sendall("\r\n".join(lines).encode() + body[:2 * MEGABYTE])
    sock.close()
    wait_for("the aborted upload", lambda: not set(blob_files(on_reprise)) - before or None)


def put_if_absent(s3, bucket, key, body):
    def add(params, **_):
        params["headers"]["If-None-Match"] = "*"
    s3.meta.events.register("before-call.s3.PutObject", add)
    try:
        return put(s3, bucket, key, body)
    finally:
        s3.meta.events.unregister("before-call.s3.PutObject", add)


def test_puts_of_one_key_at_once(s3, bucket):
    """All succeed; the last one stays whole."""
    bodies = [bytes([i]) * (200_000 if i % 2 else 1000) for i in range(16)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda body: put(s3, bucket, body=body), bodies))
    assert get(s3, bucket)["Body"].read() in bodies


def test_readers_see_one_version(s3, bucket):
    put(s3, bucket, body=b"a" * 300_000)

    def write(number):
        put(s3, bucket, body=bytes([97 + number % 26]) * (300_000 if number % 2 else 500))

    def read(_):
        found = get(s3, bucket)["Body"].read()
        return len(set(found)) == 1 and len(found) in (500, 300_000)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        writes = [pool.submit(write, number) for number in range(30)]
        assert all(pool.map(read, range(60)))
        for done in writes:
            done.result()


def test_a_new_version_for_each_put(s3, versioned):
    first, second = put(s3, versioned, body=b"one")["VersionId"], put(s3, versioned, body=b"two" * 50_000)["VersionId"]
    assert first != second
    assert get(s3, versioned)["VersionId"] == second
    found = get(s3, versioned, VersionId=first)
    assert (found["Body"].read(), found["VersionId"]) == (b"one", first)
    error = refused(get, s3, versioned, VersionId="nonsense")
    assert (error["Code"], error["Message"]) == ("InvalidArgument", "Invalid version id specified")


def test_delete_markers(s3, versioned):
    put(s3, versioned)
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]
    error = refused(get, s3, versioned)
    assert (error["status"], error["Code"], error["headers"]["x-amz-delete-marker"]) == (404, "NoSuchKey", "true")
    error = refused(get, s3, versioned, VersionId=marker)
    assert (error["status"], error["Code"], error["headers"]["x-amz-delete-marker"]) == (405, "MethodNotAllowed", "true")
    assert "last-modified" in error["headers"]
    error = refused(s3.head_object, Bucket=versioned, Key="k", VersionId=marker)
    assert (error["status"], error["headers"]["x-amz-delete-marker"]) == (405, "true")


def test_attributes(raw_s3, s3, bucket):
    put(s3, bucket, body=b"hello")
    answer = raw_s3.request("GET", f"/{bucket}/k", "attributes", {"x-amz-object-attributes": "ETag,Checksum,ObjectSize,StorageClass,ObjectParts"})
    assert answer.status == 200
    assert answer.element("ETag") == hashlib.md5(b"hello").hexdigest(), "without quotes"
    assert answer.element("ObjectSize") == "5" and answer.element("StorageClass") == "STANDARD"
    assert answer.element("ChecksumType") == "FULL_OBJECT" and answer.element("ObjectParts") is None
    assert "last-modified" in answer.headers
    assert raw_s3.request("GET", f"/{bucket}/k", "attributes").code == "InvalidArgument"
    assert raw_s3.request("GET", f"/{bucket}/k", "attributes", {"x-amz-object-attributes": "Colour"}).code == "InvalidArgument"
    assert raw_s3.request("GET", f"/{bucket}/none", "attributes", {"x-amz-object-attributes": "ETag"}).code == "NoSuchKey"


def test_there_is_nothing_to_restore(s3, bucket):
    put(s3, bucket)
    error = refused(s3.restore_object, Bucket=bucket, Key="k", RestoreRequest={"Days": 1})
    assert (error["status"], error["Code"]) == (403, "InvalidObjectState")
    assert error["Message"] == "Restore is not allowed for the object's current storage class"


def test_what_is_not_built_says_so(raw_s3, s3, bucket):
    put(s3, bucket)
    assert raw_s3.request("GET", f"/{bucket}/k", "torrent").status == 501
    assert raw_s3.request("POST", f"/{bucket}/k", "select&select-type=2", body=b"<a/>").status == 501


def test_anonymous_readers_may_not_override(raw_s3, s3, make_bucket):
    bucket = make_bucket()
    put(s3, bucket)
    assert raw_s3.request("GET", f"/{bucket}/k", sign=False).status == 403
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=(
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::%s/*"}]}'
        % bucket))
    assert raw_s3.request("GET", f"/{bucket}/k", sign=False).body == b"x"
    answer = raw_s3.request("GET", f"/{bucket}/k", "response-content-type=text/css", sign=False)
    assert (answer.status, answer.code) == (400, "InvalidRequest")
    assert answer.message == "Request specific response headers cannot be used for anonymous GET requests."
    assert raw_s3.request("GET", f"/{bucket}/none", sign=False).code == "AccessDenied", "who may not list is not told"


def test_a_damaged_payload_is_never_served(s3, raw_s3, make_bucket, on_reprise):
    """A bit flipped on the disk fails the read, at once or by cutting the answer short."""
    bucket = make_bucket()
    before = set(blob_files(on_reprise))
    body = os.urandom(4 * MEGABYTE)
    put(s3, bucket, body=body)
    (path,) = set(blob_files(on_reprise)) - before

    def flip(position):
        with open(path, "r+b") as file:
            file.seek(position)
            byte = file.read(1)[0]
            file.seek(position)
            file.write(bytes([byte ^ 1]))

    flip(5000)
    answer = raw_s3.request("GET", f"/{bucket}/k")
    assert (answer.status, answer.code) == (500, "InternalError")
    assert raw_s3.request("GET", f"/{bucket}/k", headers={"range": "bytes=3000000-3000009"}).body == body[3000000:3000010]
    flip(5000)
    assert raw_s3.request("GET", f"/{bucket}/k").body == body
    flip(3_500_000)
    with pytest.raises(http.client.IncompleteRead):
        raw_s3.request("GET", f"/{bucket}/k")
    flip(3_500_000)


def test_as_of_of_a_bucket_without_versions(s3, raw_s3, make_bucket, on_reprise):
    bucket = make_bucket()
    setting = raw_s3.request("PUT", f"/{bucket}", "reprise-recovery",
                             body=b"<RecoveryConfiguration><Days>7</Days></RecoveryConfiguration>")
    if setting.status != 200:
        pytest.skip("the recovery setting has another form")
    put(s3, bucket, body=b"old" * 50_000)
    time.sleep(0.01)
    then = time.time()
    time.sleep(0.01)
    put(s3, bucket, body=b"new")
    answer = raw_s3.request("GET", f"/{bucket}/k", headers={"x-reprise-as-of": f"{then:.6f}"})
    assert (answer.status, answer.body) == (200, b"old" * 50_000)
    assert raw_s3.request("HEAD", f"/{bucket}/k", headers={"x-reprise-as-of": f"{then:.6f}"}).headers["content-length"] == "150000"
