"""Users over the life of a server: what is kept, what counts at once, what never stands on the disk; the audit log."""
import json
import stat
import subprocess
import time

import pytest
from botocore.exceptions import ClientError

from harness.raw import ApiError, RawClient
from harness.s3 import refused, s3_client
from harness.server import Server
from harness.tables import S, schema, wait_active
from harness.users import OTHER_ACCOUNT, User, admin_call, create_user, policy, statement


@pytest.fixture
def server():
    with Server() as running:
        yield running


def root_of(server) -> RawClient:
    return RawClient(server.endpoint, *server.credentials)


def signs(user) -> bool:
    """Whether the user's key is good for anything (ListTables is allowed to it)."""
    try:
        user.db.list_tables()
        return True
    except ClientError as error:
        assert error.response["Error"]["Code"] == "UnrecognizedClientException", error
        return False


ANYTHING = statement("*", "*")


def error_of(call, *arguments, **parameters) -> ApiError:
    with pytest.raises(ApiError) as found:
        call(*arguments, **parameters)
    return found.value


def test_what_a_user_is(server):
    root = root_of(server)
    made = admin_call(root, "CreateUser", UserName="anna", Account=OTHER_ACCOUNT, Policy=policy(ANYTHING))["User"]
    assert made["Arn"] == f"arn:aws:iam::{OTHER_ACCOUNT}:user/anna"
    assert len(made["CanonicalId"]) == 64
    assert len(made["AccessKeys"]) == 1 and made["AccessKeys"][0]["SecretAccessKey"]
    shown = admin_call(root, "GetUser", UserName="anna", Account=OTHER_ACCOUNT)["User"]
    assert "SecretAccessKey" not in shown["AccessKeys"][0]
    assert json.loads(shown["Policy"]) == json.loads(policy(ANYTHING))
    listed = admin_call(root, "ListUsers")["Users"]
    assert [u["UserName"] for u in listed] == ["anna"] and "SecretAccessKey" not in json.dumps(listed)
    assert admin_call(root, "ListUsers", Account="000000000000")["Users"] == []


def test_users_outlive_restarts_and_crashes(server):
    anna = create_user(root_of(server), ANYTHING, name="anna", account=OTHER_ACCOUNT)
    assert signs(anna)
    server.restart()
    assert signs(anna)
    server.kill()
    server.start()
    assert signs(anna)
    assert anna.db.list_tables()["TableNames"] == []


def test_a_given_key(server):
    root = root_of(server)
    anna = create_user(root, ANYTHING, name="anna", AccessKeyId="AKIAEXAMPLE", SecretAccessKey="a-secret-of-mine")
    assert (anna.key, anna.secret) == ("AKIAEXAMPLE", "a-secret-of-mine")
    assert signs(anna)
    assert error_of(create_user, root, name="bert", AccessKeyId="AKIAEXAMPLE", SecretAccessKey="x").code == "ResourceInUseException"
    taken = server.credentials[0]
    assert error_of(create_user, root, name="bert", AccessKeyId=taken, SecretAccessKey="x").code == "ResourceInUseException"


def test_removal_counts_at_once(server):
    root = root_of(server)
    anna = create_user(root, ANYTHING, name="anna")
    connected = anna.db
    connected.list_tables()
    admin_call(root, "DeleteUser", UserName="anna")
    with pytest.raises(ClientError) as found:
        connected.list_tables()
    assert found.value.response["Error"]["Code"] == "UnrecognizedClientException"
    assert refused(anna.s3.list_buckets)["Code"] == "InvalidAccessKeyId"
    server.restart()
    assert not signs(anna)


def test_rotation(server):
    root = root_of(server)
    first = create_user(root, ANYTHING, name="anna")
    second = User(root.endpoint, admin_call(root, "RotateUserKey", UserName="anna")["User"])
    assert first.key != second.key
    assert (signs(first), signs(second)) == (False, True)
    third = User(root.endpoint, admin_call(root, "RotateUserKey", UserName="anna", KeepPrevious=True)["User"])
    assert (signs(second), signs(third)) == (True, True)
    # The same id with another secret: what was derived from the old one is forgotten.
    admin_call(root, "DeleteUser", UserName="anna")
    again = create_user(root, ANYTHING, name="anna", AccessKeyId=third.key, SecretAccessKey="another")
    assert signs(again)
    with pytest.raises(ClientError) as found:
        third.db.list_tables()
    assert found.value.response["Error"]["Code"] == "InvalidSignatureException"


def test_a_changed_policy_counts_at_once(server):
    root = root_of(server)
    anna = create_user(root, name="anna")
    client = anna.db
    with pytest.raises(ClientError):
        client.list_tables()
    admin_call(root, "PutUserPolicy", UserName="anna", Policy=policy(statement("dynamodb:ListTables", "*")))
    client.list_tables()
    admin_call(root, "PutUserPolicy", UserName="anna")
    with pytest.raises(ClientError):
        client.list_tables()
    server.restart()
    assert "Policy" not in admin_call(root, "GetUser", UserName="anna")["User"]


def test_no_secret_stands_on_the_disk(server):
    root = root_of(server)
    anna = create_user(root, ANYTHING, name="anna", AccessKeyId="AKIAPLAIN", SecretAccessKey="plain-secret-0123456789")
    generated = create_user(root, ANYTHING, name="bert")
    server.restart()
    found = subprocess.run(["grep", "-rlaF", "-e", anna.secret, "-e", generated.secret, str(server.data)],
                           capture_output=True, text=True)
    assert found.stdout == "", f"a secret stands in {found.stdout}"
    assert anna.secret not in server.output() and generated.secret not in server.output()


