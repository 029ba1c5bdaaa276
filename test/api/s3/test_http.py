"""S3's wire: addresses, signatures, the forms of payloads, error documents, documents that are none."""
import base64
import hashlib
import json
import socket
import time
import zlib

import pytest

from harness.s3 import (EMPTY_SHA256, RawS3, STREAMING, STREAMING_TRAILER, UNSIGNED, UNSIGNED_TRAILER, head_bytes, keys_of,
                        refused, s3_client)
from harness.server import Server
from harness.tables import unique


def crc32(data: bytes) -> str:
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


def stored(s3, bucket, key="k"):
    """The object's bytes, or None."""
    try:
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return None


# ---- Answers ---------------------------------------------------------------------------------------------------------

def test_every_answer_names_its_request(raw_s3, bucket):
    for path in (f"/{bucket}", f"/{bucket}/none"):
        answer = raw_s3.request("GET", path)
        assert len(answer.headers["x-amz-request-id"]) == 16
        assert answer.headers["x-amz-id-2"]
        assert answer.headers["content-type"] == "application/xml"


def test_error_document(raw_s3, bucket):
    answer = raw_s3.request("GET", f"/{bucket}/no%20such")
    assert answer.status == 404
    assert [e.tag for e in answer.xml] == ["Code", "Message", "Key", "Resource", "RequestId", "HostId"]
    assert answer.xml.tag == "Error"  # without a namespace
    assert answer.code == "NoSuchKey"
    assert answer.message == "The specified key does not exist."
    assert answer.element("Key") == "no such"
    assert answer.element("RequestId") == answer.headers["x-amz-request-id"]
    assert answer.element("HostId") == answer.headers["x-amz-id-2"]


def test_head_has_no_document(raw_s3, bucket):
    answer = raw_s3.request("HEAD", f"/{bucket}/none")
    assert (answer.status, answer.body) == (404, b"")
    answer = raw_s3.request("HEAD", "/" + unique("none"))
    assert (answer.status, answer.body) == (404, b"")


def test_no_such_bucket(raw_s3):
    name = unique("none")
    answer = raw_s3.request("GET", f"/{name}/k")
    assert (answer.status, answer.code) == (404, "NoSuchBucket")
    assert answer.element("BucketName") == name
    # Who has no right learns no more than who has: that there is none.
    assert raw_s3.request("GET", f"/{name}/k", sign=False).code == "NoSuchBucket"


def test_invalid_bucket_name(raw_s3):
    answer = raw_s3.request("GET", "/Not_a_Bucket/k")
    assert (answer.status, answer.code) == (400, "InvalidBucketName")


# ---- Addresses -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("path,key", [
    ("a/b", "a/b"), ("/leading", "/leading"), ("a//b", "a//b"), ("a/./b/../c", "a/./b/../c"), ("a%2Fb", "a/b"),
    ("a+b", "a b"), ("a%2Bb", "a+b"), ("a%20b", "a b"), ("%E2%82%AC/%F0%9F%8E%B5", "€/🎵"), ("a?b".replace("?", "%3F"), "a?b"),
    ("100%25", "100%"), ("trailing/", "trailing/"), ("..", ".."), ("%01%7F", "\x01\x7f"), ("&=$@,;:", "&=$@,;:"),
])
def test_keys_are_taken_as_they_come(raw_s3, s3, bucket, path, key):
    answer = raw_s3.request("PUT", f"/{bucket}/{path}", body=key.encode())
    assert answer.status == 200, answer.body
    assert keys_of(s3, bucket) == [key]
    assert raw_s3.request("GET", f"/{bucket}/{path}").body == key.encode()


@pytest.mark.parametrize("path", ["%", "%4", "%zz", "%C3%28", "%ff"])
def test_bad_encodings(raw_s3, s3, bucket, path):
    answer = raw_s3.request("PUT", f"/{bucket}/{path}", body=b"x")
    assert (answer.status, answer.code, answer.message) == (400, "InvalidURI", "Couldn't parse the specified URI.")
    assert keys_of(s3, bucket) == []


def test_long_keys(raw_s3, bucket):
    assert raw_s3.request("PUT", f"/{bucket}/{'k' * 1024}").status == 200
    answer = raw_s3.request("PUT", f"/{bucket}/{'k' * 1025}")
    assert (answer.status, answer.code, answer.message) == (400, "KeyTooLongError", "Your key is too long")
    assert (answer.element("Size"), answer.element("MaxSizeAllowed")) == ("1025", "1024")


def test_slash_behind_the_bucket_is_the_bucket(raw_s3, bucket):
    assert raw_s3.request("GET", f"/{bucket}/").element("Name") == bucket


def test_virtual_hosts():
    """With --domain a host names the bucket; the path is the key then."""
    with Server("--domain", "s3.test") as server:
        key, secret = server.credentials
        raw = RawS3(server.endpoint, key, secret)
        name = unique("v")
        raw.host = f"{name}.s3.test:{server.port}"
        where = b"<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>"
        assert raw.request("PUT", "/", body=where).status == 200  # CreateBucket
        assert raw.request("PUT", f"/{name}/k", body=b"deep").status == 200
        assert raw.request("GET", "/", query="list-type=2").element("Key") == f"{name}/k"
        raw.host = f"s3.test:{server.port}"
        assert raw.request("GET", f"/{name}/{name}/k").body == b"deep"
        virtual = RawS3(server.endpoint, key, secret)
        virtual.host = f"{name}.S3.TEST"
        assert virtual.request("GET", f"/{name}/k").body == b"deep"
        # Unsigned, too, a host with a bucket is S3's.
        answer = virtual.exchange("GET", "/", b"", {"host": virtual.host})
        assert (answer.status, answer.code) == (403, "AccessDenied")
        # A bucket may have dots.
        raw.host = f"a.b.c.s3.test"
        assert raw.request("GET", "/k").element("BucketName") == "a.b.c"


