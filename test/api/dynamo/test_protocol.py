"""HTTP and JSON below the SDK: targets, bodies, sizes, headers, connections."""
import gzip
import json
import socket
import zlib

import pytest

from harness.tables import S, schema


def test_the_answer_s_headers(raw):
    answer = raw.post("ListTables", {})
    assert answer.headers["content-type"] == "application/x-amz-json-1.0"
    assert len(answer.headers["x-amzn-requestid"]) == 52 and answer.headers["x-amzn-requestid"].isalnum()
    assert answer.crc_matches
    assert int(answer.headers["content-length"]) == len(answer.body)


def test_every_request_has_its_own_id(raw):
    assert len({raw.post("ListTables", {}).headers["x-amzn-requestid"] for _ in range(20)}) == 20


def test_an_error_s_body(raw):
    answer = raw.post("DescribeTable", {"TableName": "no-such-table"})
    assert answer.status == 400 and answer.crc_matches
    assert answer.json == {"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
                           "message": "Requested resource not found: Table: no-such-table not found"}


def test_a_validation_error_s_type(raw):
    answer = raw.post("DescribeTable", {})
    assert answer.json["__type"] == "com.amazon.coral.validate#ValidationException"


# What is asked for

@pytest.mark.parametrize("target", ["DynamoDB_20120810.Nope", "DynamoDB_20120810.", "DynamoDB_20120810", "Nope_20120810.ListTables",
                                    "DynamoDB_20111205.ListTables", "ListTables", "DynamoDB_20120810.listTables"])
def test_unknown_operations(raw, target):
    answer = raw.post(target, {}, prefix="")
    assert (answer.status, answer.code) == (400, "UnknownOperationException")


def test_no_target(raw):
    answer = raw.post(None, {})
    assert answer.status in (400, 404) and b"UnknownOperationException" in answer.body


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", None])
def test_content_types(raw, content_type):
    answer = raw.post("ListTables", {}, headers={"Content-Type": content_type})
    assert answer.status in (400, 404) and b"UnknownOperationException" in answer.body


def test_json_1_1_is_accepted(raw):
    assert raw.post("ListTables", {}, headers={"Content-Type": "application/x-amz-json-1.1"}).status in (200, 404)


def test_an_unsigned_get_tells_health(raw):
    answer = raw.exchange("GET", "/", None, {})
    assert answer.status == 200
    assert answer.body.decode().strip() == f"healthy: {raw.url.hostname}:{raw.url.port}" or answer.body.startswith(b"healthy: ")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods(raw, method):
    headers = raw.signed_headers(b"{}", "DynamoDB_20120810.ListTables")
    assert raw.exchange(method, "/", b"{}", headers).status >= 400


# Bodies

@pytest.mark.parametrize("body", [b"", b"{", b"nope", b"[]", b'"x"', b"5", b"null", b'{"TableName": }', b'{"a": 1,}', b"{'a': 1}", b"\xff\xfe",
                                  b'{"TableName": "abc"} trailing', b'{"TableName": "\xff"}', b"{" * 2000, b'{"a":' * 2000])
def test_bodies_that_are_no_json_object(raw, body):
    answer = raw.post("DescribeTable", body)
    assert (answer.status, answer.code) == (400, "SerializationException"), answer.body


def test_no_word_on_what_is_no_json(raw):
    answer = raw.post("DescribeTable", b"{")
    assert json.loads(answer.body) == {"__type": "com.amazon.coral.service#SerializationException"}


@pytest.mark.parametrize("parameters", [{"TableName": 5}, {"TableName": ["abc"]}, {"TableName": {"S": "abc"}}, {"TableName": True}])
def test_members_of_another_type(raw, parameters):
    answer = raw.post("DescribeTable", parameters)
    assert (answer.status, answer.code) == (400, "SerializationException")


@pytest.mark.parametrize("parameters", [{"Limit": "5"}, {"Limit": {}}, {"Limit": 99999999999999999999}])
def test_numbers_of_another_type(raw, parameters):
    answer = raw.post("ListTables", parameters)
    assert answer.status == 400 and answer.code in ("SerializationException", "ValidationException")


