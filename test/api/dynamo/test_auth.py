"""SigV4: each documented refusal, in the order of the checks. Nothing is readable or writable without a signature."""
import datetime
import json
import re

import pytest

from harness.raw import RawClient
from harness.tables import N, S, schema

SIGNATURE_TEXT = ("The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
                  "Key and signing method. Consult the service documentation for details.")
INVALID_TOKEN = "The security token included in the request is invalid."


def list_tables(raw, tamper=None, **signing):
    return raw.post("ListTables", {}, tamper=tamper, **signing)


def change(pattern, replacement, header="Authorization"):
    def tamper(headers):
        headers[header] = re.sub(pattern, replacement, headers[header])

    return tamper


def without(*names):
    def tamper(headers):
        for name in names:
            headers.pop(name, None)

    return tamper


def test_a_good_signature(raw):
    assert list_tables(raw).status == 200


def test_no_signature(raw):
    answer = list_tables(raw, sign=False)
    assert (answer.status, answer.code) == (400, "MissingAuthenticationTokenException")
    assert answer.message == "Request is missing Authentication Token"


@pytest.mark.parametrize("authorization", ["Basic dXNlcjpwYXNz", "AWS key:signature", "nonsense"])
def test_another_scheme(raw, authorization):
    answer = raw.post("ListTables", {}, sign=False, tamper=lambda h: h.update(Authorization=authorization))
    assert (answer.status, answer.code) == (400, "MissingAuthenticationTokenException")


@pytest.mark.parametrize("spoil,code", [
    (without("Authorization"), "MissingAuthenticationTokenException"),
    (change(r"Credential=[^/]*/", "Credential=AKIDNOBODY/"), "UnrecognizedClientException")])
def test_a_large_body_is_not_waited_for_when_nobody_can_have_signed_it(raw, spoil, code):
    """Bodies are held until they are whole: whoever has no key must not make the server hold many."""
    sent = raw.signed_headers(b"x" * 1_000_000, "DynamoDB_20120810.PutItem")
    spoil(sent)
    connection = raw.connect()
    try:
        connection.putrequest("POST", "/", skip_accept_encoding=True)
        for name, value in (sent | {"Content-Length": "1000000"}).items():
            connection.putheader(name, value)
        connection.endheaders(b"x")  # and no more: a server that waits for the rest tells another error in the end
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["__type"].split("#")[1]) == (400, code)
    finally:
        connection.close()


@pytest.mark.parametrize("part", ["Credential", "Signature", "SignedHeaders"])
def test_a_missing_part(raw, part):
    answer = list_tables(raw, change(rf"{part}=[^,\s]*,?\s*", ""))
    assert (answer.status, answer.code) == (400, "IncompleteSignatureException")
    assert f"Authorization header requires '{part}' parameter. " in answer.message
    assert "Authorization=AWS4-HMAC-SHA256" in answer.message


def test_no_date(raw):
    answer = list_tables(raw, without("X-Amz-Date"))
    assert (answer.status, answer.code) == (400, "IncompleteSignatureException")
    assert "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. " in answer.message


def test_a_date_of_another_form(raw):
    answer = list_tables(raw, change(r".*", "yesterday", "X-Amz-Date"))
    assert (answer.status, answer.code) in ((400, "IncompleteSignatureException"), (400, "InvalidSignatureException"))
    assert answer.message.startswith("Date must be in ISO-8601 'basic format'. Got 'yesterday")


@pytest.mark.parametrize("minutes,text", [(-20, "Signature expired: "), (20, "Signature not yet current: ")])
def test_clock_skew(raw, monkeypatch, minutes, text):
    answer = shifted(raw, monkeypatch, minutes)
    assert (answer.status, answer.code) == (400, "InvalidSignatureException")
    assert answer.message.startswith(text)


@pytest.mark.parametrize("minutes", [-4, 4])
def test_a_little_skew_is_fine(raw, monkeypatch, minutes):
    assert shifted(raw, monkeypatch, minutes).status == 200


def shifted(raw, monkeypatch, minutes):
    """A request signed by a clock that is off."""
    import botocore.auth

    real = datetime.datetime

    class Clock(real):
        @classmethod
        def utcnow(cls):
            return real.utcnow() + datetime.timedelta(minutes=minutes)

    monkeypatch.setattr(botocore.auth.datetime, "datetime", Clock)
    try:
        return list_tables(raw)
    finally:
        monkeypatch.undo()