def test_both_apis_share_a_port(endpoint, raw_s3, raw, on_reprise):
    assert raw_s3.request("GET", "/").element("ID")
    assert raw.call("ListTables")["TableNames"] is not None
    answer = raw_s3.request("GET", "/", sign=False)
    assert answer.status == 200 and answer.body.startswith(b"healthy: ")


# ---- Routing ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("method,query,name", [
    ("GET", "website", "GetBucketWebsite"), ("PUT", "replication", "PutBucketReplication"),
    ("GET", "inventory&id=1", "GetBucketInventoryConfiguration"), ("PUT", "abac", "PutBucketAbac"),
    ("POST", "metadataTable", "CreateBucketMetadataTableConfiguration"),
])
def test_what_is_not_built_says_so(raw_s3, bucket, on_reprise, method, query, name):
    answer = raw_s3.request(method, f"/{bucket}", query)
    if answer.status == 404:  # some have nothing to say but that there is none
        assert answer.code.startswith("NoSuch") or answer.code.endswith("NotFoundError")
        return
    assert (answer.status, answer.code) == (501, "NotImplemented")
    assert name in answer.message or answer.element("Operation") is None


@pytest.mark.parametrize("query", ["torrent", "annotation", "renameObject", "select&select-type=2"])
def test_unknown_subresources_are_no_uploads(raw_s3, s3, bucket, query):
    method = {"torrent": "GET", "select&select-type=2": "POST"}.get(query, "PUT")
    answer = raw_s3.request(method, f"/{bucket}/k", query, body=b"x" if method != "GET" else b"")
    assert answer.status in (404, 405, 501), answer.body
    assert keys_of(s3, bucket) == []


@pytest.mark.parametrize("method,query,first", [
    ("PUT", "tagging&acl", "acl, tagging"), ("GET", "retention&legal-hold&versionId=x", "legal-hold, retention"),
    ("POST", "uploads&uploadId=x", "uploadId, uploads")])
def test_one_subresource_at_a_time(raw_s3, s3, bucket, method, query, first):
    answer = raw_s3.request(method, f"/{bucket}/k", query, body=b"" if method == "GET" else b"<Tagging/>")
    assert (answer.status, answer.code) == (400, "InvalidArgument")
    assert answer.message == f"Conflicting query string parameters: {first}"
    assert (answer.element("ArgumentName"), answer.element("ArgumentValue")) == ("ResourceType", first.split(",")[0])
    assert keys_of(s3, bucket) == []


def test_method_not_allowed(raw_s3, bucket):
    answer = raw_s3.request("POST", f"/{bucket}/k")
    assert (answer.status, answer.code) == (405, "MethodNotAllowed")
    assert answer.message == "The specified method is not allowed against this resource."
    assert (answer.element("Method"), answer.element("ResourceType")) == ("POST", "OBJECT")
    answer = raw_s3.request("POST", f"/{bucket}", "acl")
    assert (answer.element("Method"), answer.element("ResourceType")) == ("POST", "ACL")
    answer = raw_s3.request("PATCH", f"/{bucket}/k")
    assert (answer.status, answer.code) == (405, "MethodNotAllowed")


def test_bucket_post_must_be_a_form(raw_s3, bucket):
    answer = raw_s3.request("POST", f"/{bucket}", headers={"content-type": "text/plain"}, body=b"x")
    assert (answer.status, answer.code) == (412, "PreconditionFailed")
    assert answer.element("Condition") == "Bucket POST must be of the enclosure-type multipart/form-data"


def test_unknown_parameters_are_ignored(raw_s3, bucket):
    assert raw_s3.request("PUT", f"/{bucket}/k", "x-id=PutObject&unknown=1", body=b"v").status == 200
    assert raw_s3.request("GET", f"/{bucket}/k", "x-id=GetObject&versions").body == b"v"


# ---- Signatures in headers -------------------------------------------------------------------------------------------

def test_wrong_secret(raw_s3, bucket):
    other = RawS3(raw_s3.endpoint, raw_s3.key, "wrong", raw_s3.region)
    answer = other.request("GET", f"/{bucket}/k", headers={"x-amz-meta-a": "b"})
    assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")
    assert answer.message == ("The request signature we calculated does not match the signature you provided. Check your "
                              "key and signing method.")
    names = [e.tag for e in answer.xml]
    assert names[:8] == ["Code", "Message", "AWSAccessKeyId", "StringToSign", "SignatureProvided", "StringToSignBytes",
                         "CanonicalRequest", "CanonicalRequestBytes"]
    assert answer.element("AWSAccessKeyId") == raw_s3.key
    assert answer.element("CanonicalRequest").startswith(f"GET\n/{bucket}/k\n\nhost:")
    assert bytes.fromhex(answer.element("StringToSignBytes").replace(" ", "")).decode() == answer.element("StringToSign")


def test_unknown_access_key(raw_s3, bucket):
    answer = RawS3(raw_s3.endpoint, "NOSUCHKEY", "s", raw_s3.region).request("GET", f"/{bucket}")
    assert (answer.status, answer.code) == (403, "InvalidAccessKeyId")
    assert answer.message == "The AWS Access Key Id you provided does not exist in our records."
    assert answer.element("AWSAccessKeyId") == "NOSUCHKEY"


def test_skewed_clock(raw_s3, bucket):
    for date in ("20200101T000000Z", "20990101T000000Z"):
        answer = raw_s3.request("GET", f"/{bucket}", date=date)
        assert (answer.status, answer.code) == (403, "RequestTimeTooSkewed")
        assert answer.element("RequestTime") == date
        assert answer.element("MaxAllowedSkewMilliseconds") == "900000"
        assert answer.element("ServerTime")


