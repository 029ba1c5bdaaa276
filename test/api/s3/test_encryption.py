"""Server-side encryption: SSE-S3, SSE-KMS with named keys, SSE-C, buckets' defaults, copies between them all, and what
the disk holds. Refusals have the service's codes and texts.

boto3 sends SSE-C's headers over plain HTTP only when it is told not to look, which harness/s3.py does; AWS itself asks for
TLS there."""
import base64
import hashlib
import json
import os
from pathlib import Path

import pytest

from harness.cli import run_cli
from harness.s3 import refused, s3_client
from harness.server import Server
from harness.tables import unique

SMALL = b"a small text that nobody else is to read, " * 20
LARGE = (b"a large text that nobody else is to read, " * 26_000)[:1_050_000]
KEY = b"k" * 32
OTHER = b"o" * 32
SSE = "x-amz-server-side-encryption"


def md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data).digest()).decode()


def customer(key: bytes, prefix: str = "") -> dict:
    """boto3's parameters; it adds the MD5 and the base64 itself."""
    return {f"{prefix}SSECustomerAlgorithm": "AES256", f"{prefix}SSECustomerKey": key}


def customer_headers(key: bytes = KEY, source: bool = False) -> dict:
    prefix = "x-amz-copy-source-server-side-encryption" if source else SSE
    return {f"{prefix}-customer-algorithm": "AES256", f"{prefix}-customer-key": base64.b64encode(key).decode(),
            f"{prefix}-customer-key-md5": md5(key)}


def body(answer: dict) -> bytes:
    return answer["Body"].read()


@pytest.fixture(scope="module")
def named_key(on_reprise):
    """The ARN and the alias of a new key."""
    alias = "alias/" + unique("k")
    made = run_cli(on_reprise, "key", "create", "--alias", alias, "--json")
    assert made.code == 0, made.err
    return made.json["Key"]["Arn"], alias


# ---- SSE-S3 ----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("data", [b"", SMALL, LARGE], ids=["empty", "small", "large"])
def test_new_objects_are_encrypted_by_default(s3, bucket, data):
    put = s3.put_object(Bucket=bucket, Key="k", Body=data)
    assert put["ServerSideEncryption"] == "AES256"
    assert put["ETag"] == f'"{hashlib.md5(data).hexdigest()}"', "the ETag of SSE-S3 is the MD5 of the plain text"
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["ServerSideEncryption"] == "AES256" and body(got) == data
    assert s3.head_object(Bucket=bucket, Key="k")["ServerSideEncryption"] == "AES256"


def test_ranges_of_encrypted_objects(s3, bucket):
    """Sealed blocks do not show through, whatever is read of them."""
    s3.put_object(Bucket=bucket, Key="k", Body=LARGE)
    for first, last in [(0, 0), (65_519, 65_520), (65_520, 65_520), (131_039, 131_041), (1_000_000, 1_049_999), (7, 900_001)]:
        got = s3.get_object(Bucket=bucket, Key="k", Range=f"bytes={first}-{last}")
        assert body(got) == LARGE[first:last + 1], (first, last)


def test_unknown_methods_are_refused(s3, bucket):
    error = refused(s3.put_object, Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="AES128")
    assert (error["Code"], error["status"]) == ("InvalidArgument", 400)
    assert error["Message"] == "The encryption method specified is not supported"
    assert error["ArgumentName"] == SSE and error["ArgumentValue"] == "AES128"
    error = refused(s3.put_object, Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="aws:kms:dsse")
    assert (error["Code"], error["status"]) == ("NotImplemented", 501)
    assert refused(s3.head_object, Bucket=bucket, Key="k")["status"] == 404, "nothing was stored"


def test_a_key_id_needs_the_method(s3, bucket):
    for parameters in [{}, {"ServerSideEncryption": "AES256"}]:
        error = refused(s3.put_object, Bucket=bucket, Key="k", Body=b"x", SSEKMSKeyId="alias/any", **parameters)
        assert error["Code"] == "InvalidArgument"
        assert error["Message"] == ("Server Side Encryption with AWS KMS managed key requires HTTP header "
                                    "x-amz-server-side-encryption : aws:kms")


