"""`reprise user`: what it prints, and that the keys it makes sign what the policy allows. What users may do is
test/api's."""
import json
import re

import boto3
import pytest
from botocore.exceptions import ClientError

from harness.cli import run_cli
from harness.s3 import s3_config
from harness.server import REGION, Server, client_config
from harness.tables import unique

READ_ONLY = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["s3:ListAllMyBuckets", "dynamodb:ListTables"], "Resource": "*"}]})


@pytest.fixture(scope="module")
def server():
    with Server() as found:
        yield found


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "policy.json"
    path.write_text(READ_ONLY)
    return path


def clients(server: Server, key: str, secret: str):
    session = boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name=REGION)
    return (session.client("s3", endpoint_url=server.endpoint, config=s3_config()),
            session.client("dynamodb", endpoint_url=server.endpoint, config=client_config()))


def signs(server: Server, key: str, secret: str) -> bool:
    try:
        clients(server, key, secret)[0].list_buckets()
        return True
    except ClientError as error:
        assert error.response["Error"]["Code"] in ("InvalidAccessKeyId", "AccessDenied"), error
        return error.response["Error"]["Code"] == "AccessDenied"  # it is known, and may nothing


def test_add_shows_the_secret_once(server, policy):
    name = unique("anna")
    done = run_cli(server, "user", "add", name, "--policy", str(policy))
    assert done.code == 0, done.err
    assert re.search(rf"^  name +{name}$", done.out, re.MULTILINE)
    assert re.search(rf"^  arn +arn:aws:iam::000000000000:user/{name}$", done.out, re.MULTILINE)
    found = re.search(r"\[(.*)\]\naws_access_key_id = (\S+)\naws_secret_access_key = (\S+)\n$", done.out)
    assert found and found[1] == name
    key, secret = found[2], found[3]
    s3, db = clients(server, key, secret)
    assert "Buckets" in s3.list_buckets() and "TableNames" in db.list_tables()
    for refused in [lambda: s3.create_bucket(Bucket="x" * 10), lambda: db.describe_limits()]:
        with pytest.raises(ClientError) as raised:
            refused()
        assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403)
        assert "AccessDenied" in raised.value.response["Error"]["Code"]
    for words in [["show", name], ["list"], ["show", name, "--json"], ["list", "--json"]]:
        again = run_cli(server, "user", *words)
        assert again.code == 0 and key in again.out and secret not in again.out, words


def test_given_keys_and_other_accounts(server):
    name, key = unique("bert"), "AKID" + unique("K").replace("-", "")
    done = run_cli(server, "user", "add", name, "--account", "111111111111", "--access-key", key, "--secret-key", "-",
                   stdin="a-secret-of-our-own\n")
    assert done.code == 0, done.err
    assert f"arn:aws:iam::111111111111:user/{name}" in done.out
    assert "a-secret-of-our-own" not in done.out and "secret" not in done.out, "it is known, and is not put on the terminal"
    assert signs(server, key, "a-secret-of-our-own")
    row = next(line for line in run_cli(server, "user", "list").out.splitlines() if line.startswith(name))
    assert row.split()[:4] == [name, "111111111111", key, "no"]
    assert run_cli(server, "user", "show", name).code == 4, "root's own account has no such user"
    assert run_cli(server, "user", "show", name, "--account", "111111111111").code == 0


def test_rotate_and_remove(server, policy):
    name = unique("carl")
    first = run_cli(server, "user", "add", name, "--policy", str(policy), "--json").json["User"]["AccessKeys"][0]
    old = first["AccessKeyId"], first["SecretAccessKey"]
    kept = run_cli(server, "user", "rotate", name, "--keep-previous", "--json").json["User"]["AccessKeys"]
    assert len(kept) == 2
    new = kept[0]["AccessKeyId"], kept[0]["SecretAccessKey"]
    assert signs(server, *old) and signs(server, *new)
    last = run_cli(server, "user", "rotate", name, "--json").json["User"]["AccessKeys"]
    assert len(last) == 1 and not signs(server, *old) and not signs(server, *new)
    newest = last[0]["AccessKeyId"], last[0]["SecretAccessKey"]
    assert signs(server, *newest)
    done = run_cli(server, "user", "remove", name)
    assert (done.code, done.out) == (0, f"User {name} is removed; its access keys no longer sign.\n")
    assert not signs(server, *newest)
    assert run_cli(server, "user", "remove", name).error.startswith("DeleteUser was refused: ResourceNotFoundException")


