"""S3 for tests: boto3's client, buckets that go with their test, and requests below any SDK.

RawS3 signs by itself (Signature Version 4 is thirty lines), so it can send what no SDK would: a wrong hash, a chunk
whose signature is another's, a body that ends early, an encoding that is none.

    answer = raw_s3.request("PUT", f"/{bucket}/key", body=b"...", headers={"x-amz-meta-a": "b"})
    assert answer.code == "AccessDenied"
"""
import dataclasses
import datetime
import hashlib
import hmac
import http.client
import socket
import xml.etree.ElementTree as ElementTree
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from harness.tables import unique

EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
UNSIGNED = "UNSIGNED-PAYLOAD"
STREAMING = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
STREAMING_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


def s3_config(**options) -> Config:
    """Path style, no retries, no checks on the client's side: the server's answers are what is tested."""
    settings = {"retries": {"max_attempts": 0}, "parameter_validation": False, "read_timeout": 120, "connect_timeout": 10,
                "max_pool_connections": 32, "signature_version": "s3v4", "s3": {"addressing_style": "path"}}
    return Config(**(settings | options))


def s3_client(endpoint, **options):
    """boto3's client for an Endpoint (conftest.py) or a Server."""
    session = endpoint.session() if callable(endpoint.session) else endpoint.session
    url = getattr(endpoint, "url", None) or endpoint.endpoint
    return session.client("s3", endpoint_url=url, config=s3_config(**options))


# ---- Below the SDK ---------------------------------------------------------------------------------------------------

