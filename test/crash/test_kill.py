"""SIGKILL under mixed load, fifty times and more, each restart checked against every acknowledged write, against the
indexes, and against the past at random instants: reads as of, and restores that were themselves killed halfway.

The seed is printed on failure; REPRISE_CRASH_SEED repeats a run's choices (not its timing).
"""
import http.client
import os
import random
import threading
import time

import pytest

from crash.model import ABSENT, Model
from harness.raw import ApiError, RawClient
from harness.server import Server
from harness.tables import N, S, schema
from harness.waiting import wait_for

KILLS = int(os.environ.get("REPRISE_CRASH_KILLS", "50"))
WRITERS = 4
KEYS_PER_WRITER = 30
TABLE = "crash"
STILL_ITEMS = 1000
PROBES = 4  # instants of the past looked at after each restart


def plain(item: dict) -> dict:
    """An item without its key, as the model writes it."""
    return {k: v for k, v in item.items() if k != "pk"}


def scan(client: RawClient, table=TABLE, headers=None, **more) -> dict[str, dict]:
    found, start = {}, {}
    while True:
        page = client.call("Scan", _headers=headers, TableName=table, **more, **start)
        for item in page["Items"]:
            assert item["pk"]["S"] not in found, f"{item['pk']} came twice"
            found[item["pk"]["S"]] = plain(item)
        if "LastEvaluatedKey" not in page:
            return found
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


class Writer(threading.Thread):
    """Writes its own keys until the server goes away. Tells the model before it sends and after it is answered."""

    def __init__(self, number: int, server: Server, model: Model, seed: int):
        super().__init__(daemon=True)
        self.random = random.Random(seed)
        self.client = RawClient(server.endpoint, *server.credentials)
        self.model, self.number = model, number
        self.done, self.failure = 0, None

    def run(self):
        try:
            while True:
                self.step()
                self.done += 1
        except (OSError, http.client.HTTPException):
            return  # killed
        except BaseException as failure:  # told to the test, which raises it
            self.failure = failure
        finally:
            self.client.close()

    def step(self):
        name = f"w{self.number}-{self.random.randrange(KEYS_PER_WRITER)}"
        choice = self.random.random()
        if choice < 0.4:
            self.write(name, self.new_value(), self.put)
        elif choice < 0.7:
            self.write(name, self.bumped(name), self.update)
        elif choice < 0.85:
            self.write(name, ABSENT, self.delete)
        else:
            self.batch()

    def new_value(self):
        return {"id": N(self.random.getrandbits(60)), "n": N(0), "group": S(f"g{self.random.randrange(5)}"),
                "pad": S("x" * self.random.randrange(400))}

    def bumped(self, name):
        """What UpdateItem makes of the item: n one more, another id."""
        before = self.model.key(name).current or {}
        return before | {"id": N(self.random.getrandbits(60)), "n": N(int(before.get("n", N(0))["N"]) + 1),
                         "group": S(f"g{self.random.randrange(5)}")}

    def write(self, name, value, send):
        write = self.model.key(name).begin(value, time.time())
        send(name, value)
        write.end = time.time()

    def put(self, name, value):
        self.client.call("PutItem", TableName=TABLE, Item={"pk": S(name)} | value)

    def update(self, name, value):
        self.client.call("UpdateItem", TableName=TABLE, Key={"pk": S(name)}, UpdateExpression="SET id = :i, #g = :g ADD n :one",
                         ExpressionAttributeNames={"#g": "group"},
                         ExpressionAttributeValues={":i": value["id"], ":g": value["group"], ":one": N(1)})

    def delete(self, name, value):
        self.client.call("DeleteItem", TableName=TABLE, Key={"pk": S(name)})

    def batch(self):
        names = [f"w{self.number}-{i}" for i in self.random.sample(range(KEYS_PER_WRITER), 5)]
        writes = [(n, self.new_value() if self.random.random() < 0.7 else ABSENT) for n in names]
        begun = [self.model.key(n).begin(v, time.time()) for n, v in writes]
        answer = self.client.call("BatchWriteItem", RequestItems={TABLE: [
            {"PutRequest": {"Item": {"pk": S(n)} | v}} if v else {"DeleteRequest": {"Key": {"pk": S(n)}}} for n, v in writes]})
        assert not answer.get("UnprocessedItems")
        for write in begun:
            write.end = time.time()