def test_reads_do_not_take_the_method(raw_s3, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=SMALL)
    answer = raw_s3.request("GET", f"/{bucket}/k", headers={SSE: "AES256"})
    assert (answer.status, answer.code) == (400, "InvalidArgument")
    assert answer.message == "x-amz-server-side-encryption header is not supported for this operation."


# ---- SSE-C -----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
def test_customer_keys(s3, bucket, data):
    put = s3.put_object(Bucket=bucket, Key="k", Body=data, **customer(KEY))
    assert put["SSECustomerAlgorithm"] == "AES256" and put["SSECustomerKeyMD5"] == md5(KEY)
    assert "ServerSideEncryption" not in put
    got = s3.get_object(Bucket=bucket, Key="k", **customer(KEY))
    assert body(got) == data and got["SSECustomerKeyMD5"] == md5(KEY)
    assert s3.head_object(Bucket=bucket, Key="k", **customer(KEY))["ContentLength"] == len(data)


def test_customer_keys_are_asked_for(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=SMALL, **customer(KEY))
    error = refused(s3.get_object, Bucket=bucket, Key="k")
    assert (error["Code"], error["status"]) == ("InvalidRequest", 400)
    assert error["Message"] == ("The object was stored using a form of Server Side Encryption. The correct parameters must "
                                "be provided to retrieve the object.")
    assert refused(s3.head_object, Bucket=bucket, Key="k")["status"] == 400
    error = refused(s3.get_object, Bucket=bucket, Key="k", **customer(OTHER))
    assert (error["Code"], error["status"]) == ("AccessDenied", 403)
    assert refused(s3.head_object, Bucket=bucket, Key="k", **customer(OTHER))["status"] == 403


def test_customer_keys_where_there_are_none(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=SMALL)
    error = refused(s3.get_object, Bucket=bucket, Key="k", **customer(KEY))
    assert (error["Code"], error["status"]) == ("InvalidRequest", 400)
    assert error["Message"] == "The encryption parameters are not applicable to this object."


PROVIDE = "Requests specifying Server Side Encryption with Customer provided keys must provide "


@pytest.mark.parametrize("change, code, message", [
    ({"algorithm": None}, "InvalidArgument", PROVIDE + "a valid encryption algorithm."),
    ({"algorithm": "AES128"}, "InvalidEncryptionAlgorithmError",
     "The encryption request you specified is not valid. The valid value is AES256."),
    ({"key": None}, "InvalidArgument", PROVIDE + "an appropriate secret key."),
    ({"key-md5": None}, "InvalidArgument", PROVIDE + "the client calculated MD5 of the secret key."),
    ({"key": base64.b64encode(b"short").decode()}, "InvalidArgument",
     "The secret key was invalid for the specified algorithm."),
    ({"key": "no base64"}, "InvalidArgument", "The secret key was invalid for the specified algorithm."),
    ({"key-md5": md5(OTHER)}, "InvalidArgument",
     "The calculated MD5 hash of the key did not match the hash that was provided."),
], ids=["no-algorithm", "algorithm", "no-key", "no-md5", "short-key", "key", "md5"])
def test_customer_headers_are_checked(raw_s3, s3, bucket, change, code, message):
    s3.put_object(Bucket=bucket, Key="there", Body=SMALL, **customer(KEY))
    headers = customer_headers()
    for name, value in change.items():
        headers[f"{SSE}-customer-{name}"] = value
    headers = {name: value for name, value in headers.items() if value is not None}
    for method, key in [("PUT", "new"), ("GET", "there")]:
        answer = raw_s3.request(method, f"/{bucket}/{key}", headers=headers, body=b"x" if method == "PUT" else b"")
        assert (answer.status, answer.code, answer.message) == (400, code, message), method
    assert refused(s3.head_object, Bucket=bucket, Key="new")["status"] == 404, "nothing was stored"


def test_customer_keys_and_a_method_are_incompatible(raw_s3, bucket):
    answer = raw_s3.request("PUT", f"/{bucket}/k", headers=customer_headers() | {SSE: "AES256"}, body=b"x")
    assert (answer.status, answer.code) == (400, "InvalidArgument")
    assert answer.message == ("Server Side Encryption with Customer provided key is incompatible with the encryption method "
                              "specified")


