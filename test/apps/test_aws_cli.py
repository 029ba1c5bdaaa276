"""`aws dynamodb` as tutorials use it: the Music table step by step, the forum tables by batch, and the smaller subjects.

The commands stand as a reader types them; Shell adds --endpoint-url and the region.
"""
import json
import os
import subprocess

import pytest

from harness.tables import unique
from harness.waiting import wait_for

AWS = "/usr/bin/aws"


class Shell:
    def __init__(self, endpoint, folder):
        found = endpoint.session.get_credentials().get_frozen_credentials()
        self.url, self.folder = endpoint.url, folder
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {
            "AWS_ACCESS_KEY_ID": found.access_key, "AWS_SECRET_ACCESS_KEY": found.secret_key, "AWS_REGION": endpoint.region,
            "AWS_DEFAULT_REGION": endpoint.region, "AWS_CONFIG_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": ""} | ({"AWS_SESSION_TOKEN": found.token} if found.token else {})

    def run(self, command: str) -> subprocess.CompletedProcess:
        """A command line (or several) as it is typed."""
        streams = self.url.replace("://dynamodb.", "://streams.dynamodb.")
        command = command.replace("aws dynamodb ", f"{AWS} dynamodb --endpoint-url {self.url} ")
        command = command.replace("aws dynamodbstreams ", f"{AWS} dynamodbstreams --endpoint-url {streams} ")
        return subprocess.run(["bash", "-ec", command], env=self.environment, cwd=self.folder, capture_output=True, text=True,
                              timeout=300)

    def json(self, command: str):
        done = self.run(command)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout or "null")

    def text(self, command: str) -> str:
        done = self.run(command + " --output text")
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout.strip()

    def refused(self, command: str) -> str:
        """The message after 'An error occurred '."""
        done = self.run(command)
        assert done.returncode == 254, f"{command}\n{done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stderr.strip().removeprefix("An error occurred ")

    def file(self, name: str, content):
        (self.folder / name).write_text(json.dumps(content))


@pytest.fixture(scope="module")
def shell(endpoint, tmp_path_factory):
    return Shell(endpoint, tmp_path_factory.mktemp("aws"))


@pytest.fixture(scope="module")
def music(shell):
    """Getting started, step 1: create the table and wait for it."""
    name = unique("Music")
    made = shell.json(f"""aws dynamodb create-table \\
    --table-name {name} \\
    --attribute-definitions \\
        AttributeName=Artist,AttributeType=S \\
        AttributeName=SongTitle,AttributeType=S \\
    --key-schema AttributeName=Artist,KeyType=HASH AttributeName=SongTitle,KeyType=RANGE \\
    --provisioned-throughput ReadCapacityUnits=5,WriteCapacityUnits=5 \\
    --table-class STANDARD --tags Key=Owner,Value=blueTeam""")["TableDescription"]
    assert made["TableName"] == name and made["TableArn"].endswith(f":table/{name}") and made["ItemCount"] == 0
    shell.run(f"aws dynamodb wait table-exists --table-name {name}").check_returncode()
    yield name
    shell.run(f"aws dynamodb delete-table --table-name {name}").check_returncode()
    shell.run(f"aws dynamodb wait table-not-exists --table-name {name}").check_returncode()


@pytest.fixture(scope="module")
def songs(shell, music):
    """Step 2: write."""
    for artist, title, album, awards in (("No One You Know", "Call Me Today", "Somewhat Famous", 1),
                                         ("No One You Know", "Howdy", "Somewhat Famous", 2),
                                         ("Acme Band", "Happy Day", "Songs About Life", 10),
                                         ("Acme Band", "PartiQL Rocks", "Another Album Title", 8)):
        shell.file("item.json", {"Artist": {"S": artist}, "SongTitle": {"S": title}, "AlbumTitle": {"S": album},
                                 "Awards": {"N": str(awards)}})
        assert shell.run(f"aws dynamodb put-item --table-name {music} --item file://item.json").stdout == ""
    return music


def test_describe_table(shell, songs):
    table = shell.json(f"aws dynamodb describe-table --table-name {songs}")["Table"]
    assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 5 and table["TableStatus"] == "ACTIVE"
    assert shell.text(f"aws dynamodb describe-table --table-name {songs} --query Table.TableStatus") == "ACTIVE"


