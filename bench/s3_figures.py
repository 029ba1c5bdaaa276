"""The S3 API: uploads and downloads against nginx, the disk and raw RocksDB; listings; memory; against Ceph's radosgw."""

import json
import os
import subprocess
import threading
import time

import boto3
import botocore.config
import radosgw
from harness import ACCESS, ENV, SECRET, Server, free_port

MIB = 1 << 20
NGINX = """{user}worker_processes auto;
daemon off;
pid {dir}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; types {{ }}
  default_type binary/octet-stream;
  client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/fastcgi;
  uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
  server {{ listen 127.0.0.1:{port}; root {dir}/files; }}
}}
"""


def client(port):
    return boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", aws_access_key_id=ACCESS, aws_secret_access_key=SECRET,
                        region_name="eu-west-1", config=botocore.config.Config(s3={"addressing_style": "path"}))


def load(bench, port, mix, size, connections, *more):
    words = [f"{bench.build}/reprise-load", "--port", port, "--mix", mix, "--item-bytes", size, "--connections", connections,
             "--seconds", bench.seconds, "--warmup", 0.2, *more]
    done = subprocess.run([str(word) for word in words], env=ENV, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"reprise-load {mix}: {done.stderr.strip()}")
    return json.loads(done.stdout)["rate"]


class Nginx:
    def __init__(self, directory, sizes, keys):
        self.dir, self.port = os.path.abspath(directory), free_port()
        os.makedirs(f"{self.dir}/files")
        for size in sizes:
            os.makedirs(f"{self.dir}/files/of-{size}")
            for key in range(keys):
                with open(f"{self.dir}/files/of-{size}/object-{key:08}", "wb") as file:
                    file.write(os.urandom(size))
        with open(f"{self.dir}/nginx.conf", "w", encoding="ascii") as file:
            user = "user root;\n" if os.geteuid() == 0 else ""  # else it could not read our directory
            file.write(NGINX.format(dir=self.dir, port=self.port, user=user))
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-c", f"{self.dir}/nginx.conf", "-p", self.dir])
        time.sleep(0.5)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


def s3_server(bench, scratch, *flags):
    server = Server(bench.build, scratch, *flags)
    server.start()
    return server