def test_multipart_with_a_customer_key(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k", **customer(KEY))["UploadId"]
    pieces = [b"1" * (5 << 20), b"2" * 1000]
    etags = [s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=n, Body=piece, **customer(KEY))["ETag"]
             for n, piece in enumerate(pieces, 1)]
    refusal = refused(s3.upload_part, Bucket=bucket, Key="k", UploadId=upload, PartNumber=3, Body=b"3")
    assert refusal["status"] == 400 and refusal["Code"] == "InvalidRequest"
    refused(s3.upload_part, Bucket=bucket, Key="k", UploadId=upload, PartNumber=3, Body=b"3", **customer(OTHER))
    parts = [{"PartNumber": n, "ETag": etag} for n, etag in enumerate(etags, 1)]
    s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts})
    assert body(s3.get_object(Bucket=bucket, Key="k", **customer(KEY))) == b"".join(pieces)
    assert refused(s3.get_object, Bucket=bucket, Key="k")["status"] == 400


# ---- SSE-KMS ---------------------------------------------------------------------------------------------------------

def test_named_keys(s3, bucket, named_key):
    arn, alias = named_key
    for name in [arn, alias, arn.split("/")[-1], arn.rsplit(":", 1)[0] + ":" + alias]:
        put = s3.put_object(Bucket=bucket, Key="k", Body=SMALL, ServerSideEncryption="aws:kms", SSEKMSKeyId=name)
        assert (put["ServerSideEncryption"], put["SSEKMSKeyId"]) == ("aws:kms", arn), name
        got = s3.get_object(Bucket=bucket, Key="k")
        assert (got["ServerSideEncryption"], got["SSEKMSKeyId"]) == ("aws:kms", arn)
        assert body(got) == SMALL


def test_the_default_key_of_an_account(s3, bucket, on_reprise):
    first = s3.put_object(Bucket=bucket, Key="a", Body=SMALL, ServerSideEncryption="aws:kms")["SSEKMSKeyId"]
    second = s3.put_object(Bucket=bucket, Key="b", Body=SMALL, ServerSideEncryption="aws:kms",
                           SSEKMSKeyId="alias/aws/s3")["SSEKMSKeyId"]
    assert first == second
    listed = run_cli(on_reprise, "key", "list", "--json").json["Keys"]
    assert [key["Alias"] for key in listed if key["Arn"] == first] == ["alias/aws/s3"]


def test_context_and_bucket_key_are_answered(s3, bucket, named_key):
    context = base64.b64encode(json.dumps({"team": "sound"}).encode()).decode()
    put = s3.put_object(Bucket=bucket, Key="k", Body=SMALL, ServerSideEncryption="aws:kms", SSEKMSKeyId=named_key[0],
                        SSEKMSEncryptionContext=context, BucketKeyEnabled=True)
    assert put["SSEKMSEncryptionContext"] == context and put["BucketKeyEnabled"] is True
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["BucketKeyEnabled"] is True and "SSEKMSEncryptionContext" not in got and body(got) == SMALL


def test_bad_contexts(s3, bucket):
    for context in ["no base64", base64.b64encode(b"[]").decode(), base64.b64encode(b'{"a": 1}').decode()]:
        error = refused(s3.put_object, Bucket=bucket, Key="k", Body=SMALL, ServerSideEncryption="aws:kms",
                        SSEKMSEncryptionContext=context)
        assert error["Code"] == "InvalidArgument"
        assert error["Message"].startswith("The header 'x-amz-server-side-encryption-context' shall be Base64-encoded")


def test_unknown_keys(s3, bucket, endpoint):
    here = f"arn:aws:kms:{endpoint.region}:000000000000:"
    nobodys = "134f2428-cec1-4b25-a1ae-9048164dba47"
    for name, message in [("fake-key-id", "Invalid keyId 'fake-key-id'"),
                          (nobodys, f"Key '{here}key/{nobodys}' does not exist"),
                          (here + "key/" + nobodys, f"Key '{here}key/{nobodys}' does not exist"),
                          ("alias/none", f"Alias {here}alias/none is not found."),
                          (f"arn:aws:kms:ap-south-1:000000000000:key/{nobodys}", "Invalid arn ap-south-1")]:
        error = refused(s3.put_object, Bucket=bucket, Key="k", Body=SMALL, ServerSideEncryption="aws:kms", SSEKMSKeyId=name)
        assert (error["Code"], error["status"], error["Message"]) == ("KMS.NotFoundException", 400, message)
    assert refused(s3.head_object, Bucket=bucket, Key="k")["status"] == 404, "nothing was stored"