def test_an_unknown_key(raw):
    stranger = RawClient(raw.endpoint, "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", raw.region)
    answer = list_tables(stranger)
    assert (answer.status, answer.code, answer.message) == (400, "UnrecognizedClientException", INVALID_TOKEN)


def test_a_wrong_secret(raw):
    stranger = RawClient(raw.endpoint, raw.credentials.access_key, "x" * 40, raw.region)
    answer = list_tables(stranger)
    assert (answer.status, answer.code) == (400, "InvalidSignatureException")
    assert answer.message.startswith(SIGNATURE_TEXT)


@pytest.mark.parametrize("what,tamper", [
    ("body", None), ("signature", change(r"Signature=\w{4}", "Signature=0000")), ("target", change("ListTables", "DescribeLimits", "X-Amz-Target")),
    ("short signature", change(r"Signature=(\w{10})\w*", r"Signature=\1")), ("token", lambda h: h.update({"X-Amz-Security-Token": "x"}))])
def test_what_was_changed_after_signing(raw, what, tamper):
    if what == "body":
        headers = raw.signed_headers(b"{}", "DynamoDB_20120810.ListTables")
        answer = raw.exchange("POST", "/", b'{"Limit": 1}', headers)
    else:
        answer = list_tables(raw, tamper)
    assert answer.status == 400
    assert answer.code in ("InvalidSignatureException", "UnrecognizedClientException")


def test_scope_of_another_service(raw):
    answer = list_tables(raw, service="s3")
    assert answer.status in (400, 403) and answer.status != 200


def test_scope_of_another_service_names_the_right_one(raw):
    answer = list_tables(raw, service="sqs")
    assert (answer.status, answer.code) == (400, "InvalidSignatureException")
    assert "Credential should be scoped to correct service: 'dynamodb'. " in answer.message


def test_scope_without_terminator(raw):
    answer = list_tables(raw, change("aws4_request", "aws5_request"))
    assert (answer.status, answer.code) == (400, "InvalidSignatureException")
    assert "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. " in answer.message


def test_credential_of_four_parts(raw):
    answer = list_tables(raw, change(r"/dynamodb/aws4_request", "/aws4_request"))
    assert (answer.status, answer.code) == (400, "IncompleteSignatureException")
    assert answer.message.startswith("Credential must have exactly 5 slash-delimited elements, e.g. "
                                     "keyid/date/region/service/term, got '")


def test_algorithm(raw):
    answer = list_tables(raw, change("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512"))
    assert (answer.status, answer.code) == (400, "IncompleteSignatureException")
    assert "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512'" in answer.message


def test_host_must_be_signed(raw):
    answer = list_tables(raw, change("SignedHeaders=([^,]*)host;?", r"SignedHeaders=\1"))
    assert (answer.status, answer.code) == (400, "InvalidSignatureException")
    assert answer.message.startswith("'Host' ")


def test_a_refused_request_changes_nothing(raw, db, make_table):
    name = make_table(schema("pk"))
    db.put_item(TableName=name, Item={"pk": S("a"), "v": N(1)})
    stranger = RawClient(raw.endpoint, raw.credentials.access_key, "x" * 40, raw.region)
    for operation, parameters in (("PutItem", {"Item": {"pk": S("a"), "v": N(2)}}), ("DeleteItem", {"Key": {"pk": S("a")}}),
                                  ("DeleteTable", {}), ("UpdateItem", {"Key": {"pk": S("a")}, "UpdateExpression": "REMOVE v"})):
        assert stranger.post(operation, parameters | {"TableName": name}).status == 400
    assert db.get_item(TableName=name, Key={"pk": S("a")})["Item"]["v"] == N(1)
    stranger.close()


def test_a_presigned_request(raw, endpoint):
    """The signature in the query string instead of the header."""
    import hashlib

    from botocore.auth import SigV4QueryAuth
    from botocore.awsrequest import AWSRequest

    class WithBody(SigV4QueryAuth):
        """botocore signs presigned requests as if they had no body."""

        def payload(self, request):
            return hashlib.sha256(b"{}").hexdigest()

    request = AWSRequest("POST", raw.endpoint + "/", data=b"{}", headers={
        "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.ListTables"})
    WithBody(raw.credentials, "dynamodb", raw.region, expires=60).add_auth(request)
    path = request.url[len(raw.endpoint):]
    answer = raw.exchange("POST", path, b"{}", dict(request.headers.items()))
    assert answer.status == 200, answer.body
