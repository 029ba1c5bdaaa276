"""CopyObject: within a bucket and between buckets, versions brought back, directives, conditions, and how long it takes."""
import concurrent.futures
import os
import time

import pytest

from harness.s3 import keys_of, refused

MEGABYTE = 1 << 20
SELF_COPY = ("This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, "
             "storage class, website redirect location or encryption attributes.")


def put(s3, bucket, key="k", body=b"text", **parameters):
    return s3.put_object(Bucket=bucket, Key=key, Body=body, **parameters)


def copy(s3, bucket, key="copy", source="k", source_bucket=None, **parameters):
    found = {"Bucket": source_bucket or bucket, "Key": source}
    if "version" in parameters:
        found["VersionId"] = parameters.pop("version")
    return s3.copy_object(Bucket=bucket, Key=key, CopySource=found, **parameters)


def body_of(s3, bucket, key="copy", **parameters):
    return s3.get_object(Bucket=bucket, Key=key, **parameters)["Body"].read()


@pytest.mark.parametrize("size", [0, 100, 32768, 32769, 3 * MEGABYTE + 5])
def test_every_size(s3, make_bucket, size):
    first, second = make_bucket(), make_bucket()
    body = os.urandom(size)
    etag = put(s3, first, body=body, ContentType="a/b", Metadata={"m": "1"}, Tagging="t=1")["ETag"]
    copied = copy(s3, second, source_bucket=first)["CopyObjectResult"]
    assert copied["ETag"] == etag
    assert copied["LastModified"] == s3.head_object(Bucket=second, Key="copy")["LastModified"]
    found = s3.get_object(Bucket=second, Key="copy")
    assert found["Body"].read() == body
    assert (found["ETag"], found["ContentType"], found["Metadata"]) == (etag, "a/b", {"m": "1"})
    assert s3.get_object_tagging(Bucket=second, Key="copy")["TagSet"] == [{"Key": "t", "Value": "1"}]
    put(s3, first, body=b"overwritten")
    s3.delete_object(Bucket=first, Key="k")
    assert body_of(s3, second) == body


@pytest.mark.parametrize("key", ["a b", "plus+plus", "é漢字", "q?x=1", "per%41cent", "a/b/../c", "&=#"])
def test_any_key_as_the_source(s3, bucket, key):
    put(s3, bucket, key, key.encode())
    copy(s3, bucket, source=key)
    assert body_of(s3, bucket) == key.encode()


@pytest.mark.parametrize("source, code, message", [
    ("", "InvalidArgument", "Invalid copy source bucket name"), ("/", "InvalidArgument", "Invalid copy source bucket name"),
    ("a b/k", "InvalidArgument", "Invalid copy source bucket name"),
    ("bucket-alone", "InvalidArgument", "Invalid copy source object key"),
    ("{bucket}/", "InvalidArgument", "Invalid copy source object key"),
    ("%zz/k", "InvalidArgument", "Invalid copy source encoding."),
    ("{bucket}/none", "NoSuchKey", None), ("no-such-bucket-here/k", "NoSuchBucket", None),
    ("{bucket}/k?versionId=nonsense", "InvalidArgument", "Invalid version id specified"),
])
def test_sources_that_are_none(raw_s3, s3, bucket, source, code, message):
    put(s3, bucket)
    answer = raw_s3.request("PUT", f"/{bucket}/copy", headers={"x-amz-copy-source": source.format(bucket=bucket)})
    assert answer.code == code
    assert message is None or answer.message == message


def test_sources_where_nothing_is_copied(raw_s3, s3, bucket):
    put(s3, bucket)
    headers = {"x-amz-copy-source": f"{bucket}/k"}
    for method, path in (("GET", f"/{bucket}/k"), ("DELETE", f"/{bucket}/k"), ("GET", f"/{bucket}")):
        answer = raw_s3.request(method, path, headers=headers)
        assert (answer.status, answer.code, answer.element("ArgumentName")) == (400, "InvalidArgument", "x-amz-copy-source")
        assert answer.message == "You can only specify a copy source header for copy requests."
    assert raw_s3.request("POST", f"/{bucket}/k", "uploadId=x", headers).code == "InvalidArgument"
    assert keys_of(s3, bucket) == ["k"], "nothing was deleted"