def test_read_update_query_scan(shell, songs):
    found = shell.json(f"""aws dynamodb get-item --consistent-read \\
    --table-name {songs} \\
    --key '{{ "Artist": {{"S": "Acme Band"}}, "SongTitle": {{"S": "Happy Day"}}}}' --return-consumed-capacity TOTAL""")
    assert found["Item"]["AlbumTitle"] == {"S": "Songs About Life"}
    assert found["ConsumedCapacity"] == {"TableName": songs, "CapacityUnits": 1.0}
    changed = shell.json(f"""aws dynamodb update-item \\
    --table-name {songs} \\
    --key '{{ "Artist": {{"S": "Acme Band"}}, "SongTitle": {{"S": "Happy Day"}}}}' \\
    --update-expression "SET AlbumTitle = :newval" \\
    --expression-attribute-values '{{":newval":{{"S":"Updated Album Title"}}}}' \\
    --return-values ALL_NEW""")
    assert changed["Attributes"]["AlbumTitle"] == {"S": "Updated Album Title"} and changed["Attributes"]["Awards"] == {"N": "10"}
    queried = shell.json(f"""aws dynamodb query \\
    --table-name {songs} \\
    --key-condition-expression "Artist = :name and begins_with(SongTitle, :h)" \\
    --expression-attribute-values '{{":name":{{"S":"No One You Know"}}, ":h": {{"S": "H"}}}}' \\
    --return-consumed-capacity TOTAL""")
    assert [i["SongTitle"]["S"] for i in queried["Items"]] == ["Howdy"]
    assert queried["ConsumedCapacity"]["CapacityUnits"] == 0.5
    scanned = shell.json(f"""aws dynamodb scan --table-name {songs} --filter-expression "Awards > :n" --projection-expression "#t" \\
    --expression-attribute-names '{{"#t": "SongTitle"}}' --expression-attribute-values '{{":n": {{"N": "5"}}}}'""")
    assert sorted(i["SongTitle"]["S"] for i in scanned["Items"]) == ["Happy Day", "PartiQL Rocks"] and scanned["ScannedCount"] == 4
    assert shell.text(f"aws dynamodb scan --table-name {songs} --select COUNT --query Count") == "4"
    assert shell.text(f"""aws dynamodb query --table-name {songs} --key-condition-expression 'Artist = :a' --no-scan-index-forward \\
    --expression-attribute-values '{{":a": {{"S": "Acme Band"}}}}' --query 'Items[].SongTitle.S'""") == "PartiQL Rocks\tHappy Day"


def test_pages_of_the_command_line(shell, songs):
    first = shell.json(f"aws dynamodb scan --table-name {songs} --max-items 3 --page-size 2")
    assert len(first["Items"]) == 3
    rest = shell.json(f"aws dynamodb scan --table-name {songs} --max-items 3 --starting-token {first['NextToken']}")
    assert len(rest["Items"]) == 1 and "NextToken" not in rest
    assert songs in shell.json("aws dynamodb list-tables --page-size 1")["TableNames"]


def test_conditions(shell, songs):
    message = shell.refused(f"""aws dynamodb put-item --table-name {songs} --item file://item.json \\
    --condition-expression 'attribute_not_exists(Artist)'""")
    assert message == "(ConditionalCheckFailedException) when calling the PutItem operation: The conditional request failed"
    message = shell.refused(f"""aws dynamodb delete-item --table-name {songs} \\
    --key '{{"Artist": {{"S": "Acme Band"}}, "SongTitle": {{"S": "Happy Day"}}}}' --condition-expression 'Awards < :n' \\
    --expression-attribute-values '{{":n": {{"N": "3"}}}}'""")
    assert message.startswith("(ConditionalCheckFailedException) when calling the DeleteItem operation")
    message = shell.refused("aws dynamodb describe-table --table-name no-such-table")
    assert message == ("(ResourceNotFoundException) when calling the DescribeTable operation: "
                       "Requested resource not found: Table: no-such-table not found")
    message = shell.refused(f"""aws dynamodb update-item --table-name {songs} --key file://item.json \\
    --update-expression 'SET Size = :s' --expression-attribute-values '{{":s": {{"N": "1"}}}}'""")
    assert message.startswith("(ValidationException) when calling the UpdateItem operation: ")
    assert message.endswith("Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: Size")


