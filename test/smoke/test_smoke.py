"""A short walk through the whole server. `make sanitize` runs it under each sanitizer, where it must end cleanly."""
import concurrent.futures
import datetime

from harness.server import Server
from harness.tables import N, S, fill, scan_all, schema, unique, wait_active


def test_a_table_s_life():
    with Server() as server:
        db, name = server.client(), unique("smoke")
        db.create_table(TableName=name, **schema("pk", "sk:N", indexes=[("by-kind", ["kind", "sk:N"])]))
        wait_active(db, name)
        db.update_continuous_backups(TableName=name,
                                     PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
        fill(db, name, [{"pk": S(f"p{i % 5}"), "sk": N(i), "kind": S(f"k{i % 3}")} for i in range(200)])

        def work(worker):
            for i in range(50):
                key = {"pk": S(f"w{worker}"), "sk": N(i)}
                db.put_item(TableName=name, Item=key | {"kind": S("new")})
                db.update_item(TableName=name, Key=key, UpdateExpression="ADD hits :one",
                               ExpressionAttributeValues={":one": N(1)})
                if i % 2:
                    db.delete_item(TableName=name, Key=key)

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
        assert len(scan_all(db, name)) == 200 + 8 * 25
        answer = db.query(TableName=name, IndexName="by-kind", KeyConditionExpression="kind = :k",
                          ExpressionAttributeValues={":k": S("new")})
        assert answer["Count"] == 8 * 25

        backups = db.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        latest = backups["PointInTimeRecoveryDescription"]["LatestRestorableDateTime"]
        assert latest <= datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1)
        db.restore_table_to_point_in_time(SourceTableName=name, TargetTableName=name + "-restored",
                                          UseLatestRestorableTime=True)
        wait_active(db, name + "-restored")
        server.restart()
        db = server.client()
        restored = scan_all(db, name + "-restored")
        assert restored and {i["pk"]["S"] for i in restored} <= {i["pk"]["S"] for i in scan_all(db, name)}
        for table in (name, name + "-restored"):
            db.delete_table(TableName=table)