def test_the_policy_can_be_changed(server, policy):
    name = unique("dora")
    made = run_cli(server, "user", "add", name, "--json").json["User"]["AccessKeys"][0]
    s3, _ = clients(server, made["AccessKeyId"], made["SecretAccessKey"])
    with pytest.raises(ClientError) as raised:
        s3.list_buckets()
    assert raised.value.response["Error"]["Code"] == "AccessDenied"
    done = run_cli(server, "user", "policy", name, "--policy", str(policy))
    assert done.code == 0 and READ_ONLY in done.out, done.err
    assert "Buckets" in s3.list_buckets()
    assert run_cli(server, "user", "policy", name, "--policy", "-", stdin=READ_ONLY).code == 0


def test_refusals(server, tmp_path):
    name = unique("emil")
    assert run_cli(server, "user", "add", name).code == 0
    assert "ResourceInUseException" in run_cli(server, "user", "add", name).error
    wrong = tmp_path / "wrong.json"
    wrong.write_text("{}")
    done = run_cli(server, "user", "add", unique("f"), "--policy", str(wrong))
    assert done.code == 4 and done.error.startswith("CreateUser was refused: ValidationException")
    missing = tmp_path / "missing.json"
    done = run_cli(server, "user", "add", unique("f"), "--policy", str(missing))
    assert (done.code, done.error) == (2, f"cannot read --policy {missing}")
    for words in [["add", unique("f")], ["list"], ["show", unique("f")], ["remove", unique("f")]]:
        done = run_cli(server, "user", *words, "--account", "12")
        assert done.code == 4 and done.error.endswith("ValidationException: Account must be 12 digits")
    done = run_cli(server, "user", "add", unique("f"), "--access-key", "A", "--secret-key", "-")
    assert done.code == 2 and "standard input" in done.error


def test_policies_that_are_none(server, tmp_path):
    """What cannot be a policy is told before anything is made."""
    name = unique("hans")
    for policy, stdin, told in [(tmp_path, "", f"cannot read --policy {tmp_path}"),
                                ("/dev/zero", "", "--policy /dev/zero is larger than any policy"),
                                ("-", "", "--policy - is empty"), ("-", " \n", "--policy - is empty")]:
        done = run_cli(server, "user", "add", name, "--policy", str(policy), stdin=stdin)
        assert (done.code, done.error) == (2, told)
    assert run_cli(server, "user", "show", name).code == 4, "nobody was made"


@pytest.mark.parametrize("words,flag", [
    (["user", "add", "x"], "--account"), (["user", "remove", "x"], "--account"), (["user", "list"], "--account"),
    (["user", "add", "x"], "--policy"), (["user", "add", "x", "--secret-key", "s"], "--access-key"),
    (["key", "create"], "--alias")])
def test_an_empty_text_is_not_the_default(server, words, flag):
    """As of a script whose variable is not set: another account's user, or a key without its name, would be touched."""
    before = run_cli(server, "user", "list").out, run_cli(server, "key", "list").out
    done = run_cli(server, *words, flag, "")
    assert (done.code, done.error) == (2, f"{flag}: must not be empty; see 'reprise {' '.join(words[:2])} --help'")
    assert before == (run_cli(server, "user", "list").out, run_cli(server, "key", "list").out)


def test_users_do_not_administer_without_leave(server, policy):
    name = unique("gina")
    made = run_cli(server, "user", "add", name, "--policy", str(policy), "--json").json["User"]["AccessKeys"][0]
    own = {"AWS_ACCESS_KEY_ID": made["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"]}
    for words, operation in [(["key", "list"], "ListKeys"), (["user", "list"], "ListUsers"), (["verify"], "StartVerify")]:
        done = run_cli(server, *words, env=own)
        assert done.code == 4, words
        assert done.error == (f"{operation} was refused: AccessDeniedException: User: arn:aws:iam::000000000000:user/{name} "
                              f"is not authorized to perform: reprise:{operation} because no identity-based policy allows "
                              f"the reprise:{operation} action")