def test_directives(s3, bucket):
    put(s3, bucket, ContentType="a/b", CacheControl="no-store", Metadata={"m": "1"}, Tagging="t=1", WebsiteRedirectLocation="/there")
    copy(s3, bucket, Metadata={"m": "2"}, ContentType="c/d")
    found = s3.head_object(Bucket=bucket, Key="copy")
    assert (found["Metadata"], found["ContentType"], found["CacheControl"]) == ({"m": "1"}, "a/b", "no-store"), "COPY, unless told"
    assert "WebsiteRedirectLocation" not in found, "is never copied"
    copy(s3, bucket, MetadataDirective="REPLACE", Metadata={"m": "2"}, ContentType="c/d")
    found = s3.head_object(Bucket=bucket, Key="copy")
    assert (found["Metadata"], found["ContentType"]) == ({"m": "2"}, "c/d") and "CacheControl" not in found
    copy(s3, bucket, TaggingDirective="REPLACE", Tagging="u=2")
    assert s3.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"] == [{"Key": "u", "Value": "2"}]
    assert refused(copy, s3, bucket, MetadataDirective="MOVE")["Code"] == "InvalidArgument"
    assert refused(copy, s3, bucket, TaggingDirective="MOVE")["Code"] == "InvalidArgument"


def test_to_itself(s3, bucket):
    put(s3, bucket)
    error = refused(copy, s3, bucket, "k")
    assert (error["status"], error["Code"], error["Message"]) == (400, "InvalidRequest", SELF_COPY)
    copy(s3, bucket, "k", MetadataDirective="REPLACE", Metadata={"m": "1"})
    assert s3.head_object(Bucket=bucket, Key="k")["Metadata"] == {"m": "1"}
    copy(s3, bucket, "k", StorageClass="STANDARD_IA")
    assert s3.head_object(Bucket=bucket, Key="k")["StorageClass"] == "STANDARD_IA"
    copy(s3, bucket, "k", ServerSideEncryption="AES256")
    copy(s3, bucket, "k", WebsiteRedirectLocation="/x")
    assert body_of(s3, bucket, "k") == b"text"


@pytest.mark.parametrize("size", [10, 200_000])
def test_an_older_version_brought_back(s3, versioned, size):
    """What AWS's guide tells to do: copy the old version over the current one. Nothing is lost by it."""
    body = os.urandom(size)
    first = put(s3, versioned, body=body)["VersionId"]
    second = put(s3, versioned, body=b"worse")["VersionId"]
    copied = copy(s3, versioned, "k", version=first)
    assert copied["CopySourceVersionId"] == first
    assert copied["VersionId"] not in (first, second)
    assert body_of(s3, versioned, "k") == body
    assert body_of(s3, versioned, "k", VersionId=second) == b"worse"
    assert len(s3.list_object_versions(Bucket=versioned)["Versions"]) == 3
    s3.delete_object(Bucket=versioned, Key="k", VersionId=first)
    assert body_of(s3, versioned, "k") == body
    third = copy(s3, versioned, "k", version=copied["VersionId"])["VersionId"]
    assert third, "even the current version by its id"


def test_delete_markers_as_sources(s3, versioned):
    put(s3, versioned)
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]
    assert refused(copy, s3, versioned)["Code"] == "NoSuchKey"
    error = refused(copy, s3, versioned, version=marker)
    assert (error["status"], error["Code"]) == (400, "InvalidRequest")
    assert error["Message"] == "The source of a copy request may not specifically refer to a delete marker by version id."


def test_conditions_of_the_source(raw_s3, s3, bucket):
    etag = put(s3, bucket)["ETag"]
    date = raw_s3.request("HEAD", f"/{bucket}/k").headers["last-modified"]
    long_ago = "Sun, 06 Nov 1994 08:49:37 GMT"
    cases = [({"if-match": etag}, 200), ({"if-match": '"x"'}, 412), ({"if-none-match": etag}, 412), ({"if-none-match": '"x"'}, 200),
             ({"if-modified-since": long_ago}, 200), ({"if-modified-since": date}, 412),
             ({"if-unmodified-since": long_ago}, 412), ({"if-unmodified-since": date}, 200),
             ({"if-match": etag, "if-unmodified-since": long_ago}, 200), ({"if-none-match": etag, "if-modified-since": long_ago}, 412)]
    for conditions, status in cases:
        headers = {f"x-amz-copy-source-{name}": value for name, value in conditions.items()}
        answer = raw_s3.request("PUT", f"/{bucket}/copy", headers=headers | {"x-amz-copy-source": f"{bucket}/k"})
        assert answer.status == status, conditions
        assert (answer.code == "PreconditionFailed") == (status == 412)


def test_conditions_of_the_target(raw_s3, s3, bucket):
    put(s3, bucket)
    source = {"x-amz-copy-source": f"{bucket}/k"}
    assert raw_s3.request("PUT", f"/{bucket}/copy", headers=source | {"if-none-match": "*"}).status == 200
    assert raw_s3.request("PUT", f"/{bucket}/copy", headers=source | {"if-none-match": "*"}).code == "PreconditionFailed"
    assert raw_s3.request("PUT", f"/{bucket}/none", headers=source | {"if-match": '"x"'}).code == "NoSuchKey"


def test_expected_owners(s3, bucket, on_reprise):
    put(s3, bucket)
    copy(s3, bucket, ExpectedBucketOwner="000000000000", ExpectedSourceBucketOwner="000000000000")
    assert refused(copy, s3, bucket, ExpectedSourceBucketOwner="111111111111")["Code"] == "AccessDenied"