@dataclasses.dataclass
class S3Answer:
    status: int
    headers: dict  # lower-case names; the last of those that come twice
    body: bytes

    @property
    def xml(self) -> ElementTree.Element:
        return ElementTree.fromstring(self.body)

    def element(self, name: str) -> str | None:
        """The text of the first element of that local name, or None."""
        for found in self.xml.iter():
            if found.tag.split("}")[-1] == name:
                return found.text or ""
        return None

    @property
    def code(self) -> str:
        """The error's code; empty for an answer without an error document."""
        if self.status < 300 or not self.body:
            return ""
        return self.element("Code") or ""

    @property
    def message(self) -> str:
        return self.element("Message") or ""


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class RawS3:
    def __init__(self, endpoint: str, key: str, secret: str, region: str = "eu-west-1"):
        self.url = urlsplit(endpoint)
        self.endpoint, self.key, self.secret, self.region = endpoint, key, secret, region
        self.host = self.url.netloc

    # Signing

    @staticmethod
    def now() -> str:
        return datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")

    def scope(self, date: str) -> str:
        return f"{date[:8]}/{self.region}/s3/aws4_request"

    def signing_key(self, date: str) -> bytes:
        key = ("AWS4" + self.secret).encode()
        for part in self.scope(date).split("/"):
            key = _hmac(key, part)
        return key

    @staticmethod
    def canonical_query(query: str) -> str:
        pairs = [(quote(k, safe="-._~"), quote(v, safe="-._~")) for k, v in parse_qsl(query, keep_blank_values=True)
                 if k != "X-Amz-Signature"]
        return "&".join(f"{k}={v}" for k, v in sorted(pairs))

    def signature(self, method: str, path: str, query: str, headers: dict, payload: str, date: str) -> str:
        names = sorted(headers)
        canonical = "\n".join([method, quote(unquote(path.replace("+", " ")), safe="/-._~"), self.canonical_query(query),
                               *[f"{n}:{' '.join(str(headers[n]).split())}" for n in names], "", ";".join(names), payload])
        text = "\n".join(["AWS4-HMAC-SHA256", date, self.scope(date), hashlib.sha256(canonical.encode()).hexdigest()])
        return hmac.new(self.signing_key(date), text.encode(), hashlib.sha256).hexdigest()

    def signed(self, method: str, path: str, query: str = "", headers: dict | None = None, payload: str = EMPTY_SHA256,
               date: str | None = None) -> dict:
        """The header fields of a request that is signed in its header."""
        date = date or self.now()
        found = {"host": self.host, "x-amz-date": date, "x-amz-content-sha256": payload}
        found |= {name.lower(): value for name, value in (headers or {}).items()}
        covered = {n: v for n, v in found.items() if n not in ("content-length", "transfer-encoding", "connection", "expect")}
        signature = self.signature(method, path, query, covered, payload, date)
        found["authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.key}/{self.scope(date)}, "
                                  f"SignedHeaders={';'.join(sorted(covered))}, Signature={signature}")
        return found

    def presigned(self, method: str, path: str, query: str = "", expires: int | str = 300, headers: dict | None = None,
                  payload: str = UNSIGNED, date: str | None = None) -> str:
        """The target (path and query) of a request that is signed in its query."""
        date = date or self.now()
        covered = {"host": self.host} | {name.lower(): value for name, value in (headers or {}).items()}
        query += "&" if query else ""
        query += (f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={quote(self.key + '/' + self.scope(date), safe='')}"
                  f"&X-Amz-Date={date}&X-Amz-Expires={expires}&X-Amz-SignedHeaders={quote(';'.join(sorted(covered)), safe='')}")
        signature = self.signature(method, path, query, covered, payload, date)
        return f"{path}?{query}&X-Amz-Signature={signature}"

    # aws-chunked bodies

    def chunks(self, pieces: list[bytes], form: str, date: str = "", seed: str = "", trailers: dict | None = None,
               spoil_chunk: int | None = None) -> bytes:
        """A body of that form. `seed` is the request's signature; `spoil_chunk` gives one chunk a wrong one."""
        signed = form != UNSIGNED_TRAILER
        out, before, empty = b"", seed, EMPTY_SHA256
        key = self.signing_key(date) if signed else b""

        def sign(kind: str, *last: str) -> str:
            text = "\n".join([f"AWS4-HMAC-SHA256-{kind}", date, self.scope(date), before, *last])
            return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

        for index, piece in enumerate([*pieces, b""]):
            head = f"{len(piece):x}"
            if signed:
                before = sign("PAYLOAD", empty, hashlib.sha256(piece).hexdigest())
                head += f";chunk-signature={'0' * 64 if index == spoil_chunk else before}"
            out += head.encode() + b"\r\n" + (piece + b"\r\n" if piece else b"")
        if form == STREAMING:
            return out + b"\r\n"
        lines = "".join(f"{name}:{value}\n" for name, value in (trailers or {}).items())
        out += lines.replace("\n", "\r\n").encode()
        if signed:
            out += f"x-amz-trailer-signature:{sign('TRAILER', hashlib.sha256(lines.encode()).hexdigest())}\r\n".encode()
        return out + b"\r\n"

    def put_chunked(self, path: str, pieces: list[bytes], form: str, trailers: dict | None = None,
                    headers: dict | None = None, spoil_chunk: int | None = None, change=None) -> S3Answer:
        """PUT with an aws-chunked body; `change` is given the body and returns what is sent instead."""
        date = self.now()
        sent = {"content-encoding": "aws-chunked",
                "x-amz-decoded-content-length": str(sum(len(piece) for piece in pieces))}
        if trailers:
            sent["x-amz-trailer"] = ",".join(trailers)
        sent = self.signed("PUT", path, headers=sent | (headers or {}), payload=form, date=date)
        body = self.chunks(pieces, form, date, sent["authorization"].split("Signature=")[1], trailers, spoil_chunk)
        return self.exchange("PUT", path, change(body) if change else body, sent)

    # Sending

    def request(self, method: str, path: str, query: str = "", headers: dict | None = None, body: bytes = b"",
                payload: str | None = None, sign: bool = True, date: str | None = None, tamper=None) -> S3Answer:
        """`path` and `query` as they go on the wire. `payload`: what x-amz-content-sha256 says, else the right hash."""
        target = path + ("?" + query if query else "")
        if sign:
            digest = payload or hashlib.sha256(body).hexdigest()
            sent = self.signed(method, path, query, headers, digest, date)
        else:
            sent = {"host": self.host} | {name.lower(): value for name, value in (headers or {}).items()}
        if tamper:
            sent = tamper(sent) or sent
        return self.exchange(method, target, body, sent)

    def exchange(self, method: str, target: str, body: bytes, headers: dict) -> S3Answer:
        """One request on a connection of its own; nothing is added but Content-Length."""
        kind = http.client.HTTPSConnection if self.url.scheme == "https" else http.client.HTTPConnection
        connection = kind(self.url.hostname, self.url.port, timeout=60)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            names = {name.lower() for name in headers}
            for name, value in headers.items():
                connection.putheader(name, str(value))
            if not names & {"content-length", "transfer-encoding"} and (body or method in ("PUT", "POST")):
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders()
            try:
                if body:
                    connection.send(body)
            except (BrokenPipeError, ConnectionResetError):
                pass  # answered before all was sent
            answer = connection.getresponse()
            return S3Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def connect(self) -> socket.socket:
        """For what http.client does not send."""
        return socket.create_connection((self.url.hostname, self.url.port), timeout=60)

    def send_bytes(self, data: bytes, half_close: bool = True) -> S3Answer:
        """Sends exactly these bytes, and reads the answer."""
        with self.connect() as sock:
            sock.sendall(data)
            if half_close:
                sock.shutdown(socket.SHUT_WR)
            answer = http.client.HTTPResponse(sock)
            answer.begin()
            return S3Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())