def test_headers_must_be_signed(raw_s3, bucket):
    def add(sent):
        return sent | {"x-amz-acl": "public-read"}
    answer = raw_s3.request("PUT", f"/{bucket}/k", body=b"x", tamper=add)
    assert (answer.status, answer.code) == (403, "AccessDenied")
    assert answer.message == "There were headers present in the request which were not signed"
    assert answer.element("HeadersNotSigned") == "x-amz-acl"


@pytest.mark.parametrize("change,code", [
    (lambda sent: sent | {"authorization": "Basic abc"}, "InvalidRequest"),
    (lambda sent: sent | {"authorization": "AWS key:signature"}, "InvalidRequest"),
    (lambda sent: sent | {"authorization": "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host;x-amz-date, Signature=c"},
     "AuthorizationHeaderMalformed"),
    (lambda sent: sent | {"authorization": sent["authorization"].replace("/s3/", "/ec2/")}, "AuthorizationHeaderMalformed"),
    (lambda sent: sent | {"authorization": sent["authorization"].split(", Signature")[0]}, "AuthorizationHeaderMalformed"),
    (lambda sent: {k: v for k, v in sent.items() if k != "x-amz-date"}, "AccessDenied"),
    (lambda sent: {k: v for k, v in sent.items() if k != "x-amz-content-sha256"}, "InvalidRequest"),
    (lambda sent: sent | {"x-amz-content-sha256": EMPTY_SHA256[::-1]}, "SignatureDoesNotMatch"),
])
def test_malformed_signatures(raw_s3, bucket, change, code):
    answer = raw_s3.request("GET", f"/{bucket}", tamper=change)
    assert answer.code == code, answer.body


def test_content_sha256_is_required(raw_s3, bucket):
    answer = raw_s3.request("GET", f"/{bucket}",
                            tamper=lambda sent: {k: v for k, v in sent.items() if k != "x-amz-content-sha256"})
    assert (answer.status, answer.code) == (400, "InvalidRequest")
    assert answer.message == "Missing required header for this request: x-amz-content-sha256"


# ---- Presigned -------------------------------------------------------------------------------------------------------

def test_presigned(raw_s3, s3, bucket):
    put = raw_s3.presigned("PUT", f"/{bucket}/p")
    assert raw_s3.exchange("PUT", put, b"payload", {"host": raw_s3.host}).status == 200
    get = raw_s3.presigned("GET", f"/{bucket}/p", "response-content-type=text%2Fx")
    answer = raw_s3.exchange("GET", get, b"", {"host": raw_s3.host})
    assert (answer.body, answer.headers["content-type"]) == (b"payload", "text/x")
    url = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "p"})
    target = url.split(raw_s3.host, 1)[1]
    assert raw_s3.exchange("GET", target, b"", {"host": raw_s3.host}).body == b"payload"


def test_presigned_signs_all_of_it(raw_s3, bucket):
    target = raw_s3.presigned("GET", f"/{bucket}/p")
    for other in (target.replace("/p?", "/q?"), target + "&versionId=x", target.replace("Expires=300", "Expires=3000")):
        answer = raw_s3.exchange("GET", other, b"", {"host": raw_s3.host})
        assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")
    answer = raw_s3.exchange("PUT", target, b"x", {"host": raw_s3.host})
    assert answer.code == "SignatureDoesNotMatch"
    answer = raw_s3.exchange("GET", target, b"", {"host": raw_s3.host, "x-amz-meta-a": "b"})
    assert (answer.code, answer.element("HeadersNotSigned")) == ("AccessDenied", "x-amz-meta-a")


def test_presigned_ends(raw_s3, bucket):
    target = raw_s3.presigned("GET", f"/{bucket}/p", expires=1, date="20200101T000000Z")
    answer = raw_s3.exchange("GET", target, b"", {"host": raw_s3.host})
    assert (answer.status, answer.code, answer.message) == (403, "AccessDenied", "Request has expired")
    assert answer.element("X-Amz-Expires") == "1"
    assert answer.element("Expires") == "2020-01-01T00:00:01Z"
    assert answer.element("ServerTime")


@pytest.mark.parametrize("expires,message", [
    ("604801", "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than "
               "604800 seconds"),
    ("-1", "X-Amz-Expires must be non-negative"), ("abc", "X-Amz-Expires should be a number")])
def test_presigned_expires(raw_s3, bucket, expires, message):
    answer = raw_s3.exchange("GET", raw_s3.presigned("GET", f"/{bucket}/p", expires=expires), b"", {"host": raw_s3.host})
    assert (answer.status, answer.code) == (400, "AuthorizationQueryParametersError")
    assert answer.message == message


def test_presigned_needs_all_parameters(raw_s3, bucket):
    target = raw_s3.presigned("GET", f"/{bucket}/p").replace("&X-Amz-Expires=300", "")
    answer = raw_s3.exchange("GET", target, b"", {"host": raw_s3.host})
    assert (answer.status, answer.code) == (400, "AuthorizationQueryParametersError")
    assert answer.message == ("Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
                              "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.")


def test_two_signatures_are_none(raw_s3, bucket):
    target = raw_s3.presigned("GET", f"/{bucket}/p")
    answer = raw_s3.exchange("GET", target, b"", raw_s3.signed("GET", f"/{bucket}/p"))
    assert (answer.status, answer.code) == (400, "InvalidArgument")


