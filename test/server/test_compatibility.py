"""docs/compatibility.md tells the truth: each operation answers as its line there says."""
import re

import botocore.session
import pytest

from harness.server import ROOT
from harness.tables import unique

PAGE = (ROOT / "docs" / "compatibility.md").read_text()


def section(title: str) -> dict[str, str]:
    """operation -> state of one table of the page."""
    text = re.search(rf"^## {title}\n(.*?)(?=^## |^### |\Z)", PAGE, re.MULTILINE | re.DOTALL).group(1)
    return {name: state for name, state in re.findall(r"^\| (\w+) \| (supported|partly|not yet|not supported) \|", text, re.MULTILINE)}


@pytest.mark.parametrize("title,service", [("DynamoDB", "dynamodb"), ("DynamoDB Streams", "dynamodbstreams"), ("Amazon S3", "s3")])
def test_every_operation_of_the_service_model_is_listed(title, service):
    model = botocore.session.get_session().get_service_model(service)
    assert set(model.operation_names) <= set(section(title))


OPERATIONS = [(prefix, operation, state)
              for title, prefix in (("DynamoDB", "DynamoDB_20120810."), ("DynamoDB Streams", "DynamoDBStreams_20120810."))
              for operation, state in sorted(section(title).items())]


@pytest.mark.parametrize("prefix,operation,state", OPERATIONS)
def test_operations(raw, on_reprise, prefix, operation, state):
    """An empty request: what is built validates it or answers, what is not says so."""
    answer = raw.post(operation, {}, prefix=prefix)
    unsupported = answer.code == "UnknownOperationException" or "not supported" in answer.body.decode().lower()
    if state == "not yet":
        assert answer.status == 400 and unsupported, answer.body
    else:
        assert not unsupported, answer.body


S3_MODEL = botocore.session.get_session().get_service_model("s3")
S3_STATES = section("Amazon S3")
# Told from another operation by a header or a body alone, or sent to another host.
ELSEWHERE = {"WriteGetObjectResponse", "GetBucketLifecycle", "PutBucketLifecycle", "GetBucketNotification",
             "PutBucketNotification"}


@pytest.mark.parametrize("operation", sorted(set(S3_MODEL.operation_names) - ELSEWHERE))
def test_s3_operations(raw_s3, on_reprise, operation):
    """A request without a body to a bucket that is not there: what is built looks for the bucket, what is not says so."""
    http = S3_MODEL.operation_model(operation).http
    path, _, query = http["requestUri"].partition("?")
    path = path.replace("{Bucket}", unique("none")).replace("{Key+}", "k")
    answer = raw_s3.request(http["method"], path, query)
    unsupported = b"Reprise does not support" in answer.body
    assert unsupported == S3_STATES[operation].startswith("not "), answer.body