def test_rotation_opens_what_was_sealed_before(s3, bucket, on_reprise):
    alias = "alias/" + unique("k")
    made = run_cli(on_reprise, "key", "create", "--alias", alias, "--json").json["Key"]
    kms = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": alias}
    s3.put_object(Bucket=bucket, Key="before", Body=LARGE, **kms)
    rotated = run_cli(on_reprise, "key", "rotate", alias, "--json").json["Key"]
    assert (rotated["Arn"], rotated["Generations"]) == (made["Arn"], 2)
    s3.put_object(Bucket=bucket, Key="after", Body=LARGE, **kms)
    for key in ["before", "after"]:
        got = s3.get_object(Bucket=bucket, Key=key)
        assert got["SSEKMSKeyId"] == made["Arn"] and body(got) == LARGE


def test_named_keys_want_version_4(endpoint, s3, raw_s3, bucket, named_key):
    """S3 API reference, PutObject: "All GET and PUT requests for an object protected by KMS will fail if they're not made
    via SSL or using SigV4"; so an object under a named key is nobody's whom no signature names."""
    s3.put_object(Bucket=bucket, Key="k", Body=SMALL, ServerSideEncryption="aws:kms", SSEKMSKeyId=named_key[0])
    s3.put_object(Bucket=bucket, Key="open", Body=SMALL)
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"arn:aws:s3:::{bucket}/*"}]}))
    old = s3_client(endpoint, signature_version="s3")
    refusal = (400, "InvalidArgument",
               "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.")

    def by_url(operation, method, key):
        url = old.generate_presigned_url(operation, {"Bucket": bucket, "Key": key})
        return raw_s3.exchange(method, url.split(raw_s3.host, 1)[1], b"", {"host": raw_s3.host})

    for answer in (raw_s3.request("GET", f"/{bucket}/k", sign=False), by_url("get_object", "GET", "k"),
                   raw_s3.request("PUT", f"/{bucket}/new", headers={SSE: "aws:kms"}, sign=False)):
        assert (answer.status, answer.code, answer.message) == refusal
    assert raw_s3.exchange("GET", raw_s3.presigned("GET", f"/{bucket}/k"), b"", {"host": raw_s3.host}).body == SMALL
    for answer in (raw_s3.request("GET", f"/{bucket}/open", sign=False), by_url("get_object", "GET", "open")):
        assert answer.body == SMALL
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [
        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]})
    assert by_url("put_object", "PUT", "new").message == refusal[2]
    assert refused(s3.head_object, Bucket=bucket, Key="new")["status"] == 404


def test_multipart_with_a_named_key(s3, bucket, named_key):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k", ServerSideEncryption="aws:kms", SSEKMSKeyId=named_key[1])
    assert upload["SSEKMSKeyId"] == named_key[0]
    part = s3.upload_part(Bucket=bucket, Key="k", UploadId=upload["UploadId"], PartNumber=1, Body=SMALL)
    assert part["SSEKMSKeyId"] == named_key[0]
    done = s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload["UploadId"],
                                        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert done["SSEKMSKeyId"] == named_key[0]
    assert body(s3.get_object(Bucket=bucket, Key="k")) == SMALL


# ---- Copies ----------------------------------------------------------------------------------------------------------

def kinds(named_key) -> dict:
    """name: (parameters of a write, parameters of a read, parameters as a copy's source)"""
    return {"s3": ({"ServerSideEncryption": "AES256"}, {}, {}),
            "kms": ({"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": named_key[1]}, {}, {}),
            "customer": (customer(KEY), customer(KEY), customer(KEY, "CopySource")),
            "other customer": (customer(OTHER), customer(OTHER), customer(OTHER, "CopySource"))}