def test_presigned_by_version_2(endpoint, raw_s3, s3, bucket):
    """What boto3 makes of generate_presigned_url when nobody tells it a signature's version."""
    s3.put_object(Bucket=bucket, Key="a b/ü", Body=b"payload")
    old = s3_client(endpoint, signature_version="s3")

    def get(url, **headers):
        return raw_s3.exchange("GET", url.split(raw_s3.host, 1)[1], b"", {"host": raw_s3.host} | headers)

    url = old.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a b/ü"})
    assert "AWSAccessKeyId=" in url
    assert get(url).body == b"payload"
    assert get(old.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a b/ü", "ResponseContentType": "x/y"})
               ).headers["content-type"] == "x/y"
    put = old.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "new"})
    assert raw_s3.exchange("PUT", put.split(raw_s3.host, 1)[1], b"v2", {"host": raw_s3.host}).status == 200
    assert stored(s3, bucket, "new") == b"v2"
    answer = get(url.replace("/a%20b/", "/other/"))
    assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")
    assert answer.element("StringToSign").startswith("GET\n")
    answer = get(old.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a b/ü"}, ExpiresIn=-10))
    assert (answer.status, answer.code, answer.message) == (403, "AccessDenied", "Request has expired")
    assert get(url.replace("AWSAccessKeyId=", "AWSAccessKeyId=NONE")).code == "InvalidAccessKeyId"
    assert get(url.replace("&Expires=", "&Gone=")).message == (
        "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters")
    assert get(url, **{"x-reprise-as-of": "1"}).element("HeadersNotSigned") == "x-reprise-as-of"
    # In headers version 2 is no signature, and that is told before anything that only version 4 needs.
    found = refused(s3_client(endpoint, signature_version="s3").list_objects, Bucket=bucket)
    assert (found["status"], found["Code"]) == (400, "InvalidRequest")
    assert found["Message"] == "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."


def test_a_url_of_version_2_does_what_was_signed(endpoint, raw_s3, s3, bucket):
    """Whoever was given a URL to put an object has no other use of it. (Version 2 signs the names in lower case.)"""
    s3.put_object(Bucket=bucket, Key="secret", Body=b"secret")
    old = s3_client(endpoint, signature_version="s3")

    def target(operation, **parameters):
        return old.generate_presigned_url(operation, {"Bucket": bucket, "Key": "k"} | parameters).split(raw_s3.host, 1)[1]

    def send(method, url, **headers):
        return raw_s3.exchange(method, url, b"", {"host": raw_s3.host} | headers)

    put = target("put_object")
    answer = send("PUT", f"{put}&X-Amz-Copy-Source={bucket}/secret&X-Amz-Storage-Class=STANDARD_IA")
    assert (answer.status, answer.body) == (200, b"")
    found = s3.get_object(Bucket=bucket, Key="k")
    assert (found["Body"].read(), found.get("StorageClass")) == (b"", None)
    assert send("PUT", f"{put}&x-amz-copy-source={bucket}/secret").code == "SignatureDoesNotMatch"
    assert send("PUT", put, **{"x-reprise-copy-source-as-of": "1"}).element("HeadersNotSigned") == "x-reprise-copy-source-as-of"
    for added in ("retention", "legal-hold", "attributes", "tagging", "acl"):
        assert send("GET", f"{target('get_object')}&{added}").code == "SignatureDoesNotMatch", added
    assert send("PUT", target("put_object", StorageClass="STANDARD_IA")).status == 200
    assert s3.get_object(Bucket=bucket, Key="k")["StorageClass"] == "STANDARD_IA"


def test_fields_in_a_presigned_query_count_as_headers(raw_s3, s3, bucket):
    target = raw_s3.presigned("PUT", f"/{bucket}/k", "x-amz-meta-color=blue&X-Amz-Storage-Class=STANDARD&x-amz-tagging=a%3Db")
    assert raw_s3.exchange("PUT", target, b"x", {"host": raw_s3.host}).status == 200
    assert s3.head_object(Bucket=bucket, Key="k")["Metadata"] == {"color": "blue"}
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [{"Key": "a", "Value": "b"}]
    # But for checksums, as on AWS: SDKs put that of an empty body there.
    target = raw_s3.presigned("PUT", f"/{bucket}/sum", "x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32")
    assert raw_s3.exchange("PUT", target, b"x", {"host": raw_s3.host}).status == 200
    # In a request that is signed in its headers, they say nothing.
    assert raw_s3.request("PUT", f"/{bucket}/plain", "x-amz-meta-color=blue", body=b"x").status == 200
    assert s3.head_object(Bucket=bucket, Key="plain")["Metadata"] == {}


# ---- Anonymous -------------------------------------------------------------------------------------------------------

def test_anonymous_callers_see_nothing(raw_s3, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"secret")
    for method, path, query in [("GET", f"/{bucket}/k", ""), ("HEAD", f"/{bucket}/k", ""), ("GET", f"/{bucket}", ""),
                                ("GET", f"/{bucket}", "versions"), ("PUT", f"/{bucket}/new", ""),
                                ("DELETE", f"/{bucket}/k", ""), ("DELETE", f"/{bucket}", ""), ("GET", f"/{bucket}", "policy"),
                                ("PUT", "/" + unique("b"), "")]:
        answer = raw_s3.request(method, path, query, sign=False)
        assert answer.status == 403, (method, path, query)
        if method != "HEAD":
            assert (answer.code, answer.message) == ("AccessDenied", "Access Denied")
    assert stored(s3, bucket) == b"secret"
    assert keys_of(s3, bucket) == ["k"]


# ---- Payloads --------------------------------------------------------------------------------------------------------

def test_wrong_hash_stores_nothing(raw_s3, s3, bucket):
    for body in (b"short", b"x" * 200_000):
        answer = raw_s3.request("PUT", f"/{bucket}/k", body=body, payload=hashlib.sha256(b"other").hexdigest())
        assert (answer.status, answer.code) == (400, "XAmzContentSHA256Mismatch")
        assert answer.message == "The provided 'x-amz-content-sha256' header does not match what was computed."
        assert answer.element("ClientComputedContentSHA256") == hashlib.sha256(b"other").hexdigest()
        assert answer.element("S3ComputedContentSHA256") == hashlib.sha256(body).hexdigest()
        assert keys_of(s3, bucket) == []


def test_wrong_hash_of_a_document(raw_s3, s3, bucket):
    body = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    answer = raw_s3.request("PUT", f"/{bucket}", "versioning", body=body, payload=EMPTY_SHA256)
    assert answer.code == "XAmzContentSHA256Mismatch"
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)


