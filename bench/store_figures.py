"""The versioned store: what the past costs the present, and what a look at it costs."""

import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time

from harness import ENV, Server, free_port


def puts(bench, scratch):
    server = Server(bench.build, f"{scratch}/puts")
    server.start()
    server.create_table("with-past", True)
    server.create_table("without-past", False)

    def put(table):
        return server.load("--mix", "put", "--table", table, "--seconds", bench.seconds, "--warmup", 0.5)["rate"]

    def raw():
        directory = tempfile.mkdtemp(dir=scratch)
        out = subprocess.run([f"{bench.build}/reprise-baseline-rocksdb", directory, "64", str(bench.seconds), "300"],
                             capture_output=True, text=True, check=True)
        shutil.rmtree(directory)
        return json.loads(out.stdout)["rate"]

    bench.ratio("PutItem, durable, PITR on, 64 connections, against raw RocksDB puts with sync at 64 threads",
               lambda: put("with-past"), raw, 0.5, "puts/s")
    bench.ratio("PutItem with PITR on against PITR off", lambda: put("with-past"), lambda: put("without-past"), 0.8, "puts/s")
    server.stop()


def gets(bench, scratch):
    server = Server(bench.build, f"{scratch}/gets")
    server.start()
    server.create_table("items", False)
    server.fill("items", 10_000, 256)
    item = server.call("GetItem", {"TableName": "items", "Key": {"pk": {"S": "item-000000000000"}}})
    with open(f"{scratch}/answer", "w", encoding="utf-8") as file:
        file.write(json.dumps(item, separators=(",", ":")))
    port = free_port()
    echo = subprocess.Popen([f"{bench.build}/reprise-baseline-http", str(port), str(os.cpu_count()), f"{scratch}/answer"],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    echo.stdout.readline()
    words = ["--mix", "get", "--table", "items", "--keys", 10_000, "--seconds", bench.seconds, "--warmup", 0.5]

    def ping():
        out = subprocess.run([f"{bench.build}/reprise-load", "--port", str(port), *map(str, words)], env=ENV,
                             capture_output=True, text=True, check=True)
        return json.loads(out.stdout)["rate"]

    bench.ratio("GetItem against an HTTP handler that answers the same bytes without any work",
               lambda: server.load(*words)["rate"], ping, 0.5, "requests/s")
    echo.stdin.close()
    echo.wait(10)
    server.stop()


def overwrites(bench, scratch):
    items = 2_000 if bench.quick else 10_000
    server = Server(bench.build, f"{scratch}/overwrites")
    server.start()
    server.create_table("once", True)
    server.create_table("often", True)
    server.fill("once", items, 256)
    server.fill("often", items, 256)
    after_first = time.time()
    time.sleep(0.01)
    server.load("--mix", "fill", "--table", "often", "--keys", items, "--operations", items * 100 // 25, "--connections", 8)

    # Dead entries are merged away in the background; right after a burst of overwrites scans still step over them.
    time.sleep(5)

    def scan(table):
        return 1 / server.load("--mix", "scan-table", "--table", table)["seconds"]

    def get(*more):
        return 1 / server.load("--mix", "get", "--table", "often", "--keys", items, "--connections", 1, "--seconds",
                               bench.seconds, *more)["rate"]

    bench.ratio("Scan of a table whose items were each overwritten 100 times, against one written once",
               lambda: scan("often"), lambda: scan("once"), 0.9, "scans/s, 5 s after the last overwrite", rounds=15)
    bench.ratio("point read as of T after 100 overwrites of each item, against a current read",
               lambda: get("--as-of", f"{after_first:.6f}"), get, 5, "s", at_most=True)
    server.stop()


def restores(bench, scratch):
    items = 100_000 if bench.quick else 1_000_000
    server = Server(bench.build, f"{scratch}/restores")
    server.start()
    server.create_table("small", True)
    server.create_table("large", True)
    server.fill("small", 1_000, 1_000)
    server.fill("large", items, 1_000)
    count = itertools.count()

    def restore(source):
        target = f"{source}-restored-{next(count)}"
        started = time.monotonic()
        server.call("RestoreTableToPointInTime", {"SourceTableName": source, "TargetTableName": target,
                                                  "UseLatestRestorableTime": True})
        while server.call("DescribeTable", {"TableName": target})["Table"]["TableStatus"] != "ACTIVE":
            time.sleep(0.002)
        answer = server.call("Query", {"TableName": target, "KeyConditionExpression": "pk = :p",
                                       "ExpressionAttributeValues": {":p": {"S": "item-000000000007"}}})
        seconds = time.monotonic() - started
        assert answer["Count"] == 1
        server.call("DeleteTable", {"TableName": target})
        return seconds

    times = []

    def large():
        times.append(restore("large"))
        return times[-1]

    bench.ratio(f"RestoreTableToPointInTime, {items:,} items against 1,000, to ACTIVE and the first Query answered",
               large, lambda: restore("small"), 2, "s", at_most=True)
    slowest = max(times)
    bench.row("the same, longest of all", f"{slowest * 1000:.0f} ms", "< 200 ms", f"{items:,} items", slowest < 0.2)
    server.load("--mix", "put", "--table", "large", "--keys", items, "--seconds", 2, "--item-bytes", 1000)
    starts = []
    for _ in range(3):
        server.kill()
        starts.append(server.start())
    size = sum(os.path.getsize(os.path.join(d, f)) for d, _, files in os.walk(server.data) for f in files)
    bench.row("start after kill -9", f"{max(starts):.2f} s", "< 2 s", f"{size / 2**30:.2f} GiB of data", max(starts) < 2)
    time.sleep(2)
    memory = server.memory_mebibytes()
    bench.row("idle memory", f"{memory:.0f} MiB", "< 150 MiB", "resident, after that start", memory < 150)
    server.stop()
