#!/usr/bin/python3
"""Measures the figures of docs and issues as ratios within one run, prints them as a table, and keeps it in RESULTS.md.

Each ratio is the median over several rounds in which both sides are measured in turn (A B A B ...), because the machine
may be shared and its speed drifts. Usage: bench/run.py BUILD_DIR [--quick] [--only NAME] [--write]
"""

import argparse
import atexit
import contextlib
import json
import os
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ACCESS, SECRET = "AKIDBENCH", "bench-secret"
ENV = {**os.environ, "REPRISE_ROOT_ACCESS_KEY_ID": ACCESS, "REPRISE_ROOT_SECRET_ACCESS_KEY": SECRET}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """A real `reprise serve` on a data directory of its own."""

    def __init__(self, build, data):
        self.build, self.data = build, data
        self.port, self.console = free_port(), free_port()
        self.process = None

    def start(self):
        started = time.monotonic()
        self.process = subprocess.Popen(
            [f"{self.build}/reprise", "serve", "--data", self.data, "--listen", f"127.0.0.1:{self.port}",
             "--console", f"127.0.0.1:{self.console}", "--log-level", "warn"], env=ENV, stdout=subprocess.DEVNULL)
        atexit.register(self.process.kill)
        while time.monotonic() - started < 60:
            if self.process.poll() is not None:
                sys.exit(f"reprise serve ended with {self.process.returncode}")
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{self.console}/-/ready", timeout=5).read()
                return time.monotonic() - started
            time.sleep(0.005)
        sys.exit("reprise serve was not ready after 60 s")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def load(self, *words):
        out = subprocess.run([f"{self.build}/reprise-load", "--port", str(self.port), *map(str, words)], env=ENV,
                             capture_output=True, text=True)
        if out.returncode != 0:
            sys.exit(f"reprise-load {' '.join(map(str, words))}: {out.stderr.strip()}")
        return json.loads(out.stdout)

    def call(self, operation, body):
        return self.load("--call", operation, json.dumps(body))

    def create_table(self, name, pitr):
        self.call("CreateTable", {"TableName": name, "BillingMode": "PAY_PER_REQUEST",
                                  "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                                  "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]})
        if pitr:
            self.call("UpdateContinuousBackups", {
                "TableName": name, "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}})

    def fill(self, table, items, item_bytes):
        self.load("--mix", "fill", "--table", table, "--keys", items, "--operations", items // 25, "--item-bytes",
                  item_bytes, "--connections", 4)

    def memory_mebibytes(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


class Bench:
    def __init__(self, build, quick):
        self.build, self.quick = build, quick
        self.rounds = 2 if quick else 5
        self.seconds = 1 if quick else 3
        self.rows = []

    def row(self, figure, reached, required, detail, holds):
        self.rows.append((figure, reached, required, detail, holds))
        print(f"{'ok  ' if holds else 'MISS'} {figure}: {reached} (must be {required}); {detail}", flush=True)

    def ratio(self, figure, a, b, required, unit, at_most=False, rounds=None):
        """Median over rounds of a()/b(); a and b give a rate, or a time when at_most."""
        pairs = []
        for _ in range(rounds or self.rounds):
            x = a()
            pairs.append((x, b()))
        ratio = statistics.median(x / y for x, y in pairs)
        medians = [statistics.median(side) for side in zip(*pairs)]
        holds = ratio <= required if at_most else ratio >= required
        self.row(figure, f"{ratio:.2f}", f"{'<=' if at_most else '>='} {required}",
                 f"{medians[0]:,.6g} against {medians[1]:,.6g} {unit}", holds)

    # --- the figures -------------------------------------------------------------------------------------------------

    def puts(self, scratch):
        server = Server(self.build, f"{scratch}/puts")
        server.start()
        server.create_table("with-past", True)
        server.create_table("without-past", False)

        def put(table):
            return server.load("--mix", "put", "--table", table, "--seconds", self.seconds, "--warmup", 0.5)["rate"]

        def raw():
            directory = tempfile.mkdtemp(dir=scratch)
            out = subprocess.run([f"{self.build}/reprise-baseline-rocksdb", directory, "64", str(self.seconds), "300"],
                                 capture_output=True, text=True, check=True)
            shutil.rmtree(directory)
            return json.loads(out.stdout)["rate"]

        self.ratio("PutItem, durable, PITR on, 64 connections, against raw RocksDB puts with sync at 64 threads",
                   lambda: put("with-past"), raw, 0.5, "puts/s")
        self.ratio("PutItem with PITR on against PITR off", lambda: put("with-past"), lambda: put("without-past"), 0.8, "puts/s")
        server.stop()

    def gets(self, scratch):
        server = Server(self.build, f"{scratch}/gets")
        server.start()
        server.create_table("items", False)
        server.fill("items", 10_000, 256)
        item = server.call("GetItem", {"TableName": "items", "Key": {"pk": {"S": "item-000000000000"}}})
        with open(f"{scratch}/answer", "w", encoding="utf-8") as file:
            file.write(json.dumps(item, separators=(",", ":")))
        port = free_port()
        echo = subprocess.Popen([f"{self.build}/reprise-baseline-http", str(port), str(os.cpu_count()), f"{scratch}/answer"],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        echo.stdout.readline()
        words = ["--mix", "get", "--table", "items", "--keys", 10_000, "--seconds", self.seconds, "--warmup", 0.5]

        def ping():
            out = subprocess.run([f"{self.build}/reprise-load", "--port", str(port), *map(str, words)], env=ENV,
                                 capture_output=True, text=True, check=True)
            return json.loads(out.stdout)["rate"]

        self.ratio("GetItem against an HTTP handler that answers the same bytes without any work",
                   lambda: server.load(*words)["rate"], ping, 0.5, "requests/s")
        echo.stdin.close()
        echo.wait(10)
        server.stop()

    def overwrites(self, scratch):
        items = 2_000 if self.quick else 10_000
        server = Server(self.build, f"{scratch}/overwrites")
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
                                   self.seconds, *more)["rate"]

        self.ratio("Scan of a table whose items were each overwritten 100 times, against one written once",
                   lambda: scan("often"), lambda: scan("once"), 0.9, "scans/s, 5 s after the last overwrite", rounds=15)
        self.ratio("point read as of T after 100 overwrites of each item, against a current read",
                   lambda: get("--as-of", f"{after_first:.6f}"), get, 5, "s", at_most=True)
        server.stop()

    def restores(self, scratch):
        items = 100_000 if self.quick else 1_000_000
        server = Server(self.build, f"{scratch}/restores")
        server.start()
        server.create_table("small", True)
        server.create_table("large", True)
        server.fill("small", 1_000, 1_000)
        server.fill("large", items, 1_000)
        count = iter(range(10_000))

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

        self.ratio(f"RestoreTableToPointInTime, {items:,} items against 1,000, to ACTIVE and the first Query answered",
                   large, lambda: restore("small"), 2, "s", at_most=True)
        slowest = max(times)
        self.row("the same, longest of all", f"{slowest * 1000:.0f} ms", "< 200 ms", f"{items:,} items", slowest < 0.2)
        server.load("--mix", "put", "--table", "large", "--keys", items, "--seconds", 2, "--item-bytes", 1000)
        starts = []
        for _ in range(3):
            server.kill()
            starts.append(server.start())
        size = sum(os.path.getsize(os.path.join(d, f)) for d, _, files in os.walk(server.data) for f in files)
        self.row("start after kill -9", f"{max(starts):.2f} s", "< 2 s", f"{size / 2**30:.2f} GiB of data", max(starts) < 2)
        time.sleep(2)
        memory = server.memory_mebibytes()
        self.row("idle memory", f"{memory:.0f} MiB", "< 150 MiB", "resident, after that start", memory < 150)
        server.stop()


def earlier_rows(path, measured):
    """The rows of an earlier run that this one did not measure again, as they stand in the file."""
    figures = {row[0] for row in measured}
    with contextlib.suppress(OSError), open(path, encoding="utf-8") as file:
        table = [line.rstrip("\n") for line in file if line.startswith("| ") and not line.startswith("| figure ")]
        return [line for line in table if line[2:].split(" | ")[0] not in figures]
    return []


def write_results(rows):
    cpu = platform.processor() or "unknown processor"
    with contextlib.suppress(OSError), open("/proc/cpuinfo", encoding="ascii") as info:
        cpu = next((line.split(":", 1)[1].strip() for line in info if line.startswith("model name")), cpu)
    lines = ["# Benchmark results", "",
             "Written by `make bench`. Each ratio is the median of rounds that measure both sides in turn within one run; the load",
             "driver shares the machine with the server.", "",
             f"Machine: {cpu}, {os.cpu_count()} cores, {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') >> 30} GiB, "
             f"Linux {platform.release()}. Date: {time.strftime('%Y-%m-%d', time.gmtime())}.", "",
             "| figure | reached | must reach | measured | holds |", "|---|---|---|---|---|"]
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "RESULTS.md")
    lines += earlier_rows(path, rows)
    lines += [f"| {f} | {r} | {m} | {d} | {'yes' if h else '**no**'} |" for f, r, m, d, h in rows]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("--quick", action="store_true", help="smaller and shorter, to see that everything runs")
    parser.add_argument("--only", help="one of: puts gets overwrites restores")
    parser.add_argument("--write", action="store_true", help="keep the table in bench/RESULTS.md")
    words = parser.parse_args()
    bench = Bench(words.build, words.quick)
    names = [words.only] if words.only else ["puts", "gets", "overwrites", "restores"]
    with tempfile.TemporaryDirectory(dir=words.build) as scratch:
        for name in names:
            getattr(bench, name)(scratch)
    if words.write:
        write_results(bench.rows)
    sys.exit(0 if all(row[4] for row in bench.rows) else 1)


if __name__ == "__main__":
    main()