def test_unsigned_payload(raw_s3, s3, bucket):
    assert raw_s3.request("PUT", f"/{bucket}/k", body=b"free", payload=UNSIGNED).status == 200
    assert stored(s3, bucket) == b"free"


@pytest.mark.parametrize("value", ["abc", "STREAMING-SOMETHING", "UNSIGNED", EMPTY_SHA256[:-1], EMPTY_SHA256 + "0"])
def test_unknown_payload_words(raw_s3, bucket, value):
    answer = raw_s3.request("PUT", f"/{bucket}/k", body=b"x", payload=value)
    assert (answer.status, answer.code) == (400, "InvalidArgument")
    assert (answer.element("ArgumentName"), answer.element("ArgumentValue")) == ("x-amz-content-sha256", value)


def test_version_4a_is_not_built(raw_s3, bucket):
    answer = raw_s3.request("PUT", f"/{bucket}/k", body=b"x", payload="STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD")
    assert (answer.status, answer.code) == (501, "NotImplemented")


FORMS = [(STREAMING, False), (STREAMING_TRAILER, True), (UNSIGNED_TRAILER, True)]
PIECES = [b"a" * 65_536, b"b" * 70_000, b"c" * 8_192, b"last"]


@pytest.mark.parametrize("form,trailer", FORMS)
@pytest.mark.parametrize("pieces", [PIECES, [b"one"], []], ids=["many", "one", "none"])
def test_aws_chunked(raw_s3, s3, bucket, form, trailer, pieces):
    data = b"".join(pieces)
    trailers = {"x-amz-checksum-crc32": crc32(data)} if trailer else None
    answer = raw_s3.put_chunked(f"/{bucket}/k", pieces, form, trailers, {"content-encoding": "aws-chunked, gzip"})
    assert answer.status == 200, answer.body
    if trailer:
        assert answer.headers["x-amz-checksum-crc32"] == crc32(data)
    found = s3.get_object(Bucket=bucket, Key="k")
    assert found["Body"].read() == data
    assert found["ContentEncoding"] == "gzip"  # the framing is not the object's
    assert found["ETag"] == '"' + hashlib.md5(data).hexdigest() + '"'


@pytest.mark.parametrize("form", [STREAMING, STREAMING_TRAILER])
@pytest.mark.parametrize("spoilt", [0, 2, 4])
def test_wrong_chunk_signature(raw_s3, s3, bucket, form, spoilt):
    trailers = {"x-amz-checksum-crc32": crc32(b"".join(PIECES))} if form == STREAMING_TRAILER else None
    answer = raw_s3.put_chunked(f"/{bucket}/k", PIECES, form, trailers, spoil_chunk=spoilt)
    assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")
    assert answer.element("StringToSign").startswith("AWS4-HMAC-SHA256-PAYLOAD\n")
    assert keys_of(s3, bucket) == []


def test_spoilt_data_in_a_chunk(raw_s3, s3, bucket):
    # The whole piece is looked for: a few of its letters may as well be digits of a signature.
    spoilt = PIECES[1][:-1] + b"x"
    answer = raw_s3.put_chunked(f"/{bucket}/k", PIECES, STREAMING, change=lambda body: body.replace(PIECES[1], spoilt))
    assert answer.code == "SignatureDoesNotMatch"
    assert keys_of(s3, bucket) == []


def test_wrong_trailing_checksum(raw_s3, s3, bucket):
    for form in (STREAMING_TRAILER, UNSIGNED_TRAILER):
        answer = raw_s3.put_chunked(f"/{bucket}/k", PIECES, form, {"x-amz-checksum-crc32": crc32(b"other")})
        assert (answer.status, answer.code) == (400, "BadDigest")
        assert keys_of(s3, bucket) == []


@pytest.mark.parametrize("change,code", [
    (lambda body: body[:-5], "IncompleteBody"),                        # the last chunk is cut
    (lambda body: body[:100_000], "IncompleteBody"),                   # in the middle of a chunk
    (lambda body: b"zz" + body, "IncompleteBody"),                     # a size that is none
    (lambda body: body.replace(b"\r\n", b"\r\n\r\n", 1), "IncompleteBody"),
    (lambda body: b"", "IncompleteBody"),
])
def test_bad_framing(raw_s3, s3, bucket, change, code):
    answer = raw_s3.put_chunked(f"/{bucket}/k", PIECES, STREAMING, change=change)
    assert (answer.status, answer.code) == (400, code), answer.body
    assert keys_of(s3, bucket) == []


def test_chunks_of_another_length(raw_s3, s3, bucket):
    for length in (3, 100):
        answer = raw_s3.put_chunked(f"/{bucket}/k", [b"x" * 50], UNSIGNED_TRAILER,
                                    headers={"x-amz-decoded-content-length": str(length)})
        assert (answer.status, answer.code) == (400, "IncompleteBody")
        assert answer.element("NumberBytesExpected") == str(length)
    assert keys_of(s3, bucket) == []


def test_small_chunks(raw_s3, s3, bucket):
    answer = raw_s3.put_chunked(f"/{bucket}/k", [b"x" * 100, b"y" * 100], STREAMING)
    assert (answer.status, answer.code) == (400, "InvalidChunkSizeError")
    assert (answer.element("Chunk"), answer.element("BadChunkSize")) == ("2", "100")
    assert keys_of(s3, bucket) == []


