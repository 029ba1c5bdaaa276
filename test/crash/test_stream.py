"""A stream is the whole truth: replaying its records gives the table at any moment, although the server is killed again
and again while four clients write (puts, updates, deletes, batches, transactions).

What is compared with what: the old image of each record with what the records before it have made; the end with a Scan;
random instants with a Scan as of then; and every acknowledged write with the end.

REPRISE_CRASH_SEED repeats a run's choices (not its timing).
"""
import http.client
import os
import random
import threading

import pytest

from harness.raw import ApiError, RawClient
from harness.server import Server, client_config
from harness.tables import N, S, scan_all, schema, wait_active

KILLS = int(os.environ.get("REPRISE_STREAM_KILLS", "6"))
WRITES_BETWEEN = 400
WRITERS = 4
KEYS = 25
TABLE = "streamed"
PROBES = 25


class Writer(threading.Thread):
    """Changes its own keys until the server goes away; `last` is what each acknowledged write left."""

    def __init__(self, number: int, server: Server, seed: int):
        super().__init__(daemon=True)
        self.random, self.number = random.Random(seed), number
        self.client = RawClient(server.endpoint, *server.credentials)
        self.last, self.unsure, self.done, self.failure = {}, set(), 0, None

    def run(self):
        try:
            while True:
                self.step()
        except (OSError, http.client.HTTPException):
            return  # killed
        except BaseException as failure:  # told to the test, which raises it
            self.failure = failure
        finally:
            self.client.close()

    def key(self) -> str:
        return f"w{self.number}-{self.random.randrange(KEYS)}"

    def item(self, name: str) -> dict:
        return {"pk": S(name), "n": N(self.random.getrandbits(40)), "g": S(f"g{self.random.randrange(4)}"),
                "pad": S("x" * self.random.randrange(300))}

    def step(self):
        choice = self.random.random()
        if choice < 0.5:
            item = self.item(self.key())
            self.send({item["pk"]["S"]: item}, "PutItem", TableName=TABLE, Item=item)
        elif choice < 0.7:
            name = self.key()
            self.send({name: None}, "DeleteItem", TableName=TABLE, Key={"pk": S(name)})
        else:
            names = sorted({self.key() for _ in range(6)})
            wanted = {name: None if self.random.random() < 0.3 else self.item(name) for name in names}
            if choice < 0.85:
                self.send(wanted, "BatchWriteItem", RequestItems={TABLE: [
                    {"PutRequest": {"Item": item}} if item else {"DeleteRequest": {"Key": {"pk": S(name)}}}
                    for name, item in wanted.items()]})
            else:
                self.send(wanted, "TransactWriteItems", TransactItems=[
                    {"Put": {"TableName": TABLE, "Item": item}} if item else
                    {"Delete": {"TableName": TABLE, "Key": {"pk": S(name)}}} for name, item in wanted.items()])

    def send(self, wanted: dict, operation: str, **parameters):
        self.unsure = set(wanted)
        self.client.call(operation, **parameters)
        self.last |= wanted
        self.unsure = set()
        self.done += 1


class Reader:
    """Follows the stream, over restarts by the number of the last record it has seen."""

    def __init__(self, server: Server, arn: str):
        self.server, self.arn = server, arn
        self.records = []

    def catch_up(self):
        client = self.server.session().client("dynamodbstreams", endpoint_url=self.server.endpoint,
                                              config=client_config())
        [shard] = client.describe_stream(StreamArn=self.arn)["StreamDescription"]["Shards"]
        where = ({"ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                  "SequenceNumber": self.records[-1]["dynamodb"]["SequenceNumber"]} if self.records
                 else {"ShardIteratorType": "TRIM_HORIZON"})
        start = client.get_shard_iterator(StreamArn=self.arn, ShardId=shard["ShardId"], **where)["ShardIterator"]
        empty = 0
        while empty < 2:  # nobody writes: the second empty page is the end
            page = client.get_records(ShardIterator=start, Limit=random.choice((3, 100, 1000)))
            self.records += page["Records"]
            start, empty = page["NextShardIterator"], 0 if page["Records"] else empty + 1


def replay(records, until=None) -> dict:
    """The table after the records up to a time (microseconds); each must change what those before it have left."""
    table = {}
    for record in records:
        if until is not None and micros(record) > until:
            break
        change = record["dynamodb"]
        name, old, new = change["Keys"]["pk"]["S"], change.get("OldImage"), change.get("NewImage")
        assert table.get(name) == old, f"{name}: {record}"
        assert record["eventName"] == ("REMOVE" if new is None else "MODIFY" if old else "INSERT")
        assert old != new
        if new is None:
            del table[name]
        else:
            table[name] = new
    return table


def micros(record) -> int:
    """The change's time: what Reprise makes its sequence numbers of."""
    return int(record["dynamodb"]["SequenceNumber"][1:21]) >> 12


def by_name(items) -> dict:
    return {item["pk"]["S"]: item for item in items}


def scan_as_of(client: RawClient, instant: int) -> dict:
    headers = {"x-reprise-as-of": f"{instant // 1_000_000}.{instant % 1_000_000:06d}"}
    items, start = [], {}
    while True:
        page = client.call("Scan", _headers=headers, TableName=TABLE, **start)
        items += page["Items"]
        if "LastEvaluatedKey" not in page:
            return by_name(items)
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def write_until_killed(server: Server, seed: int) -> list[Writer]:
    writers = [Writer(n, server, seed * WRITERS + n) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    while sum(w.done for w in writers) < WRITES_BETWEEN and not any(w.failure for w in writers):
        writers[0].join(0.01)
    server.kill()
    for writer in writers:
        writer.join()
        if writer.failure:
            raise writer.failure
    return writers


def test_replaying_a_stream_gives_the_table():
    seed = int(os.environ.get("REPRISE_CRASH_SEED", random.randrange(2**32)))
    print("REPRISE_CRASH_SEED =", seed)
    choices = random.Random(seed)
    with Server() as server:
        db = server.client()
        db.create_table(TableName=TABLE, StreamSpecification={
            "StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}, **schema("pk", indexes=[("by-g", ["g"])]))
        wait_active(db, TABLE)
        db.update_continuous_backups(TableName=TABLE,
                                     PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
        reader = Reader(server, db.describe_table(TableName=TABLE)["Table"]["LatestStreamArn"])
        for run in range(KILLS):
            writers = write_until_killed(server, seed + run)
            server.start()
            reader.catch_up()
            table = replay(reader.records)
            assert table == by_name(scan_all(server.client(), TABLE))
            for writer in writers:
                for name, item in writer.last.items():
                    assert name in writer.unsure or table.get(name) == item, name
        numbers = [int(r["dynamodb"]["SequenceNumber"]) for r in reader.records]
        assert numbers == sorted(set(numbers))
        raw = RawClient(server.endpoint, *server.credentials)
        for _ in range(PROBES):
            # Times of changes and the moments around them are where it could go wrong.
            instant = micros(choices.choice(reader.records)) + choices.randrange(-1, 2)
            if instant < micros(reader.records[0]):
                continue
            try:
                assert scan_as_of(raw, instant) == replay(reader.records, instant), instant
            except ApiError as refused:
                pytest.fail(f"as of {instant}: {refused}")
        raw.close()
