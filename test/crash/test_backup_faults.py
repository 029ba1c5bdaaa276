"""SIGKILL at every fault point of backups: making one, restoring it, deleting it. After the restart what was answered
holds, every backup that is listed is whole, and when all are deleted the backup location is empty.

The same steps are cut off inside the process in src/dynamo/archive/backups_interrupted_test.cc.
"""
import os

import pytest

from harness.faults import fault_points, kill_at
from harness.server import Server
from harness.tables import N, S, fill, scan_all, schema, wait_active
from harness.waiting import wait_for

FAMILIES = ("create_backup.", "backup.", "backup_jobs.", "restore_backup.", "backup_restore.", "backup_delete.")
UNREACHED = ("give_up",)  # of a damaged backup


def points() -> list[str]:
    ours = [p for p in fault_points("dynamo/archive/*.cc") if p.startswith(FAMILIES) and not p.endswith(UNREACHED)]
    steps = [f"jobs.{when}:{n}" for when in ("before_start", "after_start", "before_step_saved", "after_step_saved")
             for n in (1, 2, 3)]
    return sorted(ours) + steps + [f"backup_jobs.before_start:{n}" for n in (2, 3)]


def rows(client, name, index=None):
    if index:
        pages = client.get_paginator("scan").paginate(TableName=name, IndexName=index)
        return {i["pk"]["S"]: i for page in pages for i in page["Items"]}
    return {i["pk"]["S"]: i for i in scan_all(client, name)}


def files_in(directory) -> list[str]:
    """Also while folders come and go."""
    return [name for _, _, names in os.walk(directory) for name in names]


class Story:
    """Back up, restore, delete; what was answered is remembered."""

    def __init__(self, server):
        self.server, self.arn, self.restoring, self.deleting = server, None, False, False

    def prepare(self):
        client = self.server.client()
        client.create_table(TableName="table", **schema("pk", indexes=[("by-n", ["n:N"])]))
        wait_active(client, "table")
        fill(client, "table", [{"pk": S(f"i{i}"), "n": N(i % 5), "pad": S("x" * 300)} for i in range(500)])
        self.expected = rows(client, "table")

    def tell(self):
        client = self.server.client()
        self.arn = client.create_backup(TableName="table", BackupName="backup")["BackupDetails"]["BackupArn"]
        client.put_item(TableName="table", Item={"pk": S("later")})
        self.wait_available(client)
        client.restore_table_from_backup(BackupArn=self.arn, TargetTableName="again")
        self.restoring = True
        wait_active(client, "again")
        wait_for("the backup to be let go", lambda: self.delete(client))
        self.deleting = True

    def delete(self, client):
        try:
            return client.delete_backup(BackupArn=self.arn)
        except client.exceptions.BackupInUseException:
            return None

    def wait_available(self, client):
        wait_for("the backup", lambda: client.describe_backup(BackupArn=self.arn)["BackupDescription"]["BackupDetails"][
            "BackupStatus"] == "AVAILABLE")

    def check(self):
        client = self.server.client()
        listed = client.list_backups()["BackupSummaries"]
        if self.arn and not self.deleting and listed:
            assert [b["BackupArn"] for b in listed] == [self.arn]
            self.wait_available(client)
        if self.arn and not self.restoring:
            assert listed, "a backup that was answered is gone"
        if self.deleting:
            assert not listed
        if self.restoring or "again" in client.list_tables()["TableNames"]:
            wait_active(client, "again")
            assert rows(client, "again") == self.expected and rows(client, "again", "by-n") == self.expected
        for number, backup in enumerate(listed):
            self.arn = backup["BackupArn"]
            self.wait_available(client)
            wait_for("it to be free", lambda n=number: self.restore(client, f"check-{n}"))
            wait_active(client, f"check-{number}")
            assert rows(client, f"check-{number}") == self.expected
            wait_for("it to be free", lambda: self.delete(client))
        wait_for("the location to be empty", lambda: not files_in(self.server.data / "backups"))

    def restore(self, client, target):
        try:
            return client.restore_table_from_backup(BackupArn=self.arn, TargetTableName=target)
        except client.exceptions.BackupInUseException:
            return None


@pytest.mark.parametrize("point", points())
def test_killed_at(point):
    with Server() as server:
        story = Story(server)
        story.prepare()
        kill_at(server, point, story.tell)
        story.check()
