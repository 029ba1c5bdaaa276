"""CORS: what a browser is told by preflights and by answers, from the bucket's rules."""
import pytest

from harness.s3 import refused
from harness.tables import unique

RULES = [
    {"ID": "app", "AllowedOrigins": ["https://app.example.com", "http://*.test"], "AllowedMethods": ["GET", "PUT"],
     "AllowedHeaders": ["content-type", "x-amz-*"], "ExposeHeaders": ["ETag", "x-amz-version-id"], "MaxAgeSeconds": 600},
    {"ID": "all", "AllowedOrigins": ["*"], "AllowedMethods": ["HEAD"]},
]


@pytest.fixture
def open_bucket(s3, bucket):
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": RULES})
    return bucket


def preflight(raw_s3, path, origin="https://app.example.com", method="GET", headers=None):
    sent = {"origin": origin, "access-control-request-method": method, "access-control-request-headers": headers}
    return raw_s3.request("OPTIONS", path, sign=False, headers={k: v for k, v in sent.items() if v is not None})


def test_preflight(raw_s3, open_bucket):
    answer = preflight(raw_s3, f"/{open_bucket}/some/key", method="PUT", headers="Content-Type, X-Amz-Meta-A")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["access-control-allow-origin"] == "https://app.example.com"
    assert answer.headers["access-control-allow-methods"] == "GET, PUT"
    assert answer.headers["access-control-allow-headers"] == "content-type, x-amz-meta-a"
    assert answer.headers["access-control-expose-headers"] == "ETag, x-amz-version-id"
    assert answer.headers["access-control-max-age"] == "600"
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["vary"] == "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"


def test_preflight_of_a_rule_for_all(raw_s3, open_bucket):
    answer = preflight(raw_s3, f"/{open_bucket}/k", origin="https://other.example", method="HEAD")
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert "access-control-allow-headers" not in answer.headers


def test_preflight_with_a_pattern(raw_s3, open_bucket):
    answer = preflight(raw_s3, f"/{open_bucket}/k", origin="http://a.b.test")
    assert answer.headers["access-control-allow-origin"] == "http://a.b.test"


@pytest.mark.parametrize("origin,method,headers", [
    ("https://evil.example", "GET", None), ("https://app.example.com", "DELETE", None),
    ("https://app.example.com", "PUT", "authorization"), ("http://app.example.com", "GET", None),
    ("https://app.example.com.evil.example", "GET", None),
])
def test_preflight_refused(raw_s3, open_bucket, origin, method, headers):
    answer = preflight(raw_s3, f"/{open_bucket}/k", origin, method, headers)
    assert (answer.status, answer.code) == (403, "AccessForbidden")
    assert answer.message == (
        "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / "
        "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.")
    assert (answer.element("Method"), answer.element("ResourceType")) == (method, "OBJECT")
    assert "access-control-allow-origin" not in answer.headers


def test_preflight_without_rules(raw_s3, bucket):
    answer = preflight(raw_s3, f"/{bucket}")
    assert (answer.status, answer.code) == (403, "AccessForbidden")
    assert answer.message == "CORSResponse: CORS is not enabled for this bucket."
    assert answer.element("ResourceType") == "BUCKET"


def test_preflight_of_no_bucket(raw_s3):
    answer = preflight(raw_s3, f"/{unique('none')}/k")
    assert (answer.status, answer.code, answer.message) == (403, "AccessForbidden", "CORSResponse: Bucket not found")


def test_preflight_with_too_little(raw_s3, open_bucket):
    answer = preflight(raw_s3, f"/{open_bucket}/k", origin=None)
    assert (answer.status, answer.code) == (400, "BadRequest")
    assert answer.message == "Insufficient information. Origin request header needed."
    answer = preflight(raw_s3, f"/{open_bucket}/k", method=None)
    assert (answer.code, answer.message) == ("BadRequest", "Invalid Access-Control-Request-Method: null")
    answer = preflight(raw_s3, f"/{open_bucket}/k", method="PATCH")
    assert (answer.code, answer.message) == ("BadRequest", "Invalid Access-Control-Request-Method: PATCH")


def test_answers_to_browsers(raw_s3, s3, open_bucket):
    s3.put_object(Bucket=open_bucket, Key="k", Body=b"x")
    origin = {"origin": "https://app.example.com"}
    answer = raw_s3.request("GET", f"/{open_bucket}/k", headers=origin)
    assert answer.body == b"x"
    assert answer.headers["access-control-allow-origin"] == "https://app.example.com"
    assert answer.headers["access-control-expose-headers"] == "ETag, x-amz-version-id"
    assert "Origin" in answer.headers["vary"]
    # Errors too, so that a page can read them.
    answer = raw_s3.request("GET", f"/{open_bucket}/none", headers=origin)
    assert (answer.code, answer.headers["access-control-allow-origin"]) == ("NoSuchKey", "https://app.example.com")
    answer = raw_s3.request("GET", f"/{open_bucket}/k", headers=origin, sign=False)
    assert (answer.code, answer.headers["access-control-allow-origin"]) == ("AccessDenied", "https://app.example.com")


def test_answers_without_a_rule(raw_s3, s3, open_bucket):
    s3.put_object(Bucket=open_bucket, Key="k", Body=b"x")
    for headers in ({}, {"origin": "https://evil.example"}):
        answer = raw_s3.request("GET", f"/{open_bucket}/k", headers=headers)
        assert answer.body == b"x"
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_presigned_from_a_page(raw_s3, s3, open_bucket):
    """What a browser does: a preflight, then the upload itself to a presigned URL."""
    target = raw_s3.presigned("PUT", f"/{open_bucket}/upload", headers={"content-type": "text/plain"})
    path, query = target.split("?")
    asked = raw_s3.request("OPTIONS", path, query, sign=False, headers={
        "origin": "https://app.example.com", "access-control-request-method": "PUT",
        "access-control-request-headers": "content-type"})
    assert asked.status == 200, asked.body
    answer = raw_s3.exchange("PUT", target, b"from a page", {
        "host": raw_s3.host, "origin": "https://app.example.com", "content-type": "text/plain"})
    assert answer.status == 200, answer.body
    assert answer.headers["access-control-allow-origin"] == "https://app.example.com"
    assert s3.get_object(Bucket=open_bucket, Key="upload")["Body"].read() == b"from a page"


def test_first_matching_rule_counts(raw_s3, s3, bucket):
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [
        {"AllowedOrigins": ["https://a.example"], "AllowedMethods": ["GET"], "MaxAgeSeconds": 1},
        {"AllowedOrigins": ["*"], "AllowedMethods": ["GET"], "MaxAgeSeconds": 2}]})
    assert preflight(raw_s3, f"/{bucket}", "https://a.example").headers["access-control-max-age"] == "1"
    assert preflight(raw_s3, f"/{bucket}", "https://b.example").headers["access-control-max-age"] == "2"
    s3.delete_bucket_cors(Bucket=bucket)
    assert preflight(raw_s3, f"/{bucket}", "https://a.example").status == 403
    assert refused(s3.get_bucket_cors, Bucket=bucket)["Code"] == "NoSuchCORSConfiguration"


def test_dynamodb_still_answers_every_origin(raw_s3, on_reprise):
    answer = raw_s3.request("OPTIONS", "/", sign=False, headers={
        "origin": "https://x.example", "access-control-request-method": "POST"})
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "*")