@pytest.mark.parametrize("source", ["s3", "kms", "customer"])
@pytest.mark.parametrize("target", ["s3", "kms", "customer", "other customer"])
@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
def test_copies_between_all_kinds(s3, bucket, named_key, source, target, data):
    write, _, as_source = kinds(named_key)[source]
    wanted, read, _ = kinds(named_key)[target]
    s3.put_object(Bucket=bucket, Key="from", Body=data, **write)
    s3.copy_object(Bucket=bucket, Key="to", CopySource=f"{bucket}/from", **as_source, **wanted)
    got = s3.get_object(Bucket=bucket, Key="to", **read)
    assert body(got) == data
    assert got.get("ServerSideEncryption") == wanted.get("ServerSideEncryption")


def test_copies_without_the_sources_key(s3, bucket):
    s3.put_object(Bucket=bucket, Key="from", Body=SMALL, **customer(KEY))
    assert refused(s3.copy_object, Bucket=bucket, Key="to", CopySource=f"{bucket}/from")["status"] == 400
    error = refused(s3.copy_object, Bucket=bucket, Key="to", CopySource=f"{bucket}/from", **customer(OTHER, "CopySource"))
    assert (error["Code"], error["status"]) == ("AccessDenied", 403)
    assert refused(s3.head_object, Bucket=bucket, Key="to")["status"] == 404


def test_a_copy_onto_itself_may_change_the_encryption(s3, bucket, named_key):
    s3.put_object(Bucket=bucket, Key="k", Body=SMALL)
    s3.copy_object(Bucket=bucket, Key="k", CopySource=f"{bucket}/k", ServerSideEncryption="aws:kms", SSEKMSKeyId=named_key[0])
    assert s3.head_object(Bucket=bucket, Key="k")["SSEKMSKeyId"] == named_key[0]


# ---- UpdateObjectEncryption -------------------------------------------------------------------------------------------

def update_encryption(raw_s3, bucket: str, key: str, inner: str, query: str = "encryption"):
    """Newer than Debian's boto3."""
    document = f'<ObjectEncryption xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{inner}</ObjectEncryption>'.encode()
    return raw_s3.request("PUT", f"/{bucket}/{key}", query, {"content-md5": md5(document)}, document)


def sse_kms(arn: str, bucket_key: str = "") -> str:
    more = f"<BucketKeyEnabled>{bucket_key}</BucketKeyEnabled>" if bucket_key else ""
    return f"<SSE-KMS><KMSKeyArn>{arn}</KMSKeyArn>{more}</SSE-KMS>"


@pytest.mark.parametrize("data", [b"", SMALL, LARGE], ids=["empty", "small", "large"])
def test_an_objects_key_can_be_changed(raw_s3, s3, versioned, named_key, data):
    """Nothing but the encryption changes: not the ETag, the time, the version, the bytes."""
    s3.put_object(Bucket=versioned, Key="k", Body=data, Metadata={"a": "b"})
    before = s3.head_object(Bucket=versioned, Key="k")
    answer = update_encryption(raw_s3, versioned, "k", sse_kms(named_key[0], "true"))
    assert answer.status == 200, answer.body
    after = s3.get_object(Bucket=versioned, Key="k")
    assert (after["ServerSideEncryption"], after["SSEKMSKeyId"], after["BucketKeyEnabled"]) == ("aws:kms", named_key[0], True)
    assert body(after) == data
    for same in ["ETag", "LastModified", "VersionId", "Metadata", "ContentLength"]:
        assert after[same] == before[same], same
    assert len(s3.list_object_versions(Bucket=versioned)["Versions"]) == 1


def test_older_versions_too(raw_s3, s3, versioned, named_key):
    old = s3.put_object(Bucket=versioned, Key="k", Body=SMALL)["VersionId"]
    s3.put_object(Bucket=versioned, Key="k", Body=LARGE)
    assert update_encryption(raw_s3, versioned, "k", sse_kms(named_key[0]), f"encryption&versionId={old}").status == 200
    assert s3.head_object(Bucket=versioned, Key="k", VersionId=old)["SSEKMSKeyId"] == named_key[0]
    assert s3.head_object(Bucket=versioned, Key="k")["ServerSideEncryption"] == "AES256"
    assert body(s3.get_object(Bucket=versioned, Key="k", VersionId=old)) == SMALL