def test_global_secondary_index(shell, songs):
    shell.json(f"""aws dynamodb update-table \\
    --table-name {songs} \\
    --attribute-definitions AttributeName=AlbumTitle,AttributeType=S \\
    --global-secondary-index-updates \\
        "[{{\\"Create\\":{{\\"IndexName\\": \\"AlbumTitle-index\\",\\"KeySchema\\":[{{\\"AttributeName\\":\\"AlbumTitle\\",\\"KeyType\\":\\"HASH\\"}}], \\
        \\"ProvisionedThroughput\\": {{\\"ReadCapacityUnits\\": 10, \\"WriteCapacityUnits\\": 5}},\\"Projection\\":{{\\"ProjectionType\\":\\"ALL\\"}}}}}}]" """)
    wait_for("the index", lambda: shell.text(f"""aws dynamodb describe-table --table-name {songs} \\
    --query 'Table.GlobalSecondaryIndexes[0].IndexStatus'""") == "ACTIVE", 600)
    found = shell.json(f"""aws dynamodb query \\
    --table-name {songs} \\
    --index-name AlbumTitle-index \\
    --key-condition-expression "AlbumTitle = :name" \\
    --expression-attribute-values '{{":name":{{"S":"Somewhat Famous"}}}}'""")
    assert [i["SongTitle"]["S"] for i in found["Items"]] in (["Call Me Today", "Howdy"], ["Howdy", "Call Me Today"])


def test_partiql(shell, songs):
    added = shell.run(f"""aws dynamodb execute-statement --statement "INSERT INTO \\"{songs}\\" \\
                VALUE \\
                {{'Artist':'New Band','SongTitle':'First','AlbumTitle':'One', 'Awards': 1}}" """)
    assert added.returncode == 0, added.stderr
    found = shell.json(f"""aws dynamodb execute-statement --statement "SELECT * FROM \\"{songs}\\" \\
                WHERE Artist='New Band' AND SongTitle='First'" """)
    assert found["Items"] == [{"Artist": {"S": "New Band"}, "SongTitle": {"S": "First"}, "AlbumTitle": {"S": "One"}, "Awards": {"N": "1"}}]
    changed = shell.json(f"""aws dynamodb execute-statement --statement "UPDATE \\"{songs}\\" \\
                SET AlbumTitle='Two' SET Awards = Awards + 1 WHERE Artist=? AND SongTitle=? RETURNING MODIFIED NEW *" \\
                --parameters '[{{"S": "New Band"}}, {{"S": "First"}}]'""")
    assert changed["Items"] == [{"AlbumTitle": {"S": "Two"}, "Awards": {"N": "2"}}]
    shell.file("partiql.json", [
        {"Statement": f"SELECT Awards FROM \"{songs}\" WHERE Artist='New Band' AND SongTitle='First'"},
        {"Statement": f"SELECT * FROM \"{songs}\" WHERE Artist='Nobody' AND SongTitle='Nothing'"}])
    answers = shell.json("aws dynamodb batch-execute-statement --statements file://partiql.json")["Responses"]
    assert answers == [{"TableName": songs, "Item": {"Awards": {"N": "2"}}}, {"TableName": songs}]
    shell.file("transaction.json", [
        {"Statement": f"DELETE FROM \"{songs}\" WHERE Artist='New Band' AND SongTitle='First'"},
        {"Statement": f"EXISTS(SELECT * FROM \"{songs}\" WHERE Artist='Acme Band' AND SongTitle='Happy Day' AND Awards = 10)"}])
    shell.json("aws dynamodb execute-transaction --transact-statements file://transaction.json")
    assert shell.json(f"""aws dynamodb execute-statement --statement "SELECT * FROM \\"{songs}\\" WHERE Artist='New Band'" """)["Items"] == []