def test_without_its_key_file_the_server_does_not_start(server):
    create_user(root_of(server), ANYTHING, name="anna")
    assert server.stop() == 0
    key = server.data / "master.key"
    kept = key.read_bytes()
    key.unlink()
    with pytest.raises(RuntimeError, match="--key-file"):
        server.start()
    key.write_bytes(kept)
    key.chmod(0o600)
    server.start()


def test_what_cannot_be_a_user(server):
    root = root_of(server)
    call = lambda **parameters: error_of(admin_call, root, "CreateUser", **parameters)  # noqa: E731
    assert call().code == "ValidationException"
    assert call(UserName="a b").message == "UserName must be 1 to 64 letters, digits or characters of _+=,.@-"
    assert call(UserName="x" * 65).code == "ValidationException"
    assert call(UserName="x", Account="12").message == "Account must be 12 digits"
    assert call(UserName="x", AccessKeyId="A").message == "AccessKeyId and SecretAccessKey must be given both, or neither"
    assert call(UserName="x", AccessKeyId="a b", SecretAccessKey="x").code == "ValidationException"
    assert call(UserName="x", Policy="{").message == "MalformedPolicyDocument: Syntax errors in policy."
    assert call(UserName=7).code == "SerializationException"
    create_user(root, name="Anna")
    assert call(UserName="anna").code == "ResourceInUseException"
    for operation in ("GetUser", "DeleteUser", "RotateUserKey", "PutUserPolicy"):
        found = error_of(admin_call, root, operation, UserName="nobody")
        assert (found.code, found.message) == ("ResourceNotFoundException", "The user with name nobody cannot be found.")
    assert error_of(admin_call, root, "ListUsers", Account="12").message == "Account must be 12 digits"
    for wrong in ("true", 1, []):
        found = error_of(admin_call, root, "RotateUserKey", UserName="Anna", KeepPrevious=wrong)
        assert (found.code, found.message) == ("SerializationException", "KeepPrevious must be true or false")
    assert [u["UserName"] for u in admin_call(root, "ListUsers")["Users"]] == ["Anna"]


def test_an_accounts_users_are_its_own(server):
    """Who may manage users manages those of the own account; root those of all."""
    root = root_of(server)
    admin = create_user(root, ANYTHING, name="admin", account=OTHER_ACCOUNT)
    create_user(root, name="anna")
    made = create_user(admin.raw, name="bert", account=OTHER_ACCOUNT)
    assert made.account == OTHER_ACCOUNT
    assert sorted(u["UserName"] for u in admin_call(admin.raw, "ListUsers")["Users"]) == ["admin", "bert"]
    assert error_of(admin_call, admin.raw, "GetUser", UserName="anna", Account="000000000000").code == "AccessDeniedException"
    assert error_of(create_user, admin.raw, name="x", account="000000000000").code == "AccessDeniedException"
    assert len(admin_call(root, "ListUsers")["Users"]) == 3


# ---- The audit log ---------------------------------------------------------------------------------------------------

def audit_lines(server) -> list[dict]:
    return [json.loads(line) for line in (server.data / "audit.log").read_text().splitlines()]


def test_the_audit_log(server):
    root, s3, db = root_of(server), s3_client(server), server.client()
    anna = create_user(root, statement("dynamodb:PutItem", "*"), name="anna")
    db.create_table(TableName="notes", **schema("pk:S"))
    wait_active(db, "notes")
    db.put_item(TableName="notes", Item={"pk": S("x")})
    with pytest.raises(ClientError):
        anna.db.delete_table(TableName="notes")
    s3.create_bucket(Bucket="audited", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="audited", Key="k", Body=b"")
    s3.put_bucket_versioning(Bucket="audited", VersioningConfiguration={"Status": "Enabled"})
    db.delete_table(TableName="notes")
    lines = audit_lines(server)
    assert [(line["Action"], line["Resource"], line["Outcome"]) for line in lines] == [
        ("reprise:CreateUser", "arn:aws:iam::000000000000:user/anna", "ok"),
        ("dynamodb:CreateTable", "arn:aws:dynamodb:eu-west-1:000000000000:table/notes", "ok"),
        ("dynamodb:DeleteTable", "arn:aws:dynamodb:eu-west-1:000000000000:table/notes", "AccessDeniedException"),
        ("s3:CreateBucket", "arn:aws:s3:::audited", "ok"),
        ("s3:PutBucketVersioning", "arn:aws:s3:::audited", "ok"),
        ("dynamodb:DeleteTable", "arn:aws:dynamodb:eu-west-1:000000000000:table/notes", "ok")]
    assert lines[2]["Who"] == anna.arn and lines[2]["AccessKeyId"] == anna.key
    assert all(line["From"] == "127.0.0.1" and line["RequestId"] and line["Time"].endswith("Z") for line in lines)
    assert stat.S_IMODE((server.data / "audit.log").stat().st_mode) == 0o600
    assert anna.secret not in (server.data / "audit.log").read_text()
    server.kill()
    server.start()
    assert audit_lines(server) == lines


def test_reads_of_the_past_are_one_line_a_minute(server):
    root, db = root_of(server), server.client()
    db.create_table(TableName="notes", **schema("pk:S"))
    wait_active(db, "notes")
    db.update_continuous_backups(TableName="notes", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    db.put_item(TableName="notes", Item={"pk": S("x")})
    headers = {"x-reprise-as-of": f"{time.time():.6f}"}
    for _ in range(20):
        root.call("GetItem", TableName="notes", Key={"pk": S("x")}, _headers=headers)
    db.delete_table(TableName="notes")  # waited for, so what came before is on disk
    past = [line for line in audit_lines(server) if "AsOf" in line]
    assert [(line["Action"], line["Outcome"]) for line in past] == [("dynamodb:GetItem", "ok")]