def test_unknown_members_are_ignored(raw):
    assert raw.post("ListTables", {"Whatever": {"deep": [1, 2]}, "Limit": None}).status == 200


def test_members_are_case_sensitive(raw):
    answer = raw.post("DescribeTable", {"tablename": "abc"})
    assert (answer.status, answer.code) == (400, "ValidationException")


def test_unicode_escapes(raw, make_table):
    name = make_table(schema("pk"))
    body = json.dumps({"TableName": name, "Item": {"pk": S("\U0001f514é\u0000\"\\/")}}, ensure_ascii=True).encode()
    assert raw.post("PutItem", body).status == 200
    answer = raw.post("GetItem", {"TableName": name, "Key": {"pk": S("\U0001f514é\u0000\"\\/")}})
    assert answer.json["Item"]["pk"]["S"] == "\U0001f514é\u0000\"\\/"


def test_a_lone_surrogate(raw, make_table):
    body = json.dumps({"TableName": "abc", "Item": {"pk": {"S": "X"}}}).encode().replace(b"X", rb"\ud800")
    assert raw.post("PutItem", body).status == 400


def test_a_body_over_the_limit(raw):
    """16 MB. The answer may come before the whole body was sent."""
    try:
        answer = raw.post("ListTables", b'{"a": "' + b"x" * (16 * 1024 * 1024) + b'"}')
    except OSError:
        return
    assert answer.status == 413


def test_a_gzip_body(raw):
    body = gzip.compress(json.dumps({"Limit": 1}).encode())
    answer = raw.post("ListTables", body, headers={"Content-Encoding": "gzip"})
    assert answer.status == 200 and len(answer.json["TableNames"]) <= 1


def test_a_broken_gzip_body(raw):
    answer = raw.post("ListTables", b"\x1f\x8bnonsense", headers={"Content-Encoding": "gzip"})
    assert answer.status == 400


def test_a_gzip_answer_when_asked_for(raw):
    answer = raw.post("ListTables", {}, headers={"Accept-Encoding": "gzip"})
    assert answer.status == 200
    assert answer.headers["x-amz-crc32"] == str(zlib.crc32(answer.body)), "the checksum is of the bytes sent"


# Connections

def connect(raw):
    link = socket.create_connection((raw.url.hostname, raw.url.port), timeout=20)
    return link