@pytest.mark.parametrize("trailers,sent", [
    ({"x-amz-checksum-crc32": "AAAAAA=="}, b""),                                        # announced and missing
    ({"x-amz-checksum-crc32": "AAAAAA=="}, b"no colon\r\n"),
    ({"x-amz-checksum-crc32": "AAAAAA=="}, b"x-amz-meta-a:b\r\n"),                      # not announced
])
def test_bad_trailers(raw_s3, s3, bucket, trailers, sent):
    def change(body):
        return body[:body.index(b"0\r\nx-amz") + 3] + sent + b"\r\n\r\n\r\n"
    answer = raw_s3.put_chunked(f"/{bucket}/k", [], UNSIGNED_TRAILER, trailers, change=change)
    assert (answer.status, answer.code) == (400, "MalformedTrailerError"), answer.body
    assert keys_of(s3, bucket) == []


def test_chunked_needs_the_decoded_length(raw_s3, bucket):
    def drop(sent):
        return {name: value for name, value in sent.items() if name != "x-amz-decoded-content-length"}
    answer = raw_s3.request("PUT", f"/{bucket}/k", body=b"0\r\n\r\n", payload=UNSIGNED_TRAILER)
    assert (answer.status, answer.code) == (411, "MissingContentLength")


def test_aws_chunked_in_http_chunks(raw_s3, s3, bucket):
    """Clients that do not know the length of their own framing send it with Transfer-Encoding: chunked."""
    body = raw_s3.chunks([b"hello"], UNSIGNED_TRAILER, trailers={"x-amz-checksum-crc32": crc32(b"hello")})
    sent = raw_s3.signed("PUT", f"/{bucket}/k", payload=UNSIGNED_TRAILER, headers={
        "content-encoding": "aws-chunked", "x-amz-decoded-content-length": "5", "x-amz-trailer": "x-amz-checksum-crc32",
        "transfer-encoding": "chunked"})
    framed = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
    assert raw_s3.exchange("PUT", f"/{bucket}/k", framed, sent).status == 200
    assert stored(s3, bucket) == b"hello"


def test_length_is_needed(raw_s3, s3, bucket):
    sent = raw_s3.signed("PUT", f"/{bucket}/k", payload=UNSIGNED)
    answer = raw_s3.send_bytes(head_bytes("PUT", f"/{bucket}/k", sent))
    assert (answer.status, answer.code, answer.message) == (
        411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
    sent["transfer-encoding"] = "chunked"
    answer = raw_s3.exchange("PUT", f"/{bucket}/k", b"1\r\nx\r\n0\r\n\r\n", sent)
    assert (answer.status, answer.code, answer.element("Header")) == (501, "NotImplemented", "Transfer-Encoding")
    assert keys_of(s3, bucket) == []


@pytest.mark.parametrize("size", [10, 1_000_000])
def test_short_bodies(raw_s3, s3, bucket, size):
    sent = raw_s3.signed("PUT", f"/{bucket}/k", payload=UNSIGNED) | {"content-length": str(size + 1)}
    answer = raw_s3.send_bytes(head_bytes("PUT", f"/{bucket}/k", sent) + b"x" * size)
    assert (answer.status, answer.code) == (400, "IncompleteBody")
    assert keys_of(s3, bucket) == []


def test_aborted_connections_store_nothing(raw_s3, s3, bucket):
    sent = raw_s3.signed("PUT", f"/{bucket}/k", payload=UNSIGNED) | {"content-length": "1000000"}
    with raw_s3.connect() as sock:
        sock.sendall(head_bytes("PUT", f"/{bucket}/k", sent) + b"x" * 500_000)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")  # a reset
    assert keys_of(s3, bucket) == []
    assert stored(s3, bucket) is None


def test_too_large(raw_s3, bucket):
    """Told before the bytes are sent."""
    size = (5 << 30) + 1
    sent = raw_s3.signed("PUT", f"/{bucket}/k", payload=UNSIGNED) | {"content-length": str(size)}
    answer = raw_s3.send_bytes(head_bytes("PUT", f"/{bucket}/k", sent), half_close=False)
    assert (answer.status, answer.code) == (400, "EntityTooLarge")
    assert answer.element("ProposedSize") == str(size)
    assert answer.element("MaxSizeAllowed") == str(5 << 30)


def test_expect_continue(raw_s3, s3, bucket):
    sent = raw_s3.signed("PUT", f"/{bucket}/k", payload=UNSIGNED) | {"content-length": "5", "expect": "100-continue"}
    with raw_s3.connect() as sock:
        sock.sendall(head_bytes("PUT", f"/{bucket}/k", sent))
        assert sock.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"hello")
        assert sock.recv(1000).startswith(b"HTTP/1.1 200 OK\r\n")
    assert stored(s3, bucket) == b"hello"
    # Who is refused is not asked for the body.
    sent["authorization"] = sent["authorization"][:-1] + "0g"[sent["authorization"][-1] == "0"]
    with raw_s3.connect() as sock:
        sock.sendall(head_bytes("PUT", f"/{bucket}/k", sent))
        assert sock.recv(1000).startswith(b"HTTP/1.1 403 Forbidden\r\n")


# ---- What is refused before it is a request --------------------------------------------------------------------------

def lines(*found: str) -> bytes:
    return "\r\n".join([*found, "", ""]).encode()


