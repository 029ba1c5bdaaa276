"""A small S3 endpoint on loopback, for tests of what writes to and reads from one: buckets by path, Signature Version 4
verified, HeadBucket, ListObjectsV2, GetObject with ranges, PutObject, DeleteObject, multipart uploads.

    with S3Endpoint() as s3:
        s3.buckets["name"] = {}          # key -> bytes
        s3.faults.append(503)            # the next request is answered so

It is stricter than the real thing where it can be: every request must be signed, parts but the last have 5 MiB.
"""
import hashlib
import re
import threading
import xml.etree.ElementTree as ElementTree
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.sax.saxutils import escape

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

KEY, SECRET, REGION = "AKIATEST", "secret", "eu-west-1"
PART_MIN = 5 << 20


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, status, code):
        self.answer(status, f"<Error><Code>{code}</Code><Message>as the test asked</Message></Error>".encode())

    def signed(self, body) -> bool:
        """Signs the request again, with the headers that the client says it has signed, and compares."""
        given = self.headers.get("Authorization", "")
        found = re.match(rf"AWS4-HMAC-SHA256 Credential={KEY}/\d+/{REGION}/s3/aws4_request, ?SignedHeaders=([^,]+), ?"
                         r"Signature=([0-9a-f]{64})$", given)
        if not found or self.headers["X-Amz-Content-Sha256"] != hashlib.sha256(body).hexdigest():
            return False
        names = found[1].split(";")
        if not {"host", "x-amz-date", "x-amz-content-sha256"} <= set(names):
            return False
        request = AWSRequest(self.command, f"http://{self.headers['Host']}{self.path}", data=body,
                             headers={n: self.headers[n] for n in names})
        request.context["timestamp"] = self.headers["X-Amz-Date"]
        auth = S3SigV4Auth(Credentials(KEY, SECRET), "s3", REGION)
        canonical = auth.canonical_request(request)
        return auth.signature(auth.string_to_sign(request, canonical), request) == found[2]

    def handle_one(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        server = self.server.owner
        parts = urlsplit(self.path)
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        bucket, _, self.key = unquote(parts.path[1:]).partition("/")
        server.requests.append((self.command, bucket, self.key, self.query))
        if server.faults:
            return self.refuse(server.faults.pop(0), "SlowDown")
        if not self.signed(body):
            return self.refuse(403, "SignatureDoesNotMatch")
        if bucket in server.forbidden:
            return self.refuse(403, "AccessDenied")
        if bucket not in server.buckets:
            return self.refuse(404, "NoSuchBucket")
        self.objects, self.uploads = server.buckets[bucket], server.uploads
        return self.of_bucket() if not self.key else getattr(self, f"object_{self.command.lower()}")(body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_one

    def of_bucket(self):
        if self.command == "HEAD":
            return self.answer(200)
        after = self.query.get("continuation-token") or self.query.get("start-after", "")
        keys = sorted(k for k in self.objects if k.startswith(self.query.get("prefix", "")) and k > after)
        page = keys[:min(int(self.query["max-keys"]), self.server.owner.page_max)]
        more = len(page) < len(keys)
        text = "".join(f"<Contents><Key>{escape(k)}</Key><Size>{len(self.objects[k])}</Size></Contents>" for k in page)
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        return self.answer(200, f"<ListBucketResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'><IsTruncated>"
                                f"{str(more).lower()}</IsTruncated>{token}{text}</ListBucketResult>".encode())

    def etag(self):
        return f'"{hashlib.md5(self.objects[self.key]).hexdigest()}"'

    def object_head(self, _):
        if self.key not in self.objects:
            return self.refuse(404, "NoSuchKey")
        return self.answer(200, ETag=self.etag(), Content_Length=str(len(self.objects[self.key])))

    def object_get(self, _):
        if self.key not in self.objects:
            return self.refuse(404, "NoSuchKey")
        if self.headers["If-Match"] != self.etag():
            return self.refuse(412, "PreconditionFailed")
        first, last = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers["Range"]).groups()
        return self.answer(206, self.objects[self.key][int(first):int(last) + 1], ETag=self.etag())

    def object_put(self, body):
        if "uploadId" not in self.query:
            self.objects[self.key] = body
            return self.answer(200, ETag=self.etag())
        self.uploads[self.query["uploadId"]][int(self.query["partNumber"])] = body
        return self.answer(200, ETag=f'"{hashlib.md5(body).hexdigest()}"')

    def object_post(self, body):
        if "uploads" in self.query:
            self.uploads[f"upload-{len(self.server.owner.requests)}"] = {}
            name = list(self.uploads)[-1]
            return self.answer(200, f"<InitiateMultipartUploadResult><UploadId>{name}</UploadId>"
                                    "</InitiateMultipartUploadResult>".encode())
        named = [(int(p.find("PartNumber").text), p.find("ETag").text) for p in ElementTree.fromstring(body)]
        parts = self.uploads.pop(self.query["uploadId"])
        assert named == [(n, f'"{hashlib.md5(parts[n]).hexdigest()}"') for n in sorted(parts)]
        assert all(len(parts[n]) >= PART_MIN for n in sorted(parts)[:-1])
        self.objects[self.key] = b"".join(parts[n] for n in sorted(parts))
        return self.answer(200, f"<CompleteMultipartUploadResult><ETag>&quot;x-{len(parts)}&quot;</ETag>"
                                "</CompleteMultipartUploadResult>".encode())

    def object_delete(self, _):
        if "uploadId" in self.query:
            self.uploads.pop(self.query["uploadId"], None)
        else:
            self.objects.pop(self.key, None)
        return self.answer(204)


class S3Endpoint:
    def __init__(self):
        self.buckets, self.uploads, self.forbidden, self.faults, self.requests = {}, {}, set(), [], []
        self.page_max = 1000
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.owner = self
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.environment = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": REGION}

    def __enter__(self):
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()