class Crash:
    """One server, one model, and as many lives as asked for."""

    def __init__(self, server: Server, seed: int):
        self.server, self.random, self.model = server, random.Random(seed), Model()
        self.clones: dict[str, float] = {}  # restored table -> its instant
        self.begin = 0.0
        self.instants: list[float] = []  # of the lives so far, to look at again
        self.acknowledged = self.restores = 0

    def client(self) -> RawClient:
        return RawClient(self.server.endpoint, *self.server.credentials)

    def prepare(self):
        client = self.client()
        client.call("CreateTable", TableName=TABLE, **schema("pk", indexes=[("by-group", ["group", "id:N"])]))
        wait_for("ACTIVE", lambda: client.call("DescribeTable", TableName=TABLE)["Table"]["TableStatus"] == "ACTIVE")
        client.call("UpdateContinuousBackups", TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
        for start in range(0, STILL_ITEMS, 25):
            self.put_still_items(client, start)
        self.begin = time.time() + 0.01

    def put_still_items(self, client: RawClient, start: int):
        """Items no writer touches: a clone has them to copy, and no crash may touch them either."""
        values = {f"still-{i}": {"id": N(i), "group": S("still"), "pad": S("x" * 500)} for i in range(start, start + 25)}
        begun = [self.model.key(name).begin(value, time.time()) for name, value in values.items()]
        client.call("BatchWriteItem", RequestItems={TABLE: [{"PutRequest": {"Item": {"pk": S(n)} | v}} for n, v in values.items()]})
        for write in begun:
            write.end = time.time()

    def life(self, number: int):
        """Load, perhaps a restore in the middle of it, SIGKILL, restart, checks."""
        writers = [Writer(w, self.server, self.model, self.random.getrandbits(32)) for w in range(WRITERS)]
        for writer in writers:
            writer.start()
        self.random_wait(writers)
        if number % 3 == 2:
            self.restore(f"clone-{number}")
            time.sleep(self.random.random() * 0.05)  # how far its copy gets is left to chance
        self.server.process.kill()
        killed_at = time.time()
        self.server.process.wait()
        for writer in writers:
            writer.join(30)
            assert not writer.is_alive(), "a writer hangs after its server died"
            if writer.failure:
                raise writer.failure
        self.acknowledged += sum(w.done for w in writers)
        self.instants.append(self.random.uniform(self.begin, killed_at))
        self.server.start()
        self.check(killed_at)

    def random_wait(self, writers):
        """Some writes of every writer, and then a moment more."""
        wait_for("every writer to write", lambda: all(w.done >= 3 or not w.is_alive() for w in writers), 30)
        time.sleep(self.random.random() * 0.4)

    def restore(self, name: str):
        second = int(self.random.uniform(self.begin + 1, time.time()))
        if second <= self.begin:
            return
        try:
            self.client().call("RestoreTableToPointInTime", SourceTableName=TABLE, TargetTableName=name, RestoreDateTime=second)
        except ApiError as error:
            assert error.code == "InvalidRestoreTimeException" and second > time.time() - 2, error
            return
        self.clones[name] = second
        self.restores += 1

    def check(self, killed_at: float):
        client = self.client()
        present = scan(client, ConsistentRead=True)
        self.model.settle(present, killed_at)
        assert scan(client, IndexName="by-group") == present, "the index differs from its table"
        for instant in self.random.sample(self.instants, min(len(self.instants), PROBES - 1)) + [
                self.random.uniform(self.begin, killed_at)]:
            self.check_past(client, instant)
        for name, instant in list(self.clones.items()):
            wait_for(f"{name} to be ACTIVE", lambda: client.call("DescribeTable", TableName=name)["Table"]["TableStatus"] == "ACTIVE")
            restored = scan(client, name, ConsistentRead=True)
            self.model.check_past(instant, restored, f"table restored to {instant}")
            assert scan(client, name, IndexName="by-group") == restored, "the restored index differs from its table"
        while len(self.clones) > 2:
            name = next(iter(self.clones))
            client.call("DeleteTable", TableName=name)
            del self.clones[name]
        client.close()

    def check_past(self, client: RawClient, instant: float):
        headers = {"x-reprise-as-of": f"{instant:.6f}"}
        found = scan(client, headers=headers)
        self.model.check_past(instant, found, f"scan as of {instant:.6f}")
        for name in self.random.sample(sorted(self.model.keys), min(len(self.model.keys), 5)):
            item = client.call("GetItem", _headers=headers, TableName=TABLE, Key={"pk": S(name)}).get("Item")
            assert (plain(item) if item else ABSENT) == found.get(name, ABSENT), f"GetItem and Scan as of {instant:.6f} differ on {name}"


def test_kill_and_compare():
    seed = int(os.environ.get("REPRISE_CRASH_SEED", random.randrange(2**32)))
    with Server() as server:
        crash = Crash(server, seed)
        crash.prepare()
        for number in range(KILLS):
            try:
                crash.life(number)
            except BaseException as failure:
                raise AssertionError(f"life {number} of seed {seed}; the server said:\n{server.output()}") from failure
        assert crash.acknowledged > KILLS * WRITERS * 3
        assert crash.restores >= KILLS // 10
        print(f"{KILLS} kills, {crash.acknowledged} acknowledged writes, {crash.restores} restores, seed {seed}")


@pytest.mark.parametrize("moment", range(6))
def test_kill_while_tables_come_and_go(moment):
    """A table is wholly there or wholly not, whatever moment CreateTable, UpdateTable or DeleteTable was cut at."""
    with Server() as server:
        client = RawClient(server.endpoint, *server.credentials)
        stop = threading.Event()

        def churn():
            mine = RawClient(server.endpoint, *server.credentials)
            try:
                for i in range(100_000):
                    name = f"table-{i % 7}"
                    mine.call("CreateTable", TableName=name, **schema("pk", indexes=[("gsi", ["a"])]))
                    mine.call("PutItem", TableName=name, Item={"pk": S("x"), "a": S("y")})
                    if i % 3:
                        mine.call("DeleteTable", TableName=name)
                    elif i >= 7 * 3:
                        return
            except (OSError, http.client.HTTPException, ApiError):
                return
            finally:
                stop.set()

        thread = threading.Thread(target=churn, daemon=True)
        thread.start()
        time.sleep(0.03 + moment * 0.05)
        server.kill()
        thread.join(30)
        server.start()
        client.close()
        for name in client.call("ListTables")["TableNames"]:
            status = client.call("DescribeTable", TableName=name)["Table"]["TableStatus"]
            assert status in ("ACTIVE", "CREATING", "DELETING")
            if status == "ACTIVE":
                assert scan(client, name) == scan(client, name, IndexName="gsi")
                client.call("DeleteTable", TableName=name)
        client.close()