@pytest.mark.parametrize("sent,code,reason", [
    (lines("GET /b HTTP/1.1"), "BadRequest", "The request has no Host header."),
    (lines("GET /b HTTP/1.1", "Host: h", "Content-Length: 1x"), "BadRequest", "The request is not valid HTTP."),
    (lines("GET /b HTTP/1.1", "Host: h", "Host: i"), "BadRequest", "The request has more than one Host header."),
    (lines("PUT /b/k HTTP/1.1", "Host: h", "Content-Length: 1", "Expect: more"), "BadRequest",
     "The only expectation supported is 100-continue."),
    (lines("GET /b HTTP/3.0", "Host: h"), "BadRequest", "The HTTP versions supported are 1.0 and 1.1."),
    (lines("nonsense"), "BadRequest", "The request is not valid HTTP."),
    (lines("PUT /b/k HTTP/1.1", "Host: h", "Transfer-Encoding: gzip"), "NotImplemented",
     "The only transfer encoding supported is chunked."),
    (lines("GET /b HTTP/1.1", "Host: h", "X: " + "x" * 70_000), "RequestHeaderSectionTooLarge",
     "The request's header fields are too long."),
    (lines("GET /b HTTP/1.1", "Host: h", *["X: x"] * 300), "RequestHeaderSectionTooLarge",
     "The request has too many header fields."),
    (lines("GET /b?" + "x" * 70_000 + " HTTP/1.1", "Host: h"), "RequestHeaderSectionTooLarge", "The request target is too long."),
], ids=range(10))
def test_what_is_no_request_is_an_error_of_s3(raw_s3, on_reprise, sent, code, reason):
    answer = raw_s3.send_bytes(sent, half_close=False)
    assert (answer.status, answer.code) == (501 if code == "NotImplemented" else 400, code)
    assert answer.element("Reason") == reason
    assert answer.element("RequestId") == answer.headers["x-amz-request-id"] and len(answer.element("RequestId")) == 16
    assert answer.headers["content-type"] == "application/xml" and "x-amz-id-2" in answer.headers
    if code == "BadRequest":
        assert answer.message == "An error occurred when parsing the HTTP request."
    if code == "RequestHeaderSectionTooLarge":
        assert answer.message == "Your request header section exceeds the maximum allowed size."
        assert int(answer.element("MaxSizeAllowed")) in (32 * 1024, 64 * 1024)


def test_what_is_no_request_of_dynamodb_is_its_own_error(raw_s3, on_reprise):
    for head in (["POST / HTTP/1.1", "X-Amz-Target: DynamoDB_20120810.ListTables"], ["POST / HTTP/1.1"]):
        answer = raw_s3.send_bytes(lines(*head, "Host: h", "Content-Length: x"), half_close=False)
        assert answer.status == 400 and answer.headers["content-type"] == "application/x-amz-json-1.0"
        assert json.loads(answer.body) == {"__type": "com.amazon.coral.service#SerializationException",
                                           "message": "The request is not valid HTTP."}
        assert len(answer.headers["x-amzn-requestid"]) == 52


def test_clients_read_the_error_of_a_head_that_is_too_long(s3, bucket):
    found = refused(s3.put_object, Bucket=bucket, Key="k", Body=b"", Metadata={"a": "x" * 70_000})
    assert (found["status"], found["Code"]) == (400, "RequestHeaderSectionTooLarge")
    assert keys_of(s3, bucket) == []


# ---- Documents -------------------------------------------------------------------------------------------------------

LAUGHS = ('<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
          '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>'
          "<Tagging><TagSet><Tag><Key>&d;</Key><Value>v</Value></Tag></TagSet></Tagging>")
OUTSIDE = ('<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
           "<Tagging><TagSet><Tag><Key>k</Key><Value>&a;</Value></Tag></TagSet></Tagging>")


@pytest.mark.parametrize("body", [
    b"", b"<", b"<Tagging>", b"<Tagging><TagSet></Tagging>", b"not xml", b"<a/><b/>", b"\xff\xfe<Tagging/>", b"{}",
    LAUGHS.encode(), OUTSIDE.encode(), b"<Tagging>" + b"<a>" * 10_000, b"<Other/>",
    "<Tagging><TagSet/></Tagging>".encode("utf-16"),
], ids=range(13))
def test_malformed_xml(raw_s3, s3, bucket, body):
    md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
    answer = raw_s3.request("PUT", f"/{bucket}", "tagging", headers={"content-md5": md5}, body=body)
    assert answer.status == 400
    assert answer.code == ("MalformedXML" if body else "MissingRequestBodyError"), answer.body
    assert refused(s3.get_bucket_tagging, Bucket=bucket)["Code"] == "NoSuchTagSet"


def test_long_documents(raw_s3, bucket):
    body = b"<Delete>" + b" " * 3_000_000 + b"</Delete>"
    answer = raw_s3.request("POST", f"/{bucket}", "delete", body=body,
                            headers={"content-md5": base64.b64encode(hashlib.md5(body).digest()).decode()})
    assert (answer.status, answer.code) == (400, "MalformedXML")


def test_endless_documents(raw_s3, bucket):
    sent = raw_s3.signed("POST", f"/{bucket}", "delete", payload=UNSIGNED) | {"content-length": str(1 << 40)}
    answer = raw_s3.send_bytes(head_bytes("POST", f"/{bucket}?delete", sent), half_close=False)
    assert (answer.status, answer.code) == (400, "MaxMessageLengthExceeded")


DELETE = b"<Delete><Object><Key>k</Key></Object></Delete>"


