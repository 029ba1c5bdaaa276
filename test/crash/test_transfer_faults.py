"""SIGKILL at every fault point of exports and imports. After the restart each one that was answered ends right: every
item exactly once in the export, every good line in the imported table, every bad one in the report.

The same steps are cut off inside the process in src/dynamo/archive/transfers_interrupted_test.cc.
"""
import json

import pytest

from harness.faults import fault_points, kill_at
from harness.server import Server
from harness.tables import S, fill, scan_all, schema
from harness.transfers import ended_export, ended_import, exported_lines, objects

ITEMS, GOOD, BAD = 300, 5000, 3


def points() -> list[str]:
    ours = [p for p in fault_points("dynamo/archive/*.cc") if p.startswith(("export.", "import.", "transfer."))]
    # The second and third time of steps that come more than once, and the job runner's own.
    more = [f"{p}:{n}" for p in ("export.before_file", "export.after_file", "export.after_object", "import.before_batch",
                                 "import.after_batch", "jobs.before_step_saved", "jobs.after_step_saved") for n in (2, 3)]
    return sorted(ours) + more + ["transfer.before_job:2", "transfer.after_job:2"]


class Story:
    """One export and one import; what was answered is remembered."""

    def __init__(self, server):
        self.server, self.exported, self.imported = server, None, None

    def prepare(self):
        client = self.server.client()
        client.create_table(TableName="source", **schema("pk"))
        client.update_continuous_backups(TableName="source",
                                         PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
        fill(client, "source", [{"pk": S(f"k{i}"), "v": S("before")} for i in range(ITEMS)])
        self.arn = client.describe_table(TableName="source")["Table"]["TableArn"]
        folder = self.server.data / "buckets" / "bucket"
        folder.mkdir()
        text = "".join(json.dumps({"Item": {"pk": S(f"k{i}")}}) + "\n" for i in range(GOOD // 2))
        more = "".join(json.dumps({"Item": {"pk": S(f"m{i}")}}) + "\n" for i in range(GOOD // 2))
        (folder / "in-1").write_text(text + "rubbish\n" * BAD)
        (folder / "in-2").write_text(more)

    def tell(self):
        client = self.server.client()
        self.exported = client.export_table_to_point_in_time(TableArn=self.arn, S3Bucket="bucket")["ExportDescription"][
            "ExportArn"]
        ended_export(client, self.exported)
        # Writes after the export's moment must not be in it, whenever it is made.
        fill(client, "source", [{"pk": S(f"k{i}"), "v": S("after")} for i in range(ITEMS)])
        self.imported = client.import_table(
            S3BucketSource={"S3Bucket": "bucket", "S3KeyPrefix": "in-"}, InputFormat="DYNAMODB_JSON",
            TableCreationParameters={"TableName": "made"} | schema("pk"))["ImportTableDescription"]["ImportArn"]
        ended_import(client, self.imported)

    def check(self):
        client = self.server.client()
        client.put_item(TableName="source", Item={"pk": S("later"), "v": S("after")})
        exports = [e["ExportArn"] for e in client.list_exports()["ExportSummaries"]]
        imports = [i["ImportArn"] for i in client.list_imports()["ImportSummaryList"]]
        assert self.exported is None or exports == [self.exported]
        assert self.imported is None or imports == [self.imported]
        for arn in exports:
            ended = ended_export(client, arn)
            assert ended["ExportStatus"] == "COMPLETED" and ended["ItemCount"] == ITEMS, ended
            lines = exported_lines(objects(self.server.data / "buckets" / "bucket"), ended["ExportManifest"])
            found = [json.loads(line)["Item"] for line in lines]
            assert {i["pk"]["S"] for i in found} == {f"k{i}" for i in range(ITEMS)}
            assert {i["v"]["S"] for i in found} == {"before"}
        for arn in imports:
            ended = ended_import(client, arn)
            counts = [ended[c] for c in ("ProcessedItemCount", "ImportedItemCount", "ErrorCount")]
            assert counts == [GOOD + BAD, GOOD, BAD], ended
            assert len(scan_all(client, "made")) == GOOD
            assert client.describe_table(TableName="made")["Table"]["TableStatus"] == "ACTIVE"
            text = (self.server.data / "imports" / arn.split("/")[-1] / "error").read_text()
            assert len(text.splitlines()) == BAD
        if not imports:
            assert "made" not in client.list_tables()["TableNames"]


@pytest.mark.parametrize("point", points())
def test_killed_at(point):
    with Server() as server:
        story = Story(server)
        story.prepare()
        kill_at(server, point, story.tell)
        story.check()
