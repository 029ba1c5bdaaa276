"""The runbook's Scenario 1, and option A of its Scenario 2, on real input: with `aws`, with boto3, with the AWS SDK for
JavaScript. The runbook's commands stand as printed, but for the names and --endpoint-url.
"""
import base64
import datetime
import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from boto3.dynamodb.types import TypeDeserializer

from guide import sounds
from harness.server import ROOT, Server
from harness.tables import scan_all
from harness.waiting import wait_for

AWS = "/usr/bin/aws"
TABLE = "Sound-3vj5ylbbqzhc5frkcqxb4plhwm-NONE"
RESTORED = TABLE + "-restored"


@pytest.fixture(scope="module")
def originals():
    return sounds.items()


@pytest.fixture
def server():
    with Server() as server:
        yield server


def a_whole_second() -> datetime.datetime:
    """The time to note before a risky operation: everything so far is before it, everything later after it."""
    utc = datetime.timezone.utc
    mark = datetime.datetime.now(utc).replace(microsecond=0) + datetime.timedelta(seconds=1)
    wait_for("the second to pass", lambda: datetime.datetime.now(utc) > mark + datetime.timedelta(milliseconds=50))
    return mark


def assert_same(found: list[dict], expected: dict[str, dict]):
    assert {i["id"]["S"]: sounds.normal(i) for i in found} == {k: sounds.normal(i) for k, i in expected.items()}
    assert len(found) == len(expected)


class Cli:
    """The stock `aws` of Debian 12."""

    def __init__(self, server: Server, folder):
        self.server, self.folder = server, folder

    def shell(self, command: str) -> str:
        """A command of the runbook, run by a shell in a folder of its own."""
        command = command.replace("aws dynamodb", f"{AWS} dynamodb --endpoint-url {self.server.endpoint}")
        done = subprocess.run(["bash", "-ec", command], env=self.server.aws_environment, cwd=self.folder, capture_output=True,
                              text=True, timeout=120)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def json(self, command: str):
        return json.loads(self.shell(command) or "null")

    def batch_write(self, table: str, requests: list[dict]):
        """batch-write-item in groups of 25; every request must be processed."""

        def write(start):
            file = self.folder / f"{table}-{start}.json"
            file.write_text(json.dumps({table: requests[start:start + 25]}))
            answer = self.json(f"aws dynamodb batch-write-item --region eu-west-1 --request-items file://{file}")
            assert answer["UnprocessedItems"] == {}

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(write, range(0, len(requests), 25)))


def from_base64(value: dict) -> dict:
    return {"B": base64.b64decode(value["B"])} if "B" in value else value


def puts(items):
    return [{"PutRequest": {"Item": item}} for item in items]


def deletes(ids):
    return [{"DeleteRequest": {"Key": {"id": {"S": i}}}} for i in ids]


def fill(server: Server, requests: list[dict]):
    """What the application did before and during the incident; not the runbook's business, so boto3 may do it."""
    db = server.client()
    for start in range(0, len(requests), 25):
        group = [{kind: {part: {n: from_base64(v) for n, v in values.items()} for part, values in request.items()}
                  for kind, request in r.items()} for r in requests[start:start + 25]]
        assert db.batch_write_item(RequestItems={TABLE: group})["UnprocessedItems"] == {}


def create_with_cli(cli: Cli, originals):
    (cli.folder / "table.json").write_text(json.dumps({"TableName": TABLE} | sounds.SCHEMA))
    cli.shell("aws dynamodb create-table --region eu-west-1 --cli-input-json file://table.json")
    cli.shell(f"aws dynamodb wait table-exists --table-name {TABLE} --region eu-west-1")
    cli.shell(f"""aws dynamodb update-continuous-backups --table-name {TABLE} --region eu-west-1 \
      --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true""")
    fill(cli.server, puts(originals.values()))


def restore_with_cli(cli: Cli, instant: datetime.datetime):
    """The runbook's own commands."""
    assert TABLE in cli.json("""
# Lister les tables pour trouver le nom exact
aws dynamodb list-tables --region eu-west-1
""")["TableNames"]
    answer = cli.json(f"""
# Restaurer a un instant precis (format ISO 8601)
aws dynamodb restore-table-to-point-in-time \\
  --source-table-name {TABLE} \\
  --target-table-name {RESTORED} \\
  --restore-date-time {instant:%Y-%m-%dT%H:%M:%SZ} \\
  --region eu-west-1
""")
    assert answer["TableDescription"]["TableName"] == RESTORED
    wait_for("the restored table to be ACTIVE", lambda: cli.json(f"""
# Verifier l'etat de la restauration
aws dynamodb describe-table \\
  --table-name {RESTORED} \\
  --region eu-west-1 \\
  --query 'Table.TableStatus'
""") == "ACTIVE")


