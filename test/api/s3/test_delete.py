"""DeleteObject and DeleteObjects: what goes, what is answered, and on which conditions."""
import base64
import hashlib
from urllib.parse import quote, unquote

import pytest

from harness.s3 import keys_of, refused


def put(s3, bucket, key, body=b"x"):
    return s3.put_object(Bucket=bucket, Key=key, Body=body)


def delete_request(raw_s3, bucket, text: str, **headers):
    body = text.encode()
    digest = base64.b64encode(hashlib.md5(body).digest()).decode()
    return raw_s3.request("POST", f"/{bucket}", "delete", {"content-md5": digest} | headers, body)


def test_deleting_is_idempotent(raw_s3, s3, bucket):
    put(s3, bucket, "k")
    for _ in range(2):
        answer = raw_s3.request("DELETE", f"/{bucket}/k")
        assert (answer.status, answer.body) == (204, b"")
        assert "x-amz-delete-marker" not in answer.headers and "x-amz-version-id" not in answer.headers
    assert keys_of(s3, bucket) == []


def test_deleting_a_version_that_never_was(raw_s3, versioned, s3):
    put(s3, versioned, "k")
    other = s3.put_object(Bucket=versioned, Key="other", Body=b"")["VersionId"]
    answer = raw_s3.request("DELETE", f"/{versioned}/k", f"versionId={other}")
    assert (answer.status, answer.headers.get("x-amz-version-id")) == (204, other)
    assert sorted(keys_of(s3, versioned)) == ["k", "other"]
    answer = raw_s3.request("DELETE", f"/{versioned}/k", "versionId=nonsense")
    assert (answer.status, answer.code, answer.message) == (400, "InvalidArgument", "Invalid version id specified")


@pytest.mark.parametrize("condition", ["*", '"0cc175b9c0f1b6a831c399e269772661"'])
def test_conditions_hold(raw_s3, s3, bucket, condition):
    put(s3, bucket, "k", b"a")
    assert raw_s3.request("DELETE", f"/{bucket}/k", headers={"if-match": condition}).status == 204
    assert keys_of(s3, bucket) == []


def test_conditions_fail(raw_s3, s3, bucket, versioned):
    put(s3, bucket, "k", b"a")
    answer = raw_s3.request("DELETE", f"/{bucket}/k", headers={"if-match": '"00000000000000000000000000000000"'})
    assert (answer.status, answer.code, answer.element("Condition")) == (412, "PreconditionFailed", "If-Match")
    assert keys_of(s3, bucket) == ["k"]
    put(s3, versioned, "marked")
    s3.delete_object(Bucket=versioned, Key="marked")
    for name, key in ((bucket, "never"), (versioned, "marked")):
        for condition in ("*", '"00000000000000000000000000000000"'):
            answer = raw_s3.request("DELETE", f"/{name}/{key}", headers={"if-match": condition})
            assert (answer.status, answer.code) == (404, "NoSuchKey")
    answer = raw_s3.request("DELETE", f"/{bucket}/k", headers={"x-amz-if-match-size": "1"})
    assert (answer.status, answer.code) == (501, "NotImplemented")


def test_many_at_once(s3, bucket):
    keys = [f"folder/{i:04}" for i in range(1000)]
    for key in keys[:50]:
        put(s3, bucket, key)
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys]})
    assert [entry["Key"] for entry in answer["Deleted"]] == keys, "missing keys count as deleted"
    assert "Errors" not in answer
    assert keys_of(s3, bucket) == []