def test_documents_need_a_digest(raw_s3, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    answer = raw_s3.request("POST", f"/{bucket}", "delete", body=DELETE)
    assert (answer.status, answer.code) == (400, "InvalidRequest")
    assert answer.message == "Missing required header for this request: Content-MD5 OR x-amz-checksum-*"
    assert keys_of(s3, bucket) == ["k"]


@pytest.mark.parametrize("headers,code", [
    ({"content-md5": base64.b64encode(hashlib.md5(b"other").digest()).decode()}, "BadDigest"),
    ({"content-md5": "not base64"}, "InvalidDigest"), ({"content-md5": "AAAA"}, "InvalidDigest"),
    ({"x-amz-checksum-crc32": crc32(b"other")}, "BadDigest"), ({"x-amz-checksum-crc32": "AAA"}, "InvalidRequest"),
    ({"x-amz-checksum-sha256": base64.b64encode(hashlib.sha256(b"other").digest()).decode()}, "BadDigest"),
])
def test_wrong_digests_of_documents(raw_s3, s3, bucket, headers, code):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    answer = raw_s3.request("POST", f"/{bucket}", "delete", headers=headers, body=DELETE)
    assert (answer.status, answer.code) == (400, code), answer.body
    assert keys_of(s3, bucket) == ["k"]


@pytest.mark.parametrize("headers", [
    {"content-md5": base64.b64encode(hashlib.md5(DELETE).digest()).decode()},
    {"x-amz-checksum-crc32": crc32(DELETE), "x-amz-sdk-checksum-algorithm": "CRC32"},
    {"x-amz-checksum-sha256": base64.b64encode(hashlib.sha256(DELETE).digest()).decode()},
])
def test_digests_of_documents(raw_s3, s3, bucket, headers):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert raw_s3.request("POST", f"/{bucket}", "delete", headers=headers, body=DELETE).status == 200
    assert keys_of(s3, bucket) == []


def test_document_in_aws_chunks(raw_s3, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    body = raw_s3.chunks([DELETE], UNSIGNED_TRAILER, trailers={"x-amz-checksum-crc32": crc32(DELETE)})
    answer = raw_s3.request("POST", f"/{bucket}", "delete", body=body, payload=UNSIGNED_TRAILER, headers={
        "content-encoding": "aws-chunked", "x-amz-decoded-content-length": str(len(DELETE)),
        "x-amz-trailer": "x-amz-checksum-crc32"})
    assert answer.status == 200, answer.body
    assert keys_of(s3, bucket) == []


# ---- The past --------------------------------------------------------------------------------------------------------

def test_as_of_where_it_has_no_meaning(raw_s3, s3, bucket, on_reprise):
    answer = raw_s3.request("PUT", f"/{bucket}/k", body=b"x", headers={"x-reprise-as-of": "2026-01-01T00:00:00Z"})
    assert (answer.status, answer.code) == (400, "InvalidRequest")
    assert answer.message == "x-reprise-as-of has no meaning for PutObject"
    assert keys_of(s3, bucket) == []


def test_as_of_that_is_no_time(raw_s3, bucket, on_reprise):
    answer = raw_s3.request("GET", f"/{bucket}/k", headers={"x-reprise-as-of": "yesterday"})
    assert (answer.status, answer.code, answer.element("ArgumentName")) == (400, "InvalidArgument", "x-reprise-as-of")


def test_as_of_of_a_presigned_url_must_be_signed(raw_s3, bucket, on_reprise):
    when = {"x-reprise-as-of": "1"}
    target = raw_s3.presigned("GET", f"/{bucket}/k")
    answer = raw_s3.exchange("GET", target, b"", {"host": raw_s3.host} | when)
    assert (answer.status, answer.element("HeadersNotSigned")) == (403, "x-reprise-as-of")
    target = raw_s3.presigned("GET", f"/{bucket}/k", headers=when)
    answer = raw_s3.exchange("GET", target, b"", {"host": raw_s3.host} | when)
    assert answer.code != "AccessDenied"


def test_a_copy_out_of_the_past_by_a_presigned_url_must_be_signed(raw_s3, s3, bucket, on_reprise):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    source = {"x-amz-copy-source": f"{bucket}/k"}
    as_of = {"x-reprise-copy-source-as-of": str(time.time())}
    target = raw_s3.presigned("PUT", f"/{bucket}/copy", headers=source)
    answer = raw_s3.exchange("PUT", target, b"", {"host": raw_s3.host} | source | as_of)
    assert (answer.status, answer.element("HeadersNotSigned")) == (403, "x-reprise-copy-source-as-of")
    assert raw_s3.exchange("PUT", target, b"", {"host": raw_s3.host} | source).status == 200


def test_as_of_in_a_presigned_query(raw_s3, bucket, on_reprise):
    """A link alone leads into the past: without it, it would show the present to whoever meant the past."""
    target = raw_s3.presigned("GET", f"/{bucket}/k", "x-reprise-as-of=yesterday")
    answer = raw_s3.exchange("GET", target, b"", {"host": raw_s3.host})
    assert (answer.status, answer.code, answer.element("ArgumentName")) == (400, "InvalidArgument", "x-reprise-as-of")
    answer = raw_s3.exchange("GET", target.replace("yesterday", "1"), b"", {"host": raw_s3.host})
    assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")


# ---- Who has the bucket ----------------------------------------------------------------------------------------------

def test_expected_bucket_owner(s3, bucket):
    assert s3.list_objects_v2(Bucket=bucket, ExpectedBucketOwner="000000000000")["KeyCount"] == 0
    found = refused(s3.list_objects_v2, Bucket=bucket, ExpectedBucketOwner="111111111111")
    assert (found["status"], found["Code"]) == (403, "AccessDenied")
    assert refused(s3.put_object, Bucket=bucket, Key="k", Body=b"x", ExpectedBucketOwner="1" * 12)["Code"] == "AccessDenied"
    assert keys_of(s3, bucket) == []


# ---- Streams ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("size", [0, 1, 32_768, 32_769, 65_520, 65_521, 5_000_000])
def test_bodies_of_all_sizes(s3, bucket, size):
    data = bytes(i * 7 & 0xff for i in range(size % 1009)) + b"z" * (size - size % 1009)
    s3.put_object(Bucket=bucket, Key="k", Body=data)
    found = s3.get_object(Bucket=bucket, Key="k")
    assert found["ContentLength"] == size
    assert found["Body"].read() == data
    assert s3.head_object(Bucket=bucket, Key="k")["ContentLength"] == size


def test_not_modified_has_no_body(raw_s3, s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x" * 100)["ETag"]
    answer = raw_s3.request("GET", f"/{bucket}/k", headers={"if-none-match": etag})
    assert (answer.status, answer.body) == (304, b"")
    assert answer.headers["etag"] == etag
    assert "content-type" not in answer.headers or answer.headers["content-type"] != "application/xml"


def test_metrics_name_operations(s3, bucket, on_reprise):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    status, text = on_reprise.console_get("/-/metrics")
    assert status == 200
    assert 'operation="PutObject"' in text