def test_with_aws(server, originals, tmp_path):
    cli = Cli(server, tmp_path)
    create_with_cli(cli, originals)
    instant = a_whole_second()
    deleted, overwritten = sounds.damage(originals)
    fill(server, deletes(deleted) + puts(overwritten.values()))

    restore_with_cli(cli, instant)
    cli.shell(f"""
# Scanner la table restauree
aws dynamodb scan \\
  --table-name {RESTORED} \\
  --region eu-west-1 \\
  --output json > restored-data.json
""")
    restored = json.loads((tmp_path / "restored-data.json").read_text())["Items"]
    assert_same(restored, originals)

    # The good practices: the indexes are made again; check that they are active before using the data.
    indexes = cli.json(f"aws dynamodb describe-table --table-name {RESTORED} --region eu-west-1 "
                       "--query 'Table.GlobalSecondaryIndexes[].[IndexName,IndexStatus]'")
    assert indexes == [[sounds.INDEX, "ACTIVE"]]
    for kind, expected in sounds.by_kind(originals).items():
        (tmp_path / "kind.json").write_text(json.dumps({":k": {"S": kind}}))
        found = cli.json(f"aws dynamodb query --table-name {RESTORED} --index-name {sounds.INDEX} --region eu-west-1 "
                         "--key-condition-expression 'kind = :k' --expression-attribute-values file://kind.json")["Items"]
        assert [sounds.normal(i) for i in found] == [sounds.normal(i) for i in expected]

    # Option A: copy what is missing or changed back into the original table.
    live = {i["id"]["S"]: sounds.normal(i) for i in
            cli.json(f"aws dynamodb scan --table-name {TABLE} --region eu-west-1 --output json")["Items"]}
    lost = [item for item in restored if live.get(item["id"]["S"]) != sounds.normal(item)]
    assert len(lost) == len(deleted) + len(overwritten)
    cli.batch_write(TABLE, puts(lost))
    assert_same(cli.json(f"aws dynamodb scan --table-name {TABLE} --region eu-west-1")["Items"], originals)

    # The good practices: remove the -restored table once the data are back.
    cli.shell(f"aws dynamodb delete-table --table-name {RESTORED} --region eu-west-1")
    assert cli.json("aws dynamodb list-tables --region eu-west-1")["TableNames"] == [TABLE]


def test_with_boto3(server, originals):
    """The same with boto3's client and resource, binary values as bytes, and a restart before the restore."""
    db = server.client()
    db.create_table(TableName=TABLE, **sounds.SCHEMA)
    db.get_waiter("table_exists").wait(TableName=TABLE, WaiterConfig={"Delay": 1})
    db.update_continuous_backups(TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    plain = TypeDeserializer()
    key, secret = server.credentials
    resource = boto3.resource("dynamodb", endpoint_url=server.endpoint, region_name="eu-west-1", aws_access_key_id=key,
                              aws_secret_access_key=secret)
    expected = {k: {n: plain.deserialize(from_base64(v)) for n, v in i.items()} for k, i in originals.items()}
    with resource.Table(TABLE).batch_writer() as batch:
        for item in expected.values():
            batch.put_item(Item=item)
    instant = a_whole_second()
    deleted, overwritten = sounds.damage(originals)
    with resource.Table(TABLE).batch_writer() as batch:
        for i in deleted:
            batch.delete_item(Key={"id": i})
        for item in overwritten.values():
            batch.put_item(Item={n: plain.deserialize(v) for n, v in item.items()})

    server.restart()
    db = server.client()
    assert len(scan_all(db, TABLE)) == len(originals) - len(deleted)
    db.restore_table_to_point_in_time(SourceTableName=TABLE, TargetTableName=RESTORED, RestoreDateTime=instant)
    db.get_waiter("table_exists").wait(TableName=RESTORED, WaiterConfig={"Delay": 1})
    restored = scan_all(db, RESTORED)
    assert {i["id"]["S"]: {n: plain.deserialize(v) for n, v in i.items()} for i in restored} == expected
    for kind, same in sounds.by_kind(originals).items():
        pages = db.get_paginator("query").paginate(TableName=RESTORED, IndexName=sounds.INDEX, KeyConditionExpression="kind = :k",
                                                   ExpressionAttributeValues={":k": {"S": kind}})
        assert [i["id"]["S"] for page in pages for i in page["Items"]] == [i["id"]["S"] for i in same]


def test_with_javascript(server, tmp_path):
    """scenario1.mjs: the current AWS SDK for JavaScript v3, which also knows deletion protection."""
    node = shutil.which("node")
    assert node, "tools/setup installs node"
    file = sounds.write_input(tmp_path / "input.json")
    done = subprocess.run([node, "guide/scenario1.mjs", server.endpoint, str(file), TABLE], cwd=ROOT / "test",
                          env=server.aws_environment, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip().endswith("scenario 1: every item equal, every index complete")