def test_transactions(shell, songs):
    key = {"Artist": {"S": "Acme Band"}, "SongTitle": {"S": "Happy Day"}}
    add = {"Update": {"TableName": songs, "Key": key, "UpdateExpression": "SET Plays = if_not_exists(Plays, :zero) + :one",
                      "ExpressionAttributeValues": {":zero": {"N": "0"}, ":one": {"N": "1"}}}}
    put = {"Put": {"TableName": songs, "Item": {"Artist": {"S": "Acme Band"}, "SongTitle": {"S": "Encore"}},
                   "ConditionExpression": "attribute_not_exists(Artist)"}}
    shell.file("writes.json", [add, put])
    answer = shell.json("""aws dynamodb transact-write-items --transact-items file://writes.json \\
    --client-request-token 12345678-one --return-consumed-capacity TOTAL""")
    assert answer["ConsumedCapacity"][0]["TableName"] == songs
    shell.json("aws dynamodb transact-write-items --transact-items file://writes.json --client-request-token 12345678-one")
    message = shell.refused("aws dynamodb transact-write-items --transact-items file://writes.json")
    assert message == ("(TransactionCanceledException) when calling the TransactWriteItems operation: Transaction cancelled, please "
                       "refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]")
    shell.file("reads.json", [{"Get": {"TableName": songs, "Key": key}}, {"Get": {"TableName": songs, "Key": put["Put"]["Item"]}}])
    found = shell.json("aws dynamodb transact-get-items --transact-items file://reads.json")["Responses"]
    assert found[0]["Item"]["Plays"] == {"N": "1"} and found[1]["Item"]["SongTitle"] == {"S": "Encore"}


