"""PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy, and the ResourcePolicy of CreateTable."""
import json

import pytest

from harness.raw import ApiError
from harness.tables import invalid, refused, schema, unique, wait_active
from harness.waiting import wait_for

WRONG = "One or more parameter values were invalid: "
DOCUMENT = WRONG + "Invalid policy document: "


@pytest.fixture
def arn(db, make_table):
    return db.describe_table(TableName=make_table(schema("pk", indexes=[("gsi", ["a"])])))["Table"]["TableArn"]


@pytest.fixture
def table(arn):
    return arn.split("/")[1]


def statement(arn, action="dynamodb:GetItem", **more):
    account = arn.split(":")[4]
    return {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": action, "Resource": arn} | more


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def put(raw, arn, document, **more):
    text = document if isinstance(document, str) else json.dumps(document)
    return raw.call("PutResourcePolicy", ResourceArn=arn, Policy=text, **more)["RevisionId"]


def read(raw, arn, revision):
    """The document, once its revision is the one awaited."""
    def found():
        try:
            answer = raw.call("GetResourcePolicy", ResourceArn=arn)
        except ApiError:
            return None
        return answer["Policy"] if answer["RevisionId"] == revision else None

    return wait_for("the policy", found)


def missing(**parameters):
    return refused("PolicyNotFoundException", **parameters)


def test_a_table_without_a_policy(raw, arn):
    with missing(message=f"Resource-based policy not found for the provided ResourceArn: {arn}"):
        raw.call("GetResourcePolicy", ResourceArn=arn)
    assert raw.call("DeleteResourcePolicy", ResourceArn=arn) == {}


def test_a_policy_is_kept_and_deleted(raw, arn):
    revision = put(raw, arn, policy(statement(arn)))
    assert revision.isdigit() and len(revision) == 13
    assert json.loads(read(raw, arn, revision)) == policy(statement(arn))
    assert raw.call("DeleteResourcePolicy", ResourceArn=arn)["RevisionId"] == revision
    wait_for("the policy to go", lambda: raw.post("GetResourcePolicy", {"ResourceArn": arn}).code == "PolicyNotFoundException")


def test_the_form_in_which_it_is_read(raw, arn):
    account = arn.split(":")[4]
    sent = json.dumps({"Statement": {"Resource": [arn], "Action": ["dynamodb:GetItem"], "Effect": "allow", "Sid": "One",
                                     "Principal": {"AWS": [account, f"arn:aws:iam::{account}:root"]}},
                       "Version": "2012-10-17"}, indent=4)
    expected = ('{"Version":"2012-10-17","Statement":[{"Sid":"One","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::'
                + account + ':root"},"Action":"dynamodb:GetItem","Resource":"' + arn + '"}]}')
    revision = put(raw, arn, sent)
    assert read(raw, arn, revision) == expected
    assert put(raw, arn, expected) == revision  # the same policy


def test_without_a_version(raw, arn):
    revision = put(raw, arn, {"Statement": [statement(arn)]})
    assert json.loads(read(raw, arn, revision))["Version"] == "2008-10-17"


def test_the_same_policy_keeps_its_revision(raw, arn):
    revision = put(raw, arn, policy(statement(arn)))
    assert put(raw, arn, json.dumps(policy(statement(arn, ["dynamodb:GetItem"])), indent=1)) == revision


def test_another_policy_has_a_later_revision(raw, on_reprise, arn):
    """AWS makes a client wait 15 s between two changes; Reprise does not."""
    revisions = [put(raw, arn, policy(statement(arn, action))) for action in ("dynamodb:GetItem", "dynamodb:Query", "dynamodb:GetItem")]
    assert revisions == sorted(set(revisions), key=int) and len(revisions) == 3


def test_an_expected_revision(raw, on_reprise, arn, table):
    prefix = "Resource-based policy not found for the provided ResourceArn: Requested update for policy with revision id "
    for operation in ("PutResourcePolicy", "DeleteResourcePolicy"):
        more = {"Policy": json.dumps(policy(statement(arn)))} if operation.startswith("Put") else {}
        with missing(message=f"{prefix}123456789, but table {table} has no associated policy."):
            raw.call(operation, ResourceArn=arn, ExpectedRevisionId="123456789", **more)
    first = put(raw, arn, policy(statement(arn)), ExpectedRevisionId="NO_POLICY")
    for stale in ("123456789", "NO_POLICY"):
        with missing(message=f"{prefix}{stale}, but the policy associated to target table {table} has revision id {first}."):
            put(raw, arn, policy(statement(arn, "dynamodb:Query")), ExpectedRevisionId=stale)
    second = put(raw, arn, policy(statement(arn, "dynamodb:Query")), ExpectedRevisionId=first)
    with missing(match=prefix):
        raw.call("DeleteResourcePolicy", ResourceArn=arn, ExpectedRevisionId=first)
    assert raw.call("DeleteResourcePolicy", ResourceArn=arn, ExpectedRevisionId=second)["RevisionId"] == second
    with invalid("1 validation error detected: Value '' at 'expectedRevisionId' failed to satisfy constraint: Member must have "
                 "length greater than or equal to 1"):
        raw.call("DeleteResourcePolicy", ResourceArn=arn, ExpectedRevisionId="")


@pytest.mark.parametrize("text,problem", [
    ("", "This policy contains invalid Json"), ("[]", "This policy contains invalid Json"),
    ("{not json", "This policy contains invalid Json"), ("null", "This text appears not to be a policy"),
    ("{}", "Syntax error at position (1,3)"),
    ('{"Statement":[]}', "Could not parse the policy: Statement is empty!"),
    ('{"Statement":[{}]}', "Missing required field Effect"),
])
def test_what_is_no_policy(raw, arn, text, problem):
    with invalid(DOCUMENT + problem):
        put(raw, arn, text)
    with invalid(DOCUMENT + problem):
        raw.call("CreateTable", TableName=unique("t"), ResourcePolicy=text, **schema("pk"))


def test_statements_that_are_refused(raw, arn):
    without_resource = statement(arn)
    del without_resource["Resource"]
    cases = [
        (policy(without_resource), DOCUMENT + "Missing required field Resource"),
        (policy(statement(arn, Sid="s"), statement(arn, Sid="s")), DOCUMENT + "The Statement Ids in the policy are not unique"),
        (policy(statement(arn, "dynamodb:ListStreams")),
         DOCUMENT + 'The following action names are invalid: "dynamodb:ListStreams"'),
        (policy(statement(arn, Principal="*")),
         "Resource-based policy grants unbounded access in one or more elements. Please revise the policy to ensure "
         "least-privilege form of access"),
        (policy(statement(arn, Principal={"AWS": "nobody"})), WRONG + "Invalid principal in policy document."),
        (json.dumps(policy(statement(arn))).ljust(20481), WRONG + "Maximum policy size of 20480 bytes exceeded"),
    ]
    for document, text in cases:
        with invalid(text):
            put(raw, arn, document)
    assert raw.post("GetResourcePolicy", {"ResourceArn": arn}).code == "PolicyNotFoundException"


@pytest.mark.parametrize("resource", ["*", "index", "another table"])
def test_resources_that_are_taken(raw, arn, resource):
    named = {"*": "*", "index": arn + "/index/gsi", "another table": arn + "x"}[resource]
    put(raw, arn, policy(statement(arn, Resource=named)))


def test_the_largest_policy(raw, arn):
    put(raw, arn, json.dumps(policy(statement(arn))).ljust(20480))


def test_a_lockout_has_to_be_confirmed(raw, on_reprise, arn):
    deny = policy(statement(arn, "dynamodb:PutResourcePolicy", Effect="Deny", Principal="*"))
    with refused("AccessDeniedException", "The new resource policy will not allow you to update the resource policy in the future."):
        put(raw, arn, deny)
    put(raw, arn, deny, ConfirmRemoveSelfResourceAccess=True)


def test_arns(raw, arn, table):
    region, account = arn.split(":")[3:5]
    other_region = "us-east-1" if region != "us-east-1" else "us-west-2"
    cases = [
        (table, "ValidationException", WRONG + f"ARNs must start with 'arn:': {table}"),
        (arn + "x", "ResourceNotFoundException", f"Requested resource not found: Table: {table}x not found"),
        (arn.replace(account, "210987654321"), "ValidationException",
         "This action is only supported by accounts that match the resource owner’s account."),
        (arn.replace(region, other_region), "ValidationException", WRONG + "Invalid resource Arn: " + arn.replace(region, other_region)),
        (arn.replace("arn:aws:", "arn:aws-cn:"), "ValidationException",
         WRONG + "Invalid resource Arn: " + arn.replace("arn:aws:", "arn:aws-cn:")),
        (arn + "/index/gsi", "ValidationException",
         WRONG + f"Invalid resource arn provided, only table or stream is accepted. Provided resource arn: {arn}/index/gsi"),
        (arn + "/backup/0170", "ValidationException", WRONG + f"Provided Arn is not a DynamoDB resource arn: {arn}/backup/0170"),
        (arn + "/stream/2000-01-01T00:00:00.000", "ResourceNotFoundException",
         f"Requested resource not found: Stream: 2000-01-01T00:00:00.000 not found for Table: {table}"),
    ]
    for text, code, message in cases:
        with refused(code, message):
            raw.call("GetResourcePolicy", ResourceArn=text)
        with refused(code, message):
            raw.call("DeleteResourcePolicy", ResourceArn=text)


def test_a_policy_of_a_stream(raw, db, make_table):
    name = make_table(schema("pk", StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}))
    stream = db.describe_table(TableName=name)["Table"]["LatestStreamArn"]
    table = stream.split("/stream/")[0]
    with missing(message=f"Resource-based policy not found for the provided ResourceArn: {stream}"):
        raw.call("GetResourcePolicy", ResourceArn=stream)
    with invalid(DOCUMENT + f'The relative-id "table/{name}" is invalid for ARN "{table}"'):
        put(raw, stream, policy(statement(table, "dynamodb:GetRecords")))
    revision = put(raw, stream, policy(statement(stream, "dynamodb:GetRecords")))
    assert "dynamodb:GetRecords" in read(raw, stream, revision)
    assert raw.post("GetResourcePolicy", {"ResourceArn": table}).code == "PolicyNotFoundException"


def test_the_policy_of_create_table(raw, db):
    name = unique("t")
    document = policy({"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "dynamodb:DeleteItem", "Resource": "*"})
    made = raw.call("CreateTable", TableName=name, ResourcePolicy=json.dumps(document), **schema("pk"))["TableDescription"]
    assert "ResourcePolicy" not in made
    wait_active(db, name)
    answer = raw.call("GetResourcePolicy", ResourceArn=made["TableArn"])
    assert json.loads(answer["Policy"]) == document and answer["RevisionId"].isdigit()
    db.delete_table(TableName=name)