def test_refused_changes_of_a_key(raw_s3, s3, bucket, named_key, endpoint):
    s3.put_object(Bucket=bucket, Key="k", Body=SMALL)
    s3.put_object(Bucket=bucket, Key="customer", Body=SMALL, **customer(KEY))
    other = f"arn:aws:kms:{endpoint.region}:111111111111:key/134f2428-cec1-4b25-a1ae-9048164dba47"
    nobodys = f"arn:aws:kms:{endpoint.region}:000000000000:key/134f2428-cec1-4b25-a1ae-9048164dba47"
    for key, inner, status, code, words in [
        ("k", "<SSE-S3/>", 400, "InvalidRequest", "require a valid new encryption type"),
        ("k", "<SSE-KMS></SSE-KMS>", 400, "InvalidRequest", "require an AWS KMS key Amazon Resource Name"),
        ("k", sse_kms("alias/any"), 400, "InvalidRequest", "require a valid AWS KMS key Amazon Resource Name"),
        ("k", sse_kms(named_key[0], "maybe"), 400, "InvalidRequest", "The BucketKeyEnabled value isn't valid."),
        ("k", sse_kms(other), 403, "AccessDenied", "must be owned by the same account as the bucket"),
        ("k", sse_kms(nobodys), 400, "KMS.NotFoundException", "does not exist"),
        ("k", "", 400, "MalformedXML", ""),
        ("customer", sse_kms(named_key[0]), 400, "InvalidRequest", "doesn't support source objects with"),
        ("none", sse_kms(named_key[0]), 404, "NoSuchKey", ""),
    ]:
        answer = update_encryption(raw_s3, bucket, key, inner)
        assert (answer.status, answer.code) == (status, code), (inner, answer.body)
        assert words in answer.message
    assert s3.head_object(Bucket=bucket, Key="k")["ServerSideEncryption"] == "AES256"


# ---- A bucket's default ----------------------------------------------------------------------------------------------

def default(algorithm: str, key: str | None = None, bucket_key: bool | None = None) -> dict:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm} | ({"KMSMasterKeyID": key} if key else {})}
    if bucket_key is not None:
        rule["BucketKeyEnabled"] = bucket_key
    return {"Rules": [rule]}


def test_a_new_buckets_default(s3, bucket):
    found = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert len(found) == 1
    assert found[0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert found[0]["BucketKeyEnabled"] is False


def test_the_default_is_used_and_can_be_overruled(s3, bucket, named_key):
    arn, alias = named_key
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=default("aws:kms", alias, True))
    put = s3.put_object(Bucket=bucket, Key="k", Body=SMALL)
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"], put["BucketKeyEnabled"]) == ("aws:kms", arn, True)
    assert s3.put_object(Bucket=bucket, Key="k", Body=SMALL, ServerSideEncryption="AES256")["ServerSideEncryption"] == "AES256"
    assert "ServerSideEncryption" not in s3.put_object(Bucket=bucket, Key="k", Body=SMALL, **customer(KEY))
    s3.delete_bucket_encryption(Bucket=bucket)
    assert s3.put_object(Bucket=bucket, Key="k", Body=SMALL)["ServerSideEncryption"] == "AES256", "back to SSE-S3"


def test_refused_defaults(s3, bucket):
    error = refused(s3.put_bucket_encryption, Bucket=bucket,
                    ServerSideEncryptionConfiguration=default("AES256", "alias/any"))
    assert (error["Code"], error["status"]) == ("InvalidArgument", 400)
    assert error["Message"] == ("a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or "
                                "aws:kms:dsse")
    assert refused(s3.put_bucket_encryption, Bucket=bucket,
                   ServerSideEncryptionConfiguration=default("AES128"))["Code"] == "MalformedXML"
    assert refused(s3.put_bucket_encryption, Bucket=bucket,
                   ServerSideEncryptionConfiguration=default("aws:kms:dsse"))["Code"] == "NotImplemented"
    assert refused(s3.put_bucket_encryption, Bucket=bucket,
                   ServerSideEncryptionConfiguration={"Rules": []})["Code"] == "MalformedXML"