def test_time_to_live(shell, songs):
    assert shell.json(f"aws dynamodb describe-time-to-live --table-name {songs}") == {
        "TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}
    answer = shell.json(f"""aws dynamodb update-time-to-live --table-name {songs} \\
    --time-to-live-specification "Enabled=true, AttributeName=ttl" """)
    assert answer == {"TimeToLiveSpecification": {"Enabled": True, "AttributeName": "ttl"}}
    found = shell.json(f"aws dynamodb describe-time-to-live --table-name {songs}")["TimeToLiveDescription"]
    assert found["AttributeName"] == "ttl" and found["TimeToLiveStatus"] in ("ENABLING", "ENABLED")
    message = shell.refused(f"""aws dynamodb update-time-to-live --table-name {songs} \\
    --time-to-live-specification "Enabled=true, AttributeName=ttl" """)
    assert message == "(ValidationException) when calling the UpdateTimeToLive operation: TimeToLive is already enabled"


def test_tags(shell, songs):
    arn = shell.text(f"aws dynamodb describe-table --table-name {songs} --query Table.TableArn")
    assert shell.json(f"aws dynamodb list-tags-of-resource --resource-arn {arn}") == {"Tags": [{"Key": "Owner", "Value": "blueTeam"}]}
    assert shell.run(f"aws dynamodb tag-resource --resource-arn {arn} --tags Key=Owner,Value=redTeam Key=Stage,Value=").returncode == 0
    wait_for("the tags", lambda: sorted((t["Key"], t["Value"]) for t in shell.json(
        f"aws dynamodb list-tags-of-resource --resource-arn {arn}")["Tags"]) == [("Owner", "redTeam"), ("Stage", "")])
    assert shell.run(f"aws dynamodb untag-resource --resource-arn {arn} --tag-keys Owner Stage").returncode == 0
    wait_for("no tags", lambda: shell.json(f"aws dynamodb list-tags-of-resource --resource-arn {arn}") == {"Tags": []})


def test_continuous_and_other_backups(shell, songs):
    found = shell.json(f"""aws dynamodb update-continuous-backups --table-name {songs} \\
    --point-in-time-recovery-specification PointInTimeRecoveryEnabled=True""")["ContinuousBackupsDescription"]
    assert found["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    made = shell.json(f"aws dynamodb create-backup --table-name {songs} --backup-name MusicBackup")["BackupDetails"]
    assert made["BackupName"] == "MusicBackup" and made["BackupType"] == "USER" and f":table/{songs}/backup/0" in made["BackupArn"]
    wait_for("the backup", lambda: shell.text(f"""aws dynamodb describe-backup --backup-arn {made["BackupArn"]} \\
    --query BackupDescription.BackupDetails.BackupStatus""") == "AVAILABLE")
    listed = shell.json(f"aws dynamodb list-backups --table-name {songs}")["BackupSummaries"]
    assert [b["BackupArn"] for b in listed] == [made["BackupArn"]]
    restored = songs + "-restored"
    answer = shell.json(f"aws dynamodb restore-table-from-backup --target-table-name {restored} --backup-arn {made['BackupArn']}")
    assert answer["TableDescription"]["RestoreSummary"]["SourceBackupArn"] == made["BackupArn"]
    wait_for("the restored table", lambda: shell.text(
        f"aws dynamodb describe-table --table-name {restored} --query Table.TableStatus") == "ACTIVE", 1800)
    of = "--query 'sort_by(Items, &SongTitle.S)'"
    assert shell.json(f"aws dynamodb scan --table-name {restored} {of}") == shell.json(f"aws dynamodb scan --table-name {songs} {of}")
    shell.json(f"aws dynamodb delete-table --table-name {restored}")
    shell.json(f"aws dynamodb delete-backup --backup-arn {made['BackupArn']}")
    assert shell.json(f"aws dynamodb list-backups --table-name {songs}")["BackupSummaries"] == []


def test_streams(shell, songs):
    shell.json(f"""aws dynamodb update-table --table-name {songs} \\
    --stream-specification StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES""")
    wait_for("ACTIVE", lambda: shell.text(f"aws dynamodb describe-table --table-name {songs} --query Table.TableStatus") == "ACTIVE")
    arn = shell.text(f"aws dynamodb describe-table --table-name {songs} --query Table.LatestStreamArn")
    assert [s["StreamArn"] for s in shell.json(f"aws dynamodbstreams list-streams --table-name {songs}")["Streams"]] == [arn]
    shell.file("item.json", {"Artist": {"S": "Streamed"}, "SongTitle": {"S": "Once"}})
    shell.run(f"aws dynamodb put-item --table-name {songs} --item file://item.json").check_returncode()
    shards = shell.json(f"aws dynamodbstreams describe-stream --stream-arn {arn}")["StreamDescription"]["Shards"]
    records = []
    for shard in shards:
        iterator = shell.text(f"""aws dynamodbstreams get-shard-iterator --stream-arn {arn} --shard-id {shard["ShardId"]} \\
        --shard-iterator-type TRIM_HORIZON --query ShardIterator""")
        for _ in range(20):
            page = shell.json(f"aws dynamodbstreams get-records --shard-iterator '{iterator}'")
            records += page["Records"]
            iterator = page.get("NextShardIterator")
            if records or not iterator:
                break
    assert [(r["eventName"], r["dynamodb"]["Keys"]["Artist"]["S"]) for r in records] == [("INSERT", "Streamed")]


def test_export_and_import(shell, songs, on_reprise):
    """The bucket is a folder of the server's; AWS would want one of the caller's."""
    bucket = on_reprise.data / "buckets" / "music-exports"
    bucket.mkdir(parents=True)
    shell.json(f"""aws dynamodb update-continuous-backups --table-name {songs} \\
    --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true""")
    arn = shell.text(f"aws dynamodb describe-table --table-name {songs} --query Table.TableArn")
    made = shell.json(f"""aws dynamodb export-table-to-point-in-time --table-arn {arn} --s3-bucket music-exports --s3-prefix daily \\
    --export-format DYNAMODB_JSON""")["ExportDescription"]["ExportArn"]
    wait_for("the export", lambda: shell.text(f"""aws dynamodb describe-export --export-arn {made} \\
    --query ExportDescription.ExportStatus""") == "COMPLETED", 1800)
    assert made in [e["ExportArn"] for e in shell.json(f"aws dynamodb list-exports --table-arn {arn}")["ExportSummaries"]]
    data = next(bucket.glob("daily/AWSDynamoDB/*/data")).relative_to(bucket)
    name = unique("Imported")
    shell.file("table.json", {"TableName": name, "BillingMode": "PAY_PER_REQUEST", "KeySchema": [
        {"AttributeName": "Artist", "KeyType": "HASH"}, {"AttributeName": "SongTitle", "KeyType": "RANGE"}], "AttributeDefinitions": [
        {"AttributeName": "Artist", "AttributeType": "S"}, {"AttributeName": "SongTitle", "AttributeType": "S"}]})
    answer = shell.json(f"""aws dynamodb import-table --s3-bucket-source S3Bucket=music-exports,S3KeyPrefix={data}/ \\
    --input-format DYNAMODB_JSON --input-compression-type GZIP \\
    --table-creation-parameters file://table.json""")["ImportTableDescription"]
    wait_for("the import", lambda: shell.text(f"""aws dynamodb describe-import --import-arn {answer["ImportArn"]} \\
    --query ImportTableDescription.ImportStatus""") == "COMPLETED", 1800)
    of = "--query 'sort_by(Items, &SongTitle.S)'"
    assert shell.json(f"aws dynamodb scan --table-name {name} {of}") == shell.json(f"aws dynamodb scan --table-name {songs} {of}")
    shell.json(f"aws dynamodb delete-table --table-name {name}")


def test_batches_from_files(shell):
    """The developer guide's ProductCatalog and Forum tables, loaded with batch-write-item."""
    catalog, forum = unique("ProductCatalog"), unique("Forum")
    shell.json(f"""aws dynamodb create-table --table-name {catalog} --attribute-definitions AttributeName=Id,AttributeType=N \\
    --key-schema AttributeName=Id,KeyType=HASH --billing-mode PAY_PER_REQUEST""")
    shell.file("forum.json", {
        "TableName": forum, "KeySchema": [{"AttributeName": "Name", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "Name", "AttributeType": "S"}], "BillingMode": "PAY_PER_REQUEST"})
    shell.json("aws dynamodb create-table --cli-input-json file://forum.json")
    for name in (catalog, forum):
        shell.run(f"aws dynamodb wait table-exists --table-name {name}").check_returncode()
    bicycle = {"Id": {"N": "205"}, "Title": {"S": "18-Bike-204"}, "Price": {"N": "500"}, "Brand": {"S": "Brand-Company C"},
               "Color": {"L": [{"S": "Red"}, {"S": "Black"}]}, "InStock": {"BOOL": True}, "Authors": {"SS": ["A", "B"]},
               "Pictures": {"M": {"FrontView": {"S": "f.jpg"}}}, "Raw": {"B": "AAEC"}}
    shell.file("load.json", {
        catalog: [{"PutRequest": {"Item": bicycle | {"Id": {"N": str(n)}}}} for n in (101, 102, 205)],
        forum: [{"PutRequest": {"Item": {"Name": {"S": "Amazon DynamoDB"}, "Threads": {"N": "2"}}}}]})
    assert shell.json("aws dynamodb batch-write-item --request-items file://load.json") == {"UnprocessedItems": {}}
    shell.file("get.json", {catalog: {"Keys": [{"Id": {"N": "205"}}, {"Id": {"N": "999"}}], "ProjectionExpression": "Id, Color[1], Pictures.FrontView, #r",
                                      "ExpressionAttributeNames": {"#r": "Raw"}},
                            forum: {"Keys": [{"Name": {"S": "Amazon DynamoDB"}}]}})
    found = shell.json("aws dynamodb batch-get-item --request-items file://get.json")
    assert found["Responses"][catalog] == [{"Id": {"N": "205"}, "Color": {"L": [{"S": "Black"}]}, "Raw": {"B": "AAEC"},
                                            "Pictures": {"M": {"FrontView": {"S": "f.jpg"}}}}]
    assert found["Responses"][forum][0]["Threads"] == {"N": "2"} and found["UnprocessedKeys"] == {}
    changed = shell.json(f"""aws dynamodb update-item --table-name {catalog} --key '{{"Id":{{"N":"205"}}}}' \\
    --update-expression "SET Price = Price - :p, Color[5] = :c, Pictures.RearView = :r REMOVE InStock DELETE Authors :a" \\
    --expression-attribute-values '{{":p": {{"N":"15"}}, ":c": {{"S": "Blue"}}, ":r": {{"S": "r.jpg"}}, ":a": {{"SS": ["A"]}}}}' \\
    --return-values ALL_NEW""")["Attributes"]
    del bicycle["InStock"]
    assert changed == bicycle | {"Price": {"N": "485"}, "Color": {"L": [{"S": "Red"}, {"S": "Black"}, {"S": "Blue"}]}, "Authors": {"SS": ["B"]},
                                 "Pictures": {"M": {"FrontView": {"S": "f.jpg"}, "RearView": {"S": "r.jpg"}}}}
    for name in (catalog, forum):
        shell.json(f"aws dynamodb delete-table --table-name {name}")


def test_account_and_endpoints(shell):
    limits = shell.json("aws dynamodb describe-limits")
    assert limits["AccountMaxReadCapacityUnits"] >= limits["TableMaxReadCapacityUnits"] > 0
    assert shell.json("aws dynamodb describe-endpoints")["Endpoints"][0]["CachePeriodInMinutes"] == 1440
