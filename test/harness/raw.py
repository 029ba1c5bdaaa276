"""Requests below the SDK: any operation, any JSON, any header, any broken signature.

RawClient signs with botocore's SigV4, so it can name members that Debian's boto3 does not know yet. Pass `headers`
to add some (they are signed), `tamper` to change the finished request, `sign=False` to leave the signature out.
"""
import dataclasses
import http.client
import json
import re
import zlib
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict  # lower-case names
    body: bytes

    @property
    def json(self) -> dict:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The error's name without its namespace; empty for an answer that is no error."""
        if self.status == 200:
            return ""
        return re.sub(r".*#", "", self.json.get("__type", ""))

    @property
    def message(self) -> str:
        found = self.json
        return found.get("message", found.get("Message", ""))

    @property
    def crc_matches(self) -> bool:
        return self.headers.get("x-amz-crc32") == str(zlib.crc32(self.body))


class ApiError(Exception):
    def __init__(self, answer: Answer):
        super().__init__(f"{answer.status} {answer.body[:500]!r}")
        self.answer, self.code, self.message = answer, answer.code, answer.message
        self.response = {"Error": {"Code": self.code, "Message": self.message}, **answer.json}


class RawClient:
    def __init__(self, endpoint: str, key: str, secret: str, region: str = "eu-west-1", token: str | None = None):
        self.url = urlsplit(endpoint)
        self.endpoint, self.region = endpoint, region
        self.credentials = Credentials(key, secret, token)
        self.connection = None

    def connect(self):
        kind = http.client.HTTPSConnection if self.url.scheme == "https" else http.client.HTTPConnection
        return kind(self.url.hostname, self.url.port, timeout=60)

    def signed_headers(self, body: bytes, target: str | None, headers=None, service="dynamodb", region=None, sign=True):
        request = AWSRequest("POST", self.endpoint + "/", data=body)
        request.headers["Content-Type"] = "application/x-amz-json-1.0"
        if target:
            request.headers["X-Amz-Target"] = target
        for name, value in (headers or {}).items():
            del request.headers[name]
            if value is not None:
                request.headers[name] = value
        if sign:
            SigV4Auth(self.credentials, service, region or self.region).add_auth(request)
        return dict(request.headers.items())

    def post(self, operation: str | None, body, headers=None, tamper=None, prefix="DynamoDB_20120810.", **signing) -> Answer:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        target = None if operation is None else prefix + operation
        sent = self.signed_headers(data, target, headers, **signing)
        if tamper:
            sent = tamper(sent) or sent
        return self.exchange("POST", "/", data, sent)

    def exchange(self, method: str, path: str, body: bytes | None, headers: dict) -> Answer:
        for attempt in (1, 2):  # a kept connection may have been closed meanwhile
            fresh = self.connection is None
            self.connection = self.connection or self.connect()
            try:
                self.connection.request(method, path, body, headers)
                answer = self.connection.getresponse()
                found = Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
                if answer.will_close:
                    self.close()
                return found
            except (http.client.RemoteDisconnected, ConnectionError):
                self.close()
                if fresh or attempt == 2:
                    raise
        raise AssertionError("unreachable")

    def call(self, operation: str, **parameters) -> dict:
        """The operation's answer; ApiError when it is refused."""
        headers = parameters.pop("_headers", None)
        answer = self.post(operation, parameters, headers)
        if answer.status != 200:
            raise ApiError(answer)
        return answer.json

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None