def head_bytes(method: str, target: str, headers: dict) -> bytes:
    """A request's head, for send_bytes."""
    lines = [f"{method} {target} HTTP/1.1", *[f"{name}: {value}" for name, value in headers.items()], "", ""]
    return "\r\n".join(lines).encode()


# ---- Buckets ---------------------------------------------------------------------------------------------------------

def keys_of(s3, bucket: str, **parameters) -> list[str]:
    """The keys of all current objects."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, **parameters)
    return [found["Key"] for page in pages for found in page.get("Contents", [])]


def empty(s3, bucket: str):
    """Removes every version, marker and upload, under governance too."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for found in page.get("Versions", []) + page.get("DeleteMarkers", []):
            s3.delete_object(Bucket=bucket, Key=found["Key"], VersionId=found["VersionId"])
    for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
        for found in page.get("Uploads", []):
            s3.abort_multipart_upload(Bucket=bucket, Key=found["Key"], UploadId=found["UploadId"])


def refused(call, *arguments, **parameters) -> dict:
    """The error of a boto3 call that must fail: its Code, Message, details, and HTTP status as `status`."""
    try:
        call(*arguments, **parameters)
    except ClientError as error:
        found = dict(error.response["Error"])
        found["status"] = error.response["ResponseMetadata"]["HTTPStatusCode"]
        found["headers"] = error.response["ResponseMetadata"]["HTTPHeaders"]
        return found
    raise AssertionError("the call was not refused")


@pytest.fixture(scope="session")
def s3(endpoint):
    """boto3's S3 client: path style, no retries, no checks before sending."""
    return s3_client(endpoint)


@pytest.fixture(scope="session")
def raw_s3(endpoint):
    """Requests below the SDK."""
    found = endpoint.session.get_credentials().get_frozen_credentials()
    return RawS3(endpoint.url, found.access_key, found.secret_key, endpoint.region)


@pytest.fixture
def make_bucket(s3, endpoint):
    """make_bucket(**CreateBucket's parameters) -> the name of a new bucket, removed after the test with all it holds."""
    made = []

    def make(name: str | None = None, versioned: bool = False, **parameters) -> str:
        name = name or unique("b")
        if endpoint.region != "us-east-1":
            parameters.setdefault("CreateBucketConfiguration", {"LocationConstraint": endpoint.region})
        s3.create_bucket(Bucket=name, **parameters)
        made.append(name)
        if versioned:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name

    yield make
    for name in made:
        try:
            empty(s3, name)
            s3.delete_bucket(Bucket=name)
        except ClientError:
            continue  # gone already, or kept by what the test is about


@pytest.fixture
def bucket(make_bucket):
    """The name of a new, empty bucket."""
    return make_bucket()


@pytest.fixture
def versioned(make_bucket):
    """The name of a new, empty bucket with versioning."""
    return make_bucket(versioned=True)