def test_checksums(raw_s3, s3, bucket):
    put(s3, bucket, body=b"hello" * 20_000)
    mode = {"x-amz-checksum-mode": "ENABLED"}
    before = raw_s3.request("HEAD", f"/{bucket}/k", headers=mode).headers["x-amz-checksum-crc64nvme"]
    answer = raw_s3.request("PUT", f"/{bucket}/copy", headers={"x-amz-copy-source": f"{bucket}/k"})
    assert (answer.element("ChecksumCRC64NVME"), answer.element("ChecksumType")) == (before, "FULL_OBJECT")
    answer = raw_s3.request("PUT", f"/{bucket}/copy", headers={"x-amz-copy-source": f"{bucket}/k", "x-amz-checksum-algorithm": "SHA256"})
    assert answer.element("ChecksumSHA256") and answer.element("ChecksumCRC64NVME") is None
    assert raw_s3.request("HEAD", f"/{bucket}/copy", headers=mode).headers["x-amz-checksum-sha256"] == answer.element("ChecksumSHA256")


def blob_bytes(server):
    return sum(path.stat().st_size for path in server.data.rglob("*") if path.is_file() and "blobs" in path.parts)


def test_a_large_copy_shares_its_bytes(s3, bucket, on_reprise):
    """However large, it takes no room: nothing of it is written anew."""
    body = os.urandom(64 * MEGABYTE)
    put(s3, bucket, body=body)
    before = blob_bytes(on_reprise)
    copy(s3, bucket)
    assert blob_bytes(on_reprise) <= before, "less, when what others left was collected meanwhile"
    assert body_of(s3, bucket) == body


def test_many_copies_of_one_source_at_once(s3, bucket):
    body = os.urandom(200_000)
    put(s3, bucket, body=body)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: copy(s3, bucket, f"copy{n % 10}"), range(60)))
    for number in range(10):
        assert body_of(s3, bucket, f"copy{number}") == body


def test_no_copy_is_refused_for_others_of_the_same_source(raw_s3, s3, bucket):
    """However many there are at once: they come one after the other."""
    put(s3, bucket, body=os.urandom(50_000))
    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(lambda n: raw_s3.request("PUT", f"/{bucket}/copy{n}", headers={"x-amz-copy-source": f"{bucket}/k"}),
                                range(640)))
    assert {answer.code for answer in answers} == {""}


def test_plain_to_sealed_and_back(s3, make_bucket):
    plain, sealed = make_bucket(), make_bucket()
    s3.delete_bucket_encryption(Bucket=plain)
    body = os.urandom(2 * MEGABYTE)
    etag = put(s3, plain, body=body)["ETag"]
    for bucket, source in ((sealed, plain), (plain, sealed)):
        copied = copy(s3, bucket, "k" if bucket == sealed else "back", source_bucket=source, source="k")
        assert copied["CopyObjectResult"]["ETag"] == etag
    assert body_of(s3, sealed, "k") == body_of(s3, plain, "back") == body


def test_a_multipart_source(s3, bucket):
    parts = [os.urandom(5 * MEGABYTE), os.urandom(100)]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    made = [{"PartNumber": n, "ETag": s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=n, Body=body)["ETag"]}
            for n, body in enumerate(parts, 1)]
    s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": made})
    copy(s3, bucket)
    assert body_of(s3, bucket) == b"".join(parts)
    s3.delete_object(Bucket=bucket, Key="k")
    assert body_of(s3, bucket) == b"".join(parts)


def test_out_of_the_past(raw_s3, s3, make_bucket, on_reprise):
    """An overwritten object of a bucket without versions comes back with one request."""
    bucket = make_bucket()
    setting = raw_s3.request("PUT", f"/{bucket}", "reprise-recovery",
                             body=b"<RecoveryConfiguration><Days>7</Days></RecoveryConfiguration>")
    if setting.status != 200:
        pytest.skip("the recovery setting has another form")
    body = os.urandom(100_000)
    put(s3, bucket, body=body, Metadata={"m": "1"})
    time.sleep(0.01)
    then = f"{time.time():.6f}"
    time.sleep(0.01)
    put(s3, bucket, body=b"overwritten")
    answer = raw_s3.request("PUT", f"/{bucket}/k", headers={"x-amz-copy-source": f"{bucket}/k", "x-reprise-copy-source-as-of": then})
    assert answer.status == 200, answer.body
    assert body_of(s3, bucket, "k") == body
    assert s3.head_object(Bucket=bucket, Key="k")["Metadata"] == {"m": "1"}
    answer = raw_s3.request("PUT", f"/{bucket}/k", headers={"x-amz-copy-source": f"{bucket}/k", "x-reprise-copy-source-as-of": "1"})
    assert answer.status in (400, 404)