def test_many_versions_and_markers(s3, versioned):
    version_id = put(s3, versioned, "version")["VersionId"]
    put(s3, versioned, "object")
    put(s3, versioned, "marker")
    marker = s3.delete_object(Bucket=versioned, Key="marker")["VersionId"]
    answer = s3.delete_objects(Bucket=versioned, Delete={"Objects": [
        {"Key": "version", "VersionId": version_id}, {"Key": "object"}, {"Key": "marker", "VersionId": marker},
        {"Key": "object", "VersionId": "nonsense"}]})
    assert answer["Deleted"][0] == {"Key": "version", "VersionId": version_id}
    made = answer["Deleted"][1]
    assert made["Key"] == "object" and made["DeleteMarker"] is True and "VersionId" not in made
    assert answer["Deleted"][2] == {"Key": "marker", "VersionId": marker, "DeleteMarker": True, "DeleteMarkerVersionId": marker}
    assert [(e["Key"], e["Code"], e["VersionId"]) for e in answer["Errors"]] == [("object", "NoSuchVersion", "nonsense")]
    assert keys_of(s3, versioned) == ["marker"]
    assert s3.list_object_versions(Bucket=versioned, Prefix="object")["DeleteMarkers"][0]["VersionId"] == made["DeleteMarkerVersionId"]


def test_quietly(s3, bucket):
    put(s3, bucket, "a")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}], "Quiet": True})
    assert "Deleted" not in answer and "Errors" not in answer
    assert keys_of(s3, bucket) == []


def test_each_on_its_condition(raw_s3, s3, bucket):
    put(s3, bucket, "right", b"a")
    put(s3, bucket, "wrong", b"a")
    answer = delete_request(raw_s3, bucket, "<Delete><Object><Key>right</Key><ETag>0cc175b9c0f1b6a831c399e269772661</ETag></Object>"
                            "<Object><Key>wrong</Key><ETag>\"b\"</ETag></Object><Object><Key>gone</Key><ETag>*</ETag></Object></Delete>")
    assert answer.status == 200
    codes = [e.text for e in answer.xml.iter() if e.tag.endswith("}Code")]
    assert codes == ["PreconditionFailed", "NoSuchKey"]
    assert keys_of(s3, bucket) == ["wrong"]


def test_any_key(s3, bucket):
    keys = ["sp ace", "<xml>&", "é漢字🎵", "new\nline", "tab\there", "a" * 1024]
    for key in keys:
        put(s3, bucket, key)
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys]})
    assert [entry["Key"] for entry in answer["Deleted"]] == keys
    assert keys_of(s3, bucket) == []


def test_a_marker_needs_a_key_that_could_be(s3, versioned):
    answer = s3.delete_objects(Bucket=versioned, Delete={"Objects": [{"Key": "k" * 1025}]})
    assert answer["Errors"][0]["Code"] == "KeyTooLongError"
    assert "DeleteMarkers" not in s3.list_object_versions(Bucket=versioned)


@pytest.mark.parametrize("text", [
    "", "<Delete", "<Delete></Delete>", "<Delete><Object></Object></Delete>", "<Delete><Object><Key/></Object></Delete>",
    "<Other><Object><Key>k</Key></Object></Other>", "<Delete>" + "<Object><Key>k</Key></Object>" * 1001 + "</Delete>",
    '<!DOCTYPE x [<!ENTITY a "k">]><Delete><Object><Key>&a;</Key></Object></Delete>',
])
def test_documents_that_are_none(raw_s3, s3, bucket, text):
    put(s3, bucket, "k")
    answer = delete_request(raw_s3, bucket, text)
    assert (answer.status, answer.code) == (400, "MalformedXML" if text else "MissingRequestBodyError")
    assert keys_of(s3, bucket) == ["k"]


def test_the_document_needs_its_digest(raw_s3, s3, bucket):
    put(s3, bucket, "k")
    text = b"<Delete><Object><Key>k</Key></Object></Delete>"
    answer = raw_s3.request("POST", f"/{bucket}", "delete", body=text)
    assert (answer.status, answer.code) == (400, "InvalidRequest")
    answer = raw_s3.request("POST", f"/{bucket}", "delete", {"content-md5": "1B2M2Y8AsgTpgAmY7PhCfg=="}, text)
    assert (answer.status, answer.code) == (400, "BadDigest")
    assert keys_of(s3, bucket) == ["k"]


