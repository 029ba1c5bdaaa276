"""Uploads from a browser's form: POST to a bucket with multipart/form-data, a policy and its signature."""
import base64
import datetime
import hashlib
import hmac
import json
import urllib.parse

import pytest

from harness.s3 import RawS3, keys_of, refused, s3_client
from harness.tables import unique
from harness.users import make_user, statement  # noqa: F401 (fixtures)

BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"


def in_an_hour() -> str:
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Form:
    """Fields in their order, then the file; signed over the conditions that are given."""

    def __init__(self, raw_s3: RawS3, bucket: str, *conditions, signer: RawS3 | None = None, expiration: str | None = None,
                 **fields):
        self.raw, self.bucket = raw_s3, bucket
        signer = signer or raw_s3
        date = signer.now()
        self.fields = {name.replace("_", "-"): value for name, value in fields.items()}
        self.fields |= {"X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": f"{signer.key}/{signer.scope(date)}",
                        "X-Amz-Date": date}
        policy = {"expiration": expiration or in_an_hour(), "conditions": [
            {"bucket": bucket}, *conditions,
            *[{name: self.fields[name]} for name in ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date")]]}
        self.sign(signer, json.dumps(policy).encode(), date)
        self.file, self.filename = b"content", "photo.jpg"

    def sign(self, signer: RawS3, policy: bytes, date: str):
        self.fields["Policy"] = base64.b64encode(policy).decode()
        self.fields["X-Amz-Signature"] = hmac.new(signer.signing_key(date), self.fields["Policy"].encode(),
                                                  hashlib.sha256).hexdigest()

    def body(self) -> bytes:
        out = b""
        for name, value in self.fields.items():
            out += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        if self.file is not None:
            out += (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{self.filename}"\r\n'
                    "Content-Type: image/jpeg\r\n\r\n").encode() + self.file + b"\r\n"
        return out + f"--{BOUNDARY}--\r\n".encode()

    def post(self, **headers):
        sent = {"host": self.raw.host, "content-type": f"multipart/form-data; boundary={BOUNDARY}"}
        return self.raw.exchange("POST", f"/{self.bucket}", self.body(), sent | headers)


KEY = ["starts-with", "$key", ""]


def test_upload(raw_s3, s3, bucket):
    form = Form(raw_s3, bucket, KEY, {"Content-Type": "image/png"}, ["starts-with", "$x-amz-meta-tag", ""], key="a/b",
                Content_Type="image/png", x_amz_meta_tag="blue")
    answer = form.post()
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["etag"] == '"' + hashlib.md5(b"content").hexdigest() + '"'
    assert answer.headers["location"] == f"http://{raw_s3.host}/{bucket}/a/b"
    found = s3.get_object(Bucket=bucket, Key="a/b")
    assert found["Body"].read() == b"content"
    assert (found["ContentType"], found["Metadata"]) == ("image/png", {"tag": "blue"})


@pytest.mark.parametrize("what", ["key", "file name"])
def test_a_key_that_is_no_text_is_refused(raw_s3, s3, bucket, what):
    """No path leads to such a key: the object could be neither read nor removed."""
    form = Form(raw_s3, bucket, KEY, key="a" if what == "key" else "${filename}")
    plain = form.body()
    spoilt = (plain.replace(b'name="key"\r\n\r\na\r\n', b'name="key"\r\n\r\na\xff\r\n') if what == "key" else
              plain.replace(b'filename="photo.jpg"', b'filename="photo\xff.jpg"'))
    assert len(spoilt) == len(plain) + 1
    form.body = lambda: spoilt
    answer = form.post()
    assert (answer.status, answer.code) == (400, "InvalidURI")
    assert keys_of(s3, bucket) == []


def test_boto_presigned_post(raw_s3, s3, bucket):
    made = s3.generate_presigned_post(bucket, "up/${filename}", Fields={"Content-Type": "image/jpeg"}, Conditions=[
        {"Content-Type": "image/jpeg"}, ["content-length-range", 1, 100]])
    form = Form(raw_s3, bucket)
    form.fields = made["fields"]
    form.filename = "C:\\holidays\\sea side.jpg"
    assert form.post().status == 204
    assert keys_of(s3, bucket) == ["up/sea side.jpg"]


def test_large_file(raw_s3, s3, bucket):
    form = Form(raw_s3, bucket, KEY, key="large")
    form.file = (b"\r\n--" + BOUNDARY[:-1].encode() + bytes(range(256))) * 20_000
    assert form.post().status == 204
    assert s3.get_object(Bucket=bucket, Key="large")["Body"].read() == form.file


@pytest.mark.parametrize("status,expected", [("200", 200), ("201", 201), ("204", 204), ("404", 204), ("x", 204)])
def test_success_status(raw_s3, s3, bucket, status, expected):
    form = Form(raw_s3, bucket, KEY, {"success_action_status": status}, key="k&<")
    form.fields["success_action_status"] = status
    answer = form.post()
    assert answer.status == expected
    assert keys_of(s3, bucket) == ["k&<"]
    if expected != 201:
        assert answer.body == b""
        return
    assert [e.tag for e in answer.xml] == ["Location", "Bucket", "Key", "ETag"]
    assert answer.xml.tag == "PostResponse"
    assert answer.element("Key") == "k&<"
    assert answer.element("Location") == f"http://{raw_s3.host}/{bucket}/k%26%3C"
    assert answer.element("ETag") == answer.headers["etag"]


@pytest.mark.parametrize("field", ["success_action_redirect", "redirect"])
def test_success_redirect(raw_s3, bucket, field):
    url = "https://example.com/done?a=b"
    form = Form(raw_s3, bucket, KEY, {field: url}, key="k k")
    form.fields[field] = url
    answer = form.post()
    assert answer.status == 303
    where = urllib.parse.urlsplit(answer.headers["location"])
    assert (where.netloc, where.path) == ("example.com", "/done")
    etag = '"' + hashlib.md5(b"content").hexdigest() + '"'
    assert urllib.parse.parse_qs(where.query) == {"a": ["b"], "bucket": [bucket], "key": ["k k"], "etag": [etag]}


@pytest.mark.parametrize("url", ["javascript:alert(1)", "/local", "https://x y", "https://x\x01"])
def test_redirects_that_are_none_are_ignored(raw_s3, bucket, url):
    form = Form(raw_s3, bucket, KEY, {"success_action_redirect": url}, key="k")
    form.fields["success_action_redirect"] = url
    answer = form.post()
    assert answer.status == 204
    assert answer.headers["location"].startswith("http://")


@pytest.mark.parametrize("conditions,fields,message", [
    ([["eq", "$key", "other"]], {"key": "k"}, 'Policy Condition failed: ["eq", "$key", "other"]'),
    ([["starts-with", "$key", "user/"]], {"key": "k"}, 'Policy Condition failed: ["starts-with", "$key", "user/"]'),
    ([KEY, {"acl": "private"}], {"key": "k", "acl": "public-read"}, 'Policy Condition failed: ["eq", "$acl", "private"]'),
    ([KEY, {"acl": "private"}], {"key": "k"}, 'Policy Condition failed: ["eq", "$acl", "private"]'),
    ([KEY], {"key": "k", "x_amz_meta_a": "1"}, "Extra input fields: x-amz-meta-a"),
    ([], {"key": "k"}, "Extra input fields: key"),
    ([KEY, {"bucket": "another"}], {"key": "k"}, 'Policy Condition failed: ["eq", "$bucket", "another"]'),
])
def test_policy_refuses(raw_s3, s3, bucket, conditions, fields, message):
    answer = Form(raw_s3, bucket, *conditions, **fields).post()
    assert (answer.status, answer.code) == (403, "AccessDenied")
    assert answer.message == "Invalid according to Policy: " + message
    assert keys_of(s3, bucket) == []


def test_key_is_compared_with_the_file_name_in_it(raw_s3, s3, bucket):
    form = Form(raw_s3, bucket, ["starts-with", "$key", "pictures/photo"], key="pictures/${filename}")
    assert form.post().status == 204
    form.filename = "other.jpg"
    assert form.post().code == "AccessDenied"
    assert keys_of(s3, bucket) == ["pictures/photo.jpg"]


def test_every_field_knows_the_file_name(raw_s3, s3, bucket):
    form = Form(raw_s3, bucket, KEY, ["starts-with", "$x-amz-meta-name", "was photo.jpg"],
                ["eq", "$success_action_redirect", "https://example.com/photo.jpg"],
                key="${filename}/${filename}", x_amz_meta_name="was ${filename}")
    form.fields["success_action_redirect"] = "https://example.com/${filename}"
    form.filename = "C:\\pictures\\photo.jpg"
    answer = form.post()
    assert answer.status == 303, answer.body
    assert answer.headers["location"].startswith("https://example.com/photo.jpg?bucket=")
    assert s3.head_object(Bucket=bucket, Key="photo.jpg/photo.jpg")["Metadata"] == {"name": "was photo.jpg"}


def test_a_file_without_a_name_leaves_the_key_empty(raw_s3, s3, bucket):
    form = Form(raw_s3, bucket, KEY, key="${filename}")
    form.filename = ""
    answer = form.post()
    assert (answer.status, answer.code, answer.element("ArgumentName")) == (400, "InvalidArgument", "key")
    assert keys_of(s3, bucket) == []


def test_file_names_do_not_make_fields_grow_without_end(raw_s3, s3, bucket):
    form = Form(raw_s3, bucket, KEY, key="${filename}" * 900)
    form.filename = "x" * 5000
    assert form.post().code == "MaxPostPreDataLengthExceeded"
    assert keys_of(s3, bucket) == []


def test_policy_for_another_bucket(raw_s3, s3, bucket, make_bucket):
    form = Form(raw_s3, bucket, KEY, key="k")
    form.bucket = make_bucket()
    answer = form.post()
    assert (answer.status, answer.message) == (
        403, f'Invalid according to Policy: Policy Condition failed: ["eq", "$bucket", "{bucket}"]')


def test_expired_policy(raw_s3, s3, bucket):
    answer = Form(raw_s3, bucket, KEY, key="k", expiration="2020-01-01T00:00:00Z").post()
    assert (answer.status, answer.code, answer.message) == (
        403, "AccessDenied", "Invalid according to Policy: Policy expired.")
    assert keys_of(s3, bucket) == []


@pytest.mark.parametrize("size,code,details", [
    (4, "EntityTooSmall", {"ProposedSize": "4", "MinSizeAllowed": "5"}), (5, "", {}), (10, "", {}),
    (11, "EntityTooLarge", {"ProposedSize": "11", "MaxSizeAllowed": "10"}),
])
def test_length_range(raw_s3, s3, bucket, size, code, details):
    form = Form(raw_s3, bucket, KEY, ["content-length-range", 5, 10], key="k")
    form.file = b"x" * size
    answer = form.post()
    assert answer.code == code
    assert {name: answer.element(name) for name in details} == details
    assert keys_of(s3, bucket) == ([] if code else ["k"])
    assert answer.status == (400 if code else 204)


def test_length_range_of_a_long_upload(raw_s3, s3, bucket):
    form = Form(raw_s3, bucket, KEY, ["content-length-range", 0, 1000], key="k")
    form.file = b"x" * 3_000_000
    assert form.post().code == "EntityTooLarge"
    assert keys_of(s3, bucket) == []


def test_wrong_signature(raw_s3, s3, bucket):
    form = Form(raw_s3, bucket, KEY, key="k")
    form.fields["X-Amz-Signature"] = "0" * 64
    answer = form.post()
    assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")
    assert answer.element("StringToSign") == form.fields["Policy"]
    other = RawS3(raw_s3.endpoint, raw_s3.key, "wrong", raw_s3.region)
    assert Form(raw_s3, bucket, KEY, signer=other, key="k").post().code == "SignatureDoesNotMatch"
    other = RawS3(raw_s3.endpoint, "NOSUCHKEY", "wrong", raw_s3.region)
    answer = Form(raw_s3, bucket, KEY, signer=other, key="k").post()
    assert (answer.status, answer.code) == (403, "InvalidAccessKeyId")
    assert keys_of(s3, bucket) == []


# Signature Version 2

def version_2(raw_s3, bucket, **changes) -> Form:
    """A form as clients with that signature make it; `changes` replace fields, or take them away (None)."""
    form = Form(raw_s3, bucket, KEY, key="k")
    policy = base64.b64encode(json.dumps({"expiration": in_an_hour(), "conditions": [{"bucket": bucket}, KEY]}).encode())
    signature = base64.b64encode(hmac.new(raw_s3.secret.encode(), policy, hashlib.sha1).digest())
    fields = {"key": "k", "AWSAccessKeyId": raw_s3.key, "policy": policy.decode(), "signature": signature.decode()}
    form.fields = {name: value for name, value in (fields | changes).items() if value is not None}
    return form


def test_version_2_by_boto(endpoint, raw_s3, s3, bucket):
    client = s3_client(endpoint, signature_version="s3")
    post = client.generate_presigned_post(bucket, "old/${filename}", Fields={"x-amz-meta-a": "b"},
                                          Conditions=[{"x-amz-meta-a": "b"}, ["content-length-range", 1, 100]])
    form = Form(raw_s3, bucket, KEY, key="unused")
    form.fields = post["fields"]
    assert "signature" in form.fields
    answer = form.post()
    assert answer.status == 204, answer.body
    found = s3.get_object(Bucket=bucket, Key="old/photo.jpg")
    assert (found["Body"].read(), found["Metadata"]) == (b"content", {"a": "b"})
    form.file = b""
    assert form.post().code == "EntityTooSmall"


@pytest.mark.parametrize("changes,status,code,element", [
    ({"signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="}, 403, "SignatureDoesNotMatch", ("SignatureProvided", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")),
    ({"AWSAccessKeyId": "AKIAOTHER"}, 403, "InvalidAccessKeyId", ("AWSAccessKeyId", "AKIAOTHER")),
    ({"signature": None}, 400, "InvalidArgument", ("ArgumentName", "signature")),
    ({"policy": None}, 400, "InvalidArgument", ("ArgumentName", "policy")),
    ({"AWSAccessKeyId": None}, 400, "InvalidArgument", ("ArgumentName", "AWSAccessKeyId")),
    ({"X-Amz-Signature": "0" * 64}, 400, "InvalidArgument", ("ArgumentName", "Signature")),
    ({"x-amz-meta-a": "b"}, 403, "AccessDenied", ("Message", "Invalid according to Policy: Extra input fields: x-amz-meta-a")),
])
def test_version_2_refused(raw_s3, s3, bucket, changes, status, code, element):
    assert version_2(raw_s3, bucket).post().status == 204
    s3.delete_object(Bucket=bucket, Key="k")
    answer = version_2(raw_s3, bucket, **changes).post()
    assert (answer.status, answer.code, answer.element(element[0])) == (status, code, element[1])
    assert keys_of(s3, bucket) == []


def test_changed_policy(raw_s3, s3, bucket):
    form = Form(raw_s3, bucket, ["eq", "$key", "mine"], key="yours")
    policy = base64.b64decode(form.fields["Policy"]).replace(b"mine", b"yours")
    form.fields["Policy"] = base64.b64encode(policy).decode()
    assert form.post().code == "SignatureDoesNotMatch"
    assert keys_of(s3, bucket) == []


@pytest.mark.parametrize("missing", ["X-Amz-Signature", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Algorithm", "Policy"])
def test_missing_fields(raw_s3, s3, bucket, missing):
    form = Form(raw_s3, bucket, KEY, key="k")
    del form.fields[missing]
    answer = form.post()
    assert (answer.status, answer.code) == (400, "InvalidArgument")
    assert answer.element("ArgumentName").lower() == missing.lower()
    assert answer.message.lower() == (f"bucket post must contain a field named '{missing.lower()}'.  if it is specified, please "
                                      "check the order of the fields.")
    assert keys_of(s3, bucket) == []


def test_missing_key_and_file(raw_s3, s3, bucket):
    answer = Form(raw_s3, bucket).post()
    assert (answer.status, answer.code, answer.element("ArgumentName")) == (400, "InvalidArgument", "key")
    form = Form(raw_s3, bucket, KEY, key="k")
    form.file = None
    answer = form.post()
    assert (answer.status, answer.code) == (400, "InvalidArgument")
    assert answer.message == "POST requires exactly one file upload per request."


@pytest.mark.parametrize("body", [
    b"", b"junk", f"--{BOUNDARY}\r\n".encode(), f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="key"\r\n'.encode(),
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="key"\r\n\r\nk'.encode()], ids=range(5))
def test_what_is_no_form_at_all(raw_s3, s3, bucket, body):
    answer = raw_s3.exchange("POST", f"/{bucket}", body, {
        "host": raw_s3.host, "content-length": str(len(body)), "content-type": f"multipart/form-data; boundary={BOUNDARY}"})
    assert (answer.status, answer.code) == (400, "MalformedPOSTRequest")
    assert answer.message == "The body of your POST request is not well-formed multipart/form-data."
    assert keys_of(s3, bucket) == []


def test_fields_behind_the_file_do_not_count(raw_s3, s3, bucket):
    form = Form(raw_s3, bucket, KEY, key="k")
    end = f"--{BOUNDARY}--\r\n".encode()
    more = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="acl"\r\n\r\npublic-read\r\n'.encode() + end
    body = form.body().replace(end, more)
    answer = raw_s3.exchange("POST", f"/{bucket}", body, {
        "host": raw_s3.host, "content-type": f"multipart/form-data; boundary={BOUNDARY}"})
    assert answer.status == 204, answer.body


@pytest.mark.parametrize("policy,message", [
    (b"{", "Invalid JSON."), (b"\xff", "Invalid JSON."), (b'{"conditions":[]}', "Policy missing expiration."),
    (b'{"expiration":"2099-01-01T00:00:00Z"}', "Policy missing conditions."),
    (b'{"expiration":"soon","conditions":[]}', "Invalid 'expiration' value: 'soon'"),
])
def test_malformed_policies(raw_s3, s3, bucket, policy, message):
    form = Form(raw_s3, bucket, KEY, key="k")
    form.sign(raw_s3, policy, form.fields["X-Amz-Date"])
    answer = form.post()
    assert (answer.status, answer.code, answer.message) == (400, "InvalidPolicyDocument", "Invalid Policy: " + message)
    assert keys_of(s3, bucket) == []


def test_anonymous_form(raw_s3, s3, bucket):
    form = Form(raw_s3, bucket)
    form.fields = {"key": "k"}
    answer = form.post()
    assert (answer.status, answer.code, answer.message) == (403, "AccessDenied", "Access Denied")
    assert keys_of(s3, bucket) == []


def test_headers_of_the_request_say_nothing(raw_s3, s3, bucket):
    """They are not signed: the fields are."""
    answer = Form(raw_s3, bucket, KEY, key="k").post(**{"x-amz-meta-a": "b", "x-amz-acl": "public-read"})
    assert answer.status == 204
    assert s3.head_object(Bucket=bucket, Key="k")["Metadata"] == {}


@pytest.mark.parametrize("change", [
    lambda body: b"", lambda body: b"no form at all", lambda body: body[: len(body) // 2], lambda body: body[:-60],
    lambda body: body.replace(b"form-data", b"attachment"), lambda body: body.replace(b"\r\n", b"\n"),
    lambda body: body.replace(b'name="key"', b""),
], ids=range(7))
def test_broken_forms(raw_s3, s3, bucket, change):
    form = Form(raw_s3, bucket, KEY, key="k")
    body = change(form.body())
    answer = raw_s3.exchange("POST", f"/{bucket}", body, {
        "host": raw_s3.host, "content-type": f"multipart/form-data; boundary={BOUNDARY}"})
    assert answer.status == 400, answer.body
    assert answer.code in ("MalformedPOSTRequest", "InvalidArgument")
    assert keys_of(s3, bucket) == []


def test_form_without_a_boundary(raw_s3, s3, bucket):
    form = Form(raw_s3, bucket, KEY, key="k")
    answer = raw_s3.exchange("POST", f"/{bucket}", form.body(), {"host": raw_s3.host, "content-type": "multipart/form-data"})
    assert (answer.status, answer.code) == (400, "MalformedPOSTRequest")


def test_long_fields(raw_s3, s3, bucket):
    form = Form(raw_s3, bucket, KEY, key="k")
    form.fields["x-ignore-this"] = "x" * 20_480
    answer = form.post()
    assert (answer.status, answer.code) == (400, "MaxPostPreDataLengthExceeded")
    assert answer.message == "Your POST request fields preceding the upload file were too large."
    assert keys_of(s3, bucket) == []
    form.fields["x-ignore-this"] = "x" * 15_000
    assert form.post().status == 204


def test_repeated_fields(raw_s3, s3, bucket):
    form = Form(raw_s3, bucket, KEY, key="k")
    form.fields["KEY"] = "other"
    answer = form.post()
    assert (answer.status, answer.code, answer.element("ArgumentName")) == (400, "InvalidArgument", "key")
    assert keys_of(s3, bucket) == []


def test_no_such_bucket(raw_s3):
    answer = Form(raw_s3, unique("none"), KEY, key="k").post()
    assert (answer.status, answer.code) == (404, "NoSuchBucket")


def test_tags_and_versions(raw_s3, s3, versioned):
    tagging = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"
    form = Form(raw_s3, versioned, KEY, {"tagging": tagging}, key="k", tagging=tagging)
    answer = form.post()
    assert answer.status == 204, answer.body
    assert answer.headers["x-amz-version-id"] == s3.head_object(Bucket=versioned, Key="k")["VersionId"]
    assert s3.get_object_tagging(Bucket=versioned, Key="k")["TagSet"] == [{"Key": "a", "Value": "b"}]


def test_tags_of_forms_are_a_right_that_policies_see(s3, bucket, make_user):
    objects = f"arn:aws:s3:::{bucket}/*"

    def posted(user, value):
        tagging = f"<Tagging><TagSet><Tag><Key>a+b/c</Key><Value>{value}</Value></Tag></TagSet></Tagging>"
        form = Form(user.raw_s3, bucket, KEY, {"tagging": tagging}, key="k", tagging=tagging)
        answer = form.post()
        return answer.status, answer.code

    bare = make_user(statement("s3:PutObject", objects))
    assert posted(bare, "x") == (403, "AccessDenied")
    choosy = make_user(statement(["s3:PutObject", "s3:PutObjectTagging"], objects),
                       statement("s3:PutObject", objects, "Deny",
                                 Condition={"StringEquals": {"s3:RequestObjectTag/a+b/c": "x = 1"}}))
    assert posted(choosy, "x = 1") == (403, "AccessDenied")
    assert posted(choosy, "x = 2")[0] == 204
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [{"Key": "a+b/c", "Value": "x = 2"}]


def test_what_policies_ask_of_a_form_is_the_forms(s3, bucket, make_user):
    """Nobody signed the query and the header of its request, so they decide nothing."""
    objects = f"arn:aws:s3:::{bucket}/*"

    def posted(user, query="", **headers):
        form = Form(user.raw_s3, bucket, KEY, key="k")
        sent = {"host": form.raw.host, "content-type": f"multipart/form-data; boundary={BOUNDARY}"} | headers
        return form.raw.exchange("POST", f"/{bucket}{query}", form.body(), sent).status

    parts = make_user(statement("s3:PutObject", objects, Condition={"Bool": {"s3:ObjectCreationOperation": "false"}}))
    for query in ("", "?uploads", "?partNumber=1", "?partNumber=1&uploadId=x"):
        assert posted(parts, query) == 403, query
    once = make_user(statement("s3:PutObject", objects, Condition={"Null": {"s3:if-none-match": "false"}}))
    assert posted(once, **{"if-none-match": "*"}) == 403
    everything = statement("s3:PutObject", objects)
    for key, test, value in (("s3:authType", "StringEquals", "POST"), ("s3:signatureversion", "StringEquals", "AWS4-HMAC-SHA256"),
                             ("s3:signatureAge", "NumericLessThan", "604800000")):
        refusing = make_user(everything, statement("s3:PutObject", objects, "Deny", Condition={test: {key: value}}))
        assert posted(refusing) == 403, key
        assert posted(refusing, authorization="none") == 403, key
    assert posted(make_user(everything)) == 204


def test_checksums_of_forms(raw_s3, s3, bucket):
    right = base64.b64encode(hashlib.sha256(b"content").digest()).decode()
    for value, status in ((right, 204), (base64.b64encode(hashlib.sha256(b"x").digest()).decode(), 400)):
        form = Form(raw_s3, bucket, KEY, {"x-amz-checksum-sha256": value}, key=f"k{status}", x_amz_checksum_sha256=value)
        answer = form.post()
        assert answer.status == status
    assert answer.code == "BadDigest"
    assert keys_of(s3, bucket) == ["k204"]
    assert refused(s3.head_object, Bucket=bucket, Key="k400")["status"] == 404


def test_browsers_see_the_answer(raw_s3, s3, bucket):
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [
        {"AllowedOrigins": ["https://page.example"], "AllowedMethods": ["POST"]}]})
    answer = Form(raw_s3, bucket, KEY, key="k").post(origin="https://page.example")
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (204, "https://page.example")