def read_answers(link, count):
    data, found = b"", []
    while len(found) < count:
        while b"\r\n\r\n" not in data:
            piece = link.recv(65536)
            if not piece:
                return found
            data += piece
        head, _, data = data.partition(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        while len(data) < length:
            data += link.recv(65536)
        found.append((int(head.split()[1]), data[:length]))
        data = data[length:]
    return found


def wire(raw, body=b"{}", operation="ListTables", more=""):
    headers = raw.signed_headers(body, "DynamoDB_20120810." + operation)
    lines = "".join(f"{k}: {v}\r\n" for k, v in headers.items())
    return (f"POST / HTTP/1.1\r\nHost: {raw.url.netloc}\r\n{lines}{more}Content-Length: {len(body)}\r\n\r\n").encode() + body


@pytest.fixture
def plain(on_reprise, raw):
    """For what a shared service would rather not be asked."""
    return raw


def test_pipelined_requests_are_answered_in_order(plain):
    with connect(plain) as link:
        link.sendall(wire(plain) + wire(plain, b'{"TableName":"nope-nope"}', "DescribeTable") + wire(plain))
        answers = read_answers(link, 3)
    assert [status for status, _ in answers] == [200, 400, 200]
    assert b"nope-nope" in answers[1][1]


def test_a_request_in_single_bytes(plain):
    with connect(plain) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in wire(plain):
            link.sendall(bytes([byte]))
        assert read_answers(link, 1)[0][0] == 200


def test_expect_100_continue(plain):
    whole = wire(plain, b'{"Limit": 1}', more="Expect: 100-continue\r\n")
    head, _, body = whole.partition(b"\r\n\r\n")
    with connect(plain) as link:
        link.sendall(head + b"\r\n\r\n")
        assert link.recv(1000).startswith(b"HTTP/1.1 100 ")
        link.sendall(body)
        assert read_answers(link, 1)[0][0] == 200


def test_a_chunked_body(plain):
    body = b'{"Limit": 1}'
    head = wire(plain, body).partition(b"\r\n\r\n")[0].replace(f"Content-Length: {len(body)}".encode(), b"Transfer-Encoding: chunked")
    with connect(plain) as link:
        link.sendall(head + b"\r\n\r\n5\r\n" + body[:5] + b"\r\n7\r\n" + body[5:] + b"\r\n0\r\n\r\n")
        assert read_answers(link, 1)[0][0] == 200


@pytest.mark.parametrize("request_bytes", [
    b"nonsense\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", b"POST / HTTP/1.1\r\nbad header\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"])
def test_what_is_no_http(plain, request_bytes):
    """Refused with a 4xx or closed; never answered as if it were a request, and the server goes on."""
    with connect(plain) as link:
        link.sendall(request_bytes)
        link.shutdown(socket.SHUT_WR)
        data = b""
        while piece := link.recv(65536):
            data += piece
    assert not data or data.split()[1][:1] in (b"4", b"5")
    assert plain.post("ListTables", {}).status == 200


def test_headers_over_the_limit(plain):
    with connect(plain) as link:
        try:
            link.sendall(b"POST / HTTP/1.1\r\nHost: a\r\n" + b"X-Long: " + b"x" * 1_000_000 + b"\r\n\r\n")
            data = link.recv(65536)
        except OSError:
            data = b""
    assert not data or data.split()[1] in (b"431", b"400", b"413")
    assert plain.post("ListTables", {}).status == 200


def test_connection_close_is_honoured(plain):
    with connect(plain) as link:
        link.sendall(wire(plain, more="Connection: close\r\n"))
        assert read_answers(link, 1)[0][0] == 200
        assert link.recv(10) == b""


def test_http_1_0(plain):
    with connect(plain) as link:
        link.sendall(wire(plain).replace(b"HTTP/1.1", b"HTTP/1.0"))
        assert read_answers(link, 1)[0][0] == 200


def test_many_idle_connections_disturb_nobody(plain):
    links = [connect(plain) for _ in range(200)]
    try:
        for link in links[:100]:
            link.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        assert plain.post("ListTables", {}).status == 200
    finally:
        for link in links:
            link.close()


def test_a_client_that_goes_away(plain, db, make_table):
    """Half a body, then nothing: no part of it is written."""
    name = make_table(schema("pk"))
    whole = wire(plain, json.dumps({"TableName": name, "Item": {"pk": S("half")}}).encode(), "PutItem")
    for _ in range(5):
        with connect(plain) as link:
            link.sendall(whole[:-10])
    assert db.scan(TableName=name)["Count"] == 0


# Cross-origin requests

def test_preflight(plain):
    answer = plain.exchange("OPTIONS", "/", None, {"Origin": "http://example.org", "Access-Control-Request-Method": "POST",
                                                   "Access-Control-Request-Headers": "authorization,x-amz-target"})
    assert answer.status in (200, 204)
    assert answer.headers["access-control-allow-origin"] in ("*", "http://example.org")
    assert "post" in answer.headers["access-control-allow-methods"].lower()


def test_an_answer_to_another_origin(plain):
    answer = plain.post("ListTables", {}, headers={"Origin": "http://example.org"})
    assert answer.headers["access-control-allow-origin"] in ("*", "http://example.org")


# What is not built

@pytest.mark.parametrize("operation", ["CreateGlobalTable", "DescribeGlobalTable", "ExecuteStatement", "ExportTableToPointInTime",
                                       "ImportTable", "CreateBackup", "TransactWriteItems", "UpdateTimeToLive", "TagResource"])
def test_known_operations_never_fail_inside(raw, operation):
    """Either it works, or the answer says that it does not; never a 500, never a hang."""
    answer = raw.post(operation, {})
    assert answer.status == 400 and answer.code
