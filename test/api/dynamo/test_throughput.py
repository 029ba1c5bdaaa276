"""Provisioned throughput as a limit (`--enforce-throughput`), and none without it."""
import pytest

from harness.server import Server
from harness.tables import N, S, refused, schema, wait_active

TABLE = ("The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning "
         "level with the UpdateTable API.")
INDEX = ("The level of configured provisioned throughput for one or more global secondary indexes of the table was exceeded. "
         "Consider increasing your provisioning level for the under-provisioned global secondary indexes with the UpdateTable "
         "API.")
EXCEEDED = "ProvisionedThroughputExceededException"
BURST = 300  # seconds of provisioned capacity


@pytest.fixture(scope="module")
def limited():
    """A client of a server that throttles."""
    with Server("--enforce-throughput") as server:
        yield server.client()


def provisioned(db, name, reads=1, writes=1, **more):
    parameters = schema("pk", **more)
    del parameters["BillingMode"]
    throughput = {"ReadCapacityUnits": reads, "WriteCapacityUnits": writes}
    for index in parameters.get("GlobalSecondaryIndexes", []):
        index["ProvisionedThroughput"] = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    db.create_table(TableName=name, ProvisionedThroughput=throughput, **parameters)
    wait_active(db, name)
    return name


def kilobytes(count):
    """An attribute of so many KB, less what leaves room for the key."""
    return S("x" * (count * 1024 - 50))


def drain_writes(db, table):
    """Uses up the burst in a few large writes; a second or so of capacity may come back meanwhile."""
    db.put_item(TableName=table, Item={"pk": S("drain"), "v": kilobytes(299)})
    for _ in range(100):
        try:
            db.put_item(TableName=table, Item={"pk": S("d"), "v": kilobytes(20)})
        except db.exceptions.ProvisionedThroughputExceededException:
            return
    pytest.fail("nothing was throttled")


def test_writes(limited):
    table = provisioned(limited, "writes")
    drain_writes(limited, table)
    with refused(EXCEEDED, TABLE):
        limited.put_item(TableName=table, Item={"pk": S("a"), "v": kilobytes(30)})
    assert "Item" in limited.get_item(TableName=table, Key={"pk": S("drain")}), "reads are counted apart"
    assert "Item" not in limited.get_item(TableName=table, Key={"pk": S("a")})


def test_reads(limited):
    table = provisioned(limited, "reads", writes=1000)
    for i in range(3):
        limited.put_item(TableName=table, Item={"pk": S(f"k{i}"), "v": kilobytes(390)})
    with refused(EXCEEDED, TABLE):
        for _ in range(10):  # 98 units each
            limited.get_item(TableName=table, Key={"pk": S("k0")}, ConsistentRead=True)
    with refused(EXCEEDED, TABLE):
        limited.scan(TableName=table)


def test_an_index(limited):
    table = provisioned(limited, "indexed", writes=1000, indexes=[("gsi", ["g"])])
    with refused(EXCEEDED, INDEX):
        for i in range(5):
            limited.put_item(TableName=table, Item={"pk": S(f"k{i}"), "g": S("g"), "v": kilobytes(100)})
    limited.put_item(TableName=table, Item={"pk": S("k9"), "v": kilobytes(100)})


def test_batches_leave_the_rest(limited):
    table = provisioned(limited, "batches")
    puts = [{"PutRequest": {"Item": {"pk": S(f"k{i}"), "v": kilobytes(30)}}} for i in range(20)]
    answer = limited.batch_write_item(RequestItems={table: puts})
    left = answer["UnprocessedItems"][table]
    assert 8 <= len(left) <= 11 and all(request in puts for request in left)
    with refused(EXCEEDED, TABLE):
        limited.batch_write_item(RequestItems={table: left})
    keys = [{"pk": S(f"k{i % 20}")} for i in range(20)]
    written = [k for k in keys if k["pk"] not in [p["PutRequest"]["Item"]["pk"] for p in left]]
    read = limited.batch_get_item(RequestItems={table: {"Keys": written}})
    assert len(read["Responses"][table]) == len(written) and read["UnprocessedKeys"] == {}


def test_transactions_are_cancelled(limited):
    table = provisioned(limited, "transactions")
    other = provisioned(limited, "other", writes=1000)
    drain_writes(limited, table)
    with pytest.raises(limited.exceptions.TransactionCanceledException) as caught:
        limited.transact_write_items(TransactItems=[
            {"Put": {"TableName": other, "Item": {"pk": S("a")}}},
            {"Put": {"TableName": table, "Item": {"pk": S("a"), "v": kilobytes(30)}}}])
    assert caught.value.response["CancellationReasons"] == [
        {"Code": "None"}, {"Code": "ProvisionedThroughputExceeded", "Message": TABLE}]
    assert "Item" not in limited.get_item(TableName=other, Key={"pk": S("a")})


def test_more_capacity_helps_at_once(limited):
    table = provisioned(limited, "raised")
    drain_writes(limited, table)
    limited.update_table(TableName=table, ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 40_000})
    wait_active(limited, table)
    for i in range(20):  # far more than 300 units
        while True:
            try:
                limited.put_item(TableName=table, Item={"pk": S(f"k{i}"), "v": kilobytes(100)})
                break
            except limited.exceptions.ProvisionedThroughputExceededException:
                continue  # the bucket fills 40 units a millisecond


def test_on_demand_tables_have_no_limit(limited):
    limited.create_table(TableName="on-demand", **schema("pk"))
    wait_active(limited, "on-demand")
    for i in range(10):
        limited.put_item(TableName="on-demand", Item={"pk": S(f"k{i}"), "v": kilobytes(390)})


def test_nothing_is_limited_without_the_flag(endpoint, make_table):
    client = endpoint.client()
    parameters = schema("pk")
    del parameters["BillingMode"]
    table = make_table(parameters | {"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}})
    if endpoint.server is None:
        pytest.skip("the real service throttles")
    for i in range(5):
        client.put_item(TableName=table, Item={"pk": S(f"k{i}"), "v": kilobytes(390), "n": N(i)})