def test_a_bypass_needs_a_bucket_with_locks(s3, bucket):
    put(s3, bucket, "k")
    error = refused(s3.delete_object, Bucket=bucket, Key="k", BypassGovernanceRetention=True)
    assert (error["status"], error["Code"]) == (400, "InvalidArgument")
    assert error["Message"] == "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets."


# ---- Odd keys and documents ------------------------------------------------------------------------------------------

CONTROLS = ["a\x00b", "\x00", "a\x01", "\x1f", "tab\t", "line\n", "return\r", "\x7f", "\x85", "\ufffe"]


@pytest.mark.parametrize("key", CONTROLS, ids=[repr(key) for key in CONTROLS])
def test_every_key_that_can_be_put_can_be_listed_and_deleted(raw_s3, s3, bucket, key):
    path = f"/{bucket}/{quote(key, safe='')}"
    put(s3, bucket, "other")
    assert raw_s3.request("PUT", path, body=b"x").status == 200
    assert raw_s3.request("GET", path).body == b"x"
    for query in ("list-type=2&encoding-type=url", "encoding-type=url", "versions&encoding-type=url"):
        answer = raw_s3.request("GET", f"/{bucket}", query)
        assert answer.status == 200
        assert sorted(unquote(found.text) for found in answer.xml.iter() if found.tag.endswith("}Key")) == sorted(["other", key])
    reference = "".join(c if c.isalnum() else f"&#x{ord(c):x};" for c in key)
    answer = delete_request(raw_s3, bucket, f"<Delete><Object><Key>{reference}</Key></Object><Quiet>true</Quiet></Delete>")
    assert (answer.status, answer.code) == (200, "")
    assert keys_of(s3, bucket) == ["other"]


def test_errors_about_odd_keys_can_be_read(raw_s3, bucket):
    """XML 1.0 has no form for control characters; an error's code must be readable all the same."""
    for key in ("a%00b", "a%01b"):
        answer = raw_s3.request("GET", f"/{bucket}/{key}")
        assert (answer.status, answer.code, answer.element("Key")) == (404, "NoSuchKey", "a\ufffdb")


@pytest.mark.parametrize("document", [
    '<Delete xmlns="http://foo"><Object><Key>k</Key></Object></Delete>',
    '<f:Delete xmlns:f="http://foo"><f:Object><f:Key>k</f:Key></f:Object></f:Delete>',
    "<Remove><Object><Key>k</Key></Object></Remove>",
    "<Delete><Object><Key>k</Key><Extra/></Object></Delete>",
    "<Delete><Object><Key>k</Key></Object><Extra/></Delete>",
    "<Delete><Object><Key>k</Key><Key>l</Key></Object></Delete>",
    "<Delete><Object><Key>k</Key></Object><Quiet>maybe</Quiet></Delete>",
    "<Delete><Object><Key>k</Key></Object><Quiet>true</Quiet><Quiet>true</Quiet></Delete>",
    "<Delete><Object><Key>a\x01</Key></Object></Delete>",
    "<Delete/>",
], ids=range(10))
def test_documents_that_are_not_s3s(raw_s3, s3, bucket, document):
    put(s3, bucket, "k")
    answer = delete_request(raw_s3, bucket, document)
    assert (answer.status, answer.code) == (400, "MalformedXML")
    assert keys_of(s3, bucket) == ["k"]


@pytest.mark.parametrize("attribute", [
    "", ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"', ' xmlns="http://doc.s3.amazonaws.com/2006-03-01"', ' xmlns=""'])
def test_documents_in_s3s_namespace_or_none(raw_s3, s3, bucket, attribute):
    put(s3, bucket, "k")
    answer = delete_request(raw_s3, bucket, f"<Delete{attribute}><Quiet>FALSE</Quiet><Object><Key>k</Key></Object></Delete>")
    assert (answer.status, answer.element("Key")) == (200, "k")
    assert keys_of(s3, bucket) == []
