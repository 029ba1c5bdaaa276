"""What every figure is measured with: a real server on a data directory of its own, and the table of results."""

import atexit
import contextlib
import json
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
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

    def __init__(self, build, data, *flags):
        self.build, self.data, self.flags = build, data, flags
        self.port, self.console = free_port(), free_port()
        self.process = None

    def start(self):
        started = time.monotonic()
        self.process = subprocess.Popen(
            [f"{self.build}/reprise", "serve", "--data", self.data, "--listen", f"127.0.0.1:{self.port}",
             "--console", f"127.0.0.1:{self.console}", "--log-level", "warn", *self.flags], env=ENV, stdout=subprocess.DEVNULL)
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

    def processor_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            user, system = stat.read().rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

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
    pacing = "unknown"
    with contextlib.suppress(OSError), open("/proc/sys/net/ipv4/tcp_congestion_control", encoding="ascii") as setting:
        pacing = setting.read().strip()
    lines = ["# Benchmark results", "",
             "Written by `make bench`. Each ratio is the median of rounds that measure both sides in turn within one run; the load",
             "driver shares the machine with the server.", "",
             f"Machine: {cpu}, {os.cpu_count()} cores, {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') >> 30} GiB, "
             f"Linux {platform.release()}, TCP congestion control {pacing} (docs/decisions/0010).", "",
             f"Date: {time.strftime('%Y-%m-%d', time.gmtime())}.", "",
             "| figure | reached | must reach | measured | holds |", "|---|---|---|---|---|"]
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "RESULTS.md")
    lines += earlier_rows(path, rows)
    lines += [f"| {f} | {r} | {m} | {d} | {'yes' if h else '**no**'} |" for f, r, m, d, h in rows]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