def test_a_bucket_may_block_customer_keys(raw_s3, s3, bucket):
    """BlockedEncryptionTypes is newer than Debian's boto3."""
    rule = ("<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>"
            "</ApplyServerSideEncryptionByDefault><BlockedEncryptionTypes><EncryptionType>SSE-C</EncryptionType>"
            "</BlockedEncryptionTypes></Rule></ServerSideEncryptionConfiguration>").encode()
    answer = raw_s3.request("PUT", f"/{bucket}", "encryption", {"content-md5": md5(rule)}, rule)
    assert answer.status == 200, answer.body
    assert raw_s3.request("GET", f"/{bucket}", "encryption").element("EncryptionType") == "SSE-C"
    assert refused(s3.put_object, Bucket=bucket, Key="k", Body=SMALL, **customer(KEY))["Code"] == "AccessDenied"
    assert s3.put_object(Bucket=bucket, Key="k", Body=SMALL)["ServerSideEncryption"] == "AES256"


# ---- The disk --------------------------------------------------------------------------------------------------------

def files_below(folder: Path):
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path


def test_nothing_on_the_disk_is_plain_text(tmp_path):
    """Payloads, large and inline, keys and data keys: none of them stands in any file of the data directory."""
    secret = b"UNMISTAKABLE-PLAIN-TEXT-" + os.urandom(8).hex().encode()
    key = os.urandom(32)
    with Server(data=tmp_path / "data") as server:
        s3 = s3_client(server)
        s3.create_bucket(Bucket="sealed", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        for name, sse in {"s3": {}, "kms": {"ServerSideEncryption": "aws:kms"}, "c": customer(key)}.items():
            s3.put_object(Bucket="sealed", Key=f"{name}-small", Body=secret, **sse)
            s3.put_object(Bucket="sealed", Key=f"{name}-large", Body=secret * 20_000, **sse)
        upload = s3.create_multipart_upload(Bucket="sealed", Key="parts")["UploadId"]
        s3.upload_part(Bucket="sealed", Key="parts", UploadId=upload, PartNumber=1, Body=secret * 10)
        assert server.stop() == 0
        found = 0
        for path in files_below(server.data):
            content = path.read_bytes()
            assert secret not in content, path
            assert key not in content and base64.b64encode(key) not in content, path
            found += len(content)
        assert found > 6 * len(secret) * 20_000 // 2, "the payloads are there"
        server.start()
        assert body(s3_client(server).get_object(Bucket="sealed", Key="s3-large")) == secret * 20_000


def end_of(server: Server) -> tuple[int, str]:
    server.launch()
    code = server.process.wait(30)
    return code, server.log.read_text().splitlines()[-1]


def test_a_wrong_or_missing_key_file_is_told_at_the_start(tmp_path):
    """With another key nothing would open: the server says so in one line, and changes nothing."""
    with Server(data=tmp_path / "data") as server:
        s3 = s3_client(server)
        s3.create_bucket(Bucket="sealed", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_object(Bucket="sealed", Key="k", Body=SMALL)
        assert server.stop() == 0
        path = server.data / "master.key"
        assert path.stat().st_mode & 0o777 == 0o600
        right = path.read_text()

        path.unlink()
        code, line = end_of(server)
        assert code == 1 and str(path) in line and "missing" in line and "--key-file" in line, line
        assert not path.exists(), "no new key in the place of the lost one"

        path.write_text(base64.b64encode(os.urandom(32)).decode() + "\n")
        code, line = end_of(server)
        assert code == 1 and line.startswith("reprise: ") and "--key-file" in line and "not the one" in line, line

        path.write_text("no key\n")
        code, line = end_of(server)
        assert code == 1 and "is no key file" in line, line

        path.unlink()
        elsewhere = tmp_path / "kept-apart.key"
        elsewhere.write_text(right)
        server.flags += ["--key-file", str(elsewhere)]
        server.start()
        assert body(s3_client(server).get_object(Bucket="sealed", Key="k")) == SMALL
        assert not path.exists()