def downloads(bench, scratch):
    """Every byte that Reprise serves has been checked and decrypted; nginx sends its files as they are."""
    keys, sizes = 4, (MIB, 64 * MIB)
    nginx = Nginx(f"{scratch}/nginx", sizes, keys)
    server = s3_server(bench, f"{scratch}/downloads")
    s3 = client(server.port)
    for size in sizes:
        s3.create_bucket(Bucket=f"of-{size}", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        load(bench, server.port, "put-object", size, 1, "--bucket", f"of-{size}", "--keys", keys, "--sequential", "--operations", keys)

    def rate(port, size, connections, *more):
        return load(bench, port, "get-object", size, connections, "--bucket", f"of-{size}", "--keys", keys, *more) * size / 1e6

    for size in sizes:
        for connections in (1, 4):
            bench.ratio(f"GET of {size // MIB} MB objects against nginx serving the same, {connections} connection(s)",
                        lambda: rate(server.port, size, connections), lambda: rate(nginx.port, size, connections, "--unsigned"), 0.8,
                        "MB/s")
    server.stop()
    nginx.stop()


def uploads(bench, scratch):
    server = s3_server(bench, f"{scratch}/uploads")
    s3 = client(server.port)
    s3.create_bucket(Bucket="large", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.create_bucket(Bucket="small", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    size = 64 * MIB

    def baseline():
        out = subprocess.run([f"{bench.build}/reprise-baseline-file", scratch, str(size), str(bench.seconds)], check=True,
                             capture_output=True)
        rates = json.loads(out.stdout)
        return min(rates["md5"], rates["write"]) / 1e6

    directory = f"{scratch}/raw"

    def raw_puts():
        out = subprocess.run([f"{bench.build}/reprise-baseline-rocksdb", directory, "64", str(bench.seconds), "4096", "random"], check=True,
                             capture_output=True)
        return json.loads(out.stdout)["rate"]

    bench.ratio("PUT of 4 KB objects, 64 connections, against raw RocksDB puts with sync at 64 threads",
                lambda: load(bench, server.port, "put-object", 4096, 64, "--bucket", "small"), raw_puts, 0.5, "puts/s")
    # Last: it leaves gigabytes to the disk.
    bench.ratio("PUT of 64 MB against the slower of MD5 on one core and a file written in order and synced",
                lambda: load(bench, server.port, "put-object", size, 1, "--bucket", "large", "--keys", 4) * size / 1e6, baseline, 0.7,
                "MB/s")
    server.stop()


def listings(bench, scratch):
    keys, versions = 1000, 20 if bench.quick else 100
    server = s3_server(bench, f"{scratch}/listings")
    s3 = client(server.port)
    for bucket, rounds in (("once", 1), ("often", versions + 1)):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        load(bench, server.port, "put-object", 1000, 16, "--bucket", bucket, "--keys", keys, "--sequential", "--operations",
             keys * rounds)

    def duration(bucket):
        return 1000 / load(bench, server.port, "list-objects", 1000, 1, "--bucket", bucket)

    duration("often")
    bench.ratio(f"list of {keys} keys with {versions} noncurrent versions each, against the same list without them",
                lambda: duration("often"), lambda: duration("once"), 1.5, "ms", at_most=True)
    server.stop()


def large_objects(bench, scratch):
    """One object of 1 GB, up and down again, while the server's memory is watched."""
    size = (256 if bench.quick else 1024) * MIB
    server = s3_server(bench, f"{scratch}/large")
    s3 = client(server.port)
    s3.create_bucket(Bucket="load", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    load(bench, server.port, "put-object", 4096, 8, "--bucket", "load", "--keys", 8, "--operations", 64)
    before = largest = server.memory_mebibytes()
    done = threading.Event()

    def watch():
        nonlocal largest
        while not done.wait(0.02):
            largest = max(largest, server.memory_mebibytes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    for mix in ("put-object", "get-object"):
        load(bench, server.port, mix, size, 1, "--bucket", "load", "--keys", 1, "--operations", 1)
    done.set()
    watcher.join()
    bench.row(f"memory for an upload and a download of {size // MIB} MB", f"{largest:.0f} MiB", "< 100 MiB",
              f"resident, the largest seen; {before:.0f} MiB before", largest < 100)
    server.stop()


def against_radosgw(bench, scratch):
    if not radosgw.available():
        print("skip radosgw: its packages are not installed")
        return
    other = radosgw.Radosgw(f"{scratch}/radosgw")
    server = s3_server(bench, f"{scratch}/ours")
    try:
        other.start()
        compare_with_radosgw(bench, {"ours": server.port, "theirs": other.port})
    finally:
        server.stop()
        other.stop()


def compare_with_radosgw(bench, ports):
    for name, port in ports.items():
        s3 = client(port)
        place = {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}} if name == "ours" else {}
        for bucket in ("small", "large"):
            s3.create_bucket(Bucket=bucket, **place)
        load(bench, port, "put-object", 64 * MIB, 1, "--bucket", "large", "--keys", 4, "--sequential", "--operations", 4)
        load(bench, port, "put-object", 4096, 1, "--bucket", "small", "--keys", 1, "--operations", 1)
        s3.create_bucket(Bucket="listed", **place)
        load(bench, port, "put-object", 1000, 16, "--bucket", "listed", "--keys", 1000, "--sequential", "--operations", 1000)

    def compare(figure, mix, size, connections, *more):
        bench.ratio(f"{figure} against radosgw", lambda: load(bench, ports["ours"], mix, size, connections, *more),
                    lambda: load(bench, ports["theirs"], mix, size, connections, *more), 1, "requests/s",
                    rounds=2 if bench.quick else 3)

    compare("PUT of 4 KB objects, 64 connections,", "put-object", 4096, 64, "--bucket", "small")
    compare("GET of 4 KB objects, 64 connections,", "get-object", 4096, 64, "--bucket", "small", "--keys", 1)
    compare("list of 1000 keys, one connection,", "list-objects", 1000, 1, "--bucket", "listed")
    compare("PUT of 64 MB, one connection,", "put-object", 64 * MIB, 1, "--bucket", "large", "--keys", 4)
    compare("GET of 64 MB, one connection,", "get-object", 64 * MIB, 1, "--bucket", "large", "--keys", 4)
