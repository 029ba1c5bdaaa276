"""The DynamoDB API: batches, transactions, pages, indexes, streams, exports."""

import json
import os
import threading
import time

from harness import Server

ITEM_BYTES = 1000


def table_with_indexes(server, name, count):
    """A table with `count` global indexes on the attribute that every put changes."""
    indexes = [{"IndexName": f"by-n-{i}", "KeySchema": [{"AttributeName": "n", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"}} for i in range(count)]
    attributes = [{"AttributeName": "pk", "AttributeType": "S"}]
    body = {"TableName": name, "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "AttributeDefinitions": attributes}
    if indexes:
        attributes.append({"AttributeName": "n", "AttributeType": "N"})
        body["GlobalSecondaryIndexes"] = indexes
    server.call("CreateTable", body)


def batches(bench, scratch):
    server = Server(bench.build, f"{scratch}/batches")
    server.start()
    server.create_table("items", True)

    def rate(mix, batch, *more):
        return server.load("--mix", mix, "--table", "items", "--batch", batch, "--seconds", bench.seconds, "--warmup", 0.3,
                           *more)["rate"] * batch

    bench.ratio("TransactWriteItems of 10 puts against ten puts in one BatchWriteItem, 16 connections",
                lambda: rate("transact", 10, "--connections", 16), lambda: rate("fill", 10, "--connections", 16), 0.5, "items/s")
    bench.ratio("BatchWriteItem of 25 against single puts, items a second at one connection",
                lambda: rate("fill", 25, "--connections", 1), lambda: rate("put", 1, "--connections", 1), 5, "items/s")
    server.stop()


def pages(bench, scratch):
    """Bytes of items over the processor time that the server spent on them: what one core could deliver."""
    items = 20_000 if bench.quick else 100_000
    server = Server(bench.build, f"{scratch}/pages")
    server.start()
    server.create_table("items", False)
    server.fill("items", items, ITEM_BYTES)
    collection = {"TableName": "lists", "BillingMode": "PAY_PER_REQUEST",
                  "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "n", "AttributeType": "N"}],
                  "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}]}
    server.call("CreateTable", collection)
    for first in range(0, 1100, 25):
        server.call("BatchWriteItem", {"RequestItems": {"lists": [
            {"PutRequest": {"Item": {"pk": {"S": "one"}, "n": {"N": str(n)}, "payload": {"S": "x" * ITEM_BYTES}}}}
            for n in range(first, first + 25)]}})
    server.call("Query", one_list())

    def scan():
        before = server.processor_seconds()
        server.load("--mix", "scan-table", "--table", "items")
        return items * ITEM_BYTES / 1e6 / (server.processor_seconds() - before)

    def query():
        before, calls = server.processor_seconds(), 60
        for _ in range(calls):
            answer = server.call("Query", one_list())
        return calls * answer["Count"] * ITEM_BYTES / 1e6 / (server.processor_seconds() - before)

    for figure, measure in (("Scan of a whole table", scan), ("Query pages of 1 MB", query)):
        reached = max(measure() for _ in range(bench.rounds))
        bench.row(f"{figure}, items delivered by one core", f"{reached:.0f} MB/s", ">= 200 MB/s",
                  f"items of {ITEM_BYTES} bytes over the server's processor time; printing JSON and sending bound it", reached >= 200)
    server.stop()


def one_list():
    return {"TableName": "lists", "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "one"}}}


def indexes(bench, scratch):
    server = Server(bench.build, f"{scratch}/indexes")
    server.start()
    table_with_indexes(server, "none", 0)
    table_with_indexes(server, "five", 5)

    def put(table):
        return server.load("--mix", "put", "--table", table, "--seconds", bench.seconds, "--warmup", 0.5)["rate"]

    bench.ratio("PutItem into a table with 5 global indexes, each entry moving, against one with none",
                lambda: put("five"), lambda: put("none"), 0.3, "puts/s")
    server.stop()


def streams(bench, scratch):
    server = Server(bench.build, f"{scratch}/streams")
    server.start()
    server.create_table("items", False)
    server.call("UpdateTable", {"TableName": "items", "StreamSpecification": {
        "StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}})
    written = server.load("--mix", "put", "--table", "items", "--seconds", 2 * bench.seconds)
    read = server.load("--mix", "read-stream", "--table", "items")
    rate = read["records"] / read["seconds"]
    whole = read["records"] == written["operations"]
    bench.row("GetRecords with both images, one reader, against the rate of the writes at 64 connections",
              f"{rate / written['rate']:.2f}", ">= 1", f"{rate:,.0f} records/s against {written['rate']:,.0f} puts/s; "
              + ("every write read" if whole else f"{read['records']} records of {written['operations']} writes"),
              whole and rate >= written["rate"])
    server.stop()


def exports(bench, scratch):
    items = 50_000 if bench.quick else 1_000_000
    os.mkdir(f"{scratch}/buckets")
    os.mkdir(f"{scratch}/buckets/exports")
    server = Server(bench.build, f"{scratch}/exports", "--buckets-dir", f"{scratch}/buckets")
    server.start()
    server.create_table("items", True)
    server.create_table("others", True)
    server.fill("items", items, 300)
    arn = server.call("DescribeTable", {"TableName": "items"})["Table"]["TableArn"]

    def put():
        return server.load("--mix", "put", "--table", "others", "--seconds", bench.seconds, "--warmup", 0.3)["rate"]

    alone = sorted(put() for _ in range(3))[1]
    started = time.monotonic()
    export = server.call("ExportTableToPointInTime", {"TableArn": arn, "S3Bucket": "exports"})["ExportDescription"]["ExportArn"]
    beside, most = [], 0.0

    def watch():
        nonlocal most
        while not done.is_set():
            most = max(most, server.memory_mebibytes())
            done.wait(0.05)

    done = threading.Event()
    watcher = threading.Thread(target=watch)
    watcher.start()
    while True:
        state = server.call("DescribeExport", {"ExportArn": export})["ExportDescription"]
        if state["ExportStatus"] != "IN_PROGRESS":
            break
        beside.append(put())
    seconds = time.monotonic() - started
    done.set()
    watcher.join()
    assert state["ExportStatus"] == "COMPLETED" and state["ItemCount"] == items, json.dumps(state)
    bench.row(f"memory of the server while it exports {items:,} items", f"{most:.0f} MiB", "< 200 MiB",
              f"resident, the largest seen; {seconds:.1f} s", most < 200)
    rate = sum(beside[:-1] or beside) / max(1, len(beside[:-1] or beside))
    bench.row("PutItem at 64 connections while an export runs, against without", f"{rate / alone:.2f}", ">= 0.8",
              f"{rate:,.0f} against {alone:,.0f} puts/s", rate >= 0.8 * alone)
    server.stop()
