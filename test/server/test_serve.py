"""`reprise serve`: environments, credentials, configuration, readiness, metrics, TLS, a graceful end."""
import concurrent.futures
import os
import re
import shutil
import signal
import ssl
import stat
import subprocess
import urllib.request
import warnings

import pytest

from harness.raw import RawClient
from harness.server import REGION, Server
from harness.tables import N, S, fill, invalid, scan_all, schema, unique, wait_active
from harness.waiting import wait_for


def raw_client(server) -> RawClient:
    return RawClient(server.endpoint, *server.credentials)


# Credentials

def test_generated_credentials_are_private_and_stay():
    with Server() as server:
        file = server.data / "credentials"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        first = server.credentials
        assert re.fullmatch(r"[A-Z0-9]{16,128}", first[0]) and len(first[1]) >= 40
        assert str(file) in server.output(), "the terminal names the file"
        assert first[1] not in server.output(), "but not the secret"
        server.restart()
        assert server.credentials == first
        server.client().list_tables()


def test_credentials_of_the_environment():
    with Server(environment={"REPRISE_ROOT_ACCESS_KEY_ID": "AKIDTEST0000000000", "REPRISE_ROOT_SECRET_ACCESS_KEY": "s" * 40}) as server:
        assert not (server.data / "credentials").exists()
        raw = RawClient(server.endpoint, "AKIDTEST0000000000", "s" * 40)
        assert raw.call("ListTables") == {"TableNames": []}


# Environments

def test_sandbox_has_aws_s_defaults():
    with Server("--environment", "sandbox") as server:
        raw, name = raw_client(server), unique("t")
        raw.call("CreateTable", TableName=name, **schema("pk"))
        assert raw.call("DescribeTable", TableName=name)["Table"]["DeletionProtectionEnabled"] is False
        assert raw.call("DescribeContinuousBackups", TableName=name)["ContinuousBackupsDescription"][
            "PointInTimeRecoveryDescription"] == {"PointInTimeRecoveryStatus": "DISABLED"}


def test_production_protects_new_tables():
    """Both protections of the guide, unless the request says otherwise."""
    with Server("--environment", "production") as server:
        raw, name, open_name = raw_client(server), unique("t"), unique("open")
        raw.call("CreateTable", TableName=name, **schema("pk"))
        described = raw.call("DescribeContinuousBackups", TableName=name)["ContinuousBackupsDescription"]
        assert described["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
        assert described["PointInTimeRecoveryDescription"]["RecoveryPeriodInDays"] == 35
        with invalid(match="Resource cannot be deleted as it is currently protected against deletion"):
            raw.call("DeleteTable", TableName=name)
        raw.call("CreateTable", TableName=open_name, DeletionProtectionEnabled=False, **schema("pk"))
        raw.call("DeleteTable", TableName=open_name)


# Configuration

def test_flags_win_over_the_file(tmp_path):
    file = tmp_path / "reprise.toml"
    file.write_text('environment = "production"\nregion = "eu-central-1"\n')
    with Server("--config", str(file), "--region", REGION) as server:
        raw, name = raw_client(server), unique("t")
        table = raw.call("CreateTable", TableName=name, **schema("pk"))["TableDescription"]
        assert table["DeletionProtectionEnabled"] is True and f":{REGION}:" in table["TableArn"]


def test_the_region_is_in_arns():
    with Server("--region", "ap-southeast-2") as server:
        raw = RawClient(server.endpoint, *server.credentials, region="ap-southeast-2")
        table = raw.call("CreateTable", TableName=unique("t"), **schema("pk"))["TableDescription"]
        assert table["TableArn"].startswith("arn:aws:dynamodb:ap-southeast-2:000000000000:table/")
        assert raw_client(server).call("ListTables")["TableNames"], "whatever the client calls the server's one region"


def test_another_engine_directory(tmp_path):
    with Server("--engine", f"rocksdb:{tmp_path / 'elsewhere'}") as server:
        server.client().create_table(TableName="abc", **schema("pk"))
        assert any((tmp_path / "elsewhere").iterdir())
        assert not (server.data / "store").exists()


def test_longer_recovery_periods():
    with Server("--recovery-period-days-max", "400") as server:
        raw, name = raw_client(server), unique("t")
        raw.call("CreateTable", TableName=name, **schema("pk"))
        answer = raw.call("UpdateContinuousBackups", TableName=name, PointInTimeRecoverySpecification={
            "PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 400})
        assert answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]["RecoveryPeriodInDays"] == 400


# Health and metrics

def test_health():
    with Server() as server:
        assert server.console_get("/-/ready")[0] == 200
        assert server.console_get("/-/live")[0] == 200
        assert server.console_get("/-/nothing")[0] == 404
        with urllib.request.urlopen(server.endpoint + "/") as answer:
            assert answer.read().decode().strip() == f"healthy: 127.0.0.1:{server.port}"


def metric(text: str, name: str, **labels) -> float:
    """The sum of a metric's samples that carry these labels."""
    found = [line for line in text.splitlines() if re.match(re.escape(name) + r"[ {]", line)
             and all(f'{k}="{v}"' in line for k, v in labels.items())]
    assert found, f"no sample of {name} {labels} in:\n{text}"
    return sum(float(line.rsplit(" ", 1)[1]) for line in found)


def test_metrics():
    with Server() as server:
        db, name = server.client(), unique("t")
        db.create_table(TableName=name, **schema("pk"))
        wait_active(db, name)
        for i in range(10):
            db.put_item(TableName=name, Item={"pk": S(f"{i}")})
        with invalid():
            db.put_item(TableName=name, Item={"no": S("key")})
        status, text = server.console_get("/-/metrics")
        assert status == 200
        names = set(re.findall(r"^([a-z_]+)[ {]", text, re.MULTILINE))
        assert all(n.startswith(("reprise_", "process_")) for n in names)
        requests = "reprise_requests_total"
        assert metric(text, requests, operation="PutItem") == 11
        assert re.search(r'^reprise_request_seconds_bucket\{[^}]*le="', text, re.MULTILINE), "latency histograms"
        for subject in ("batch", "fsync|sync", "bytes", "horizon"):
            assert any(re.search(subject, n) for n in names), f"no metric on {subject}: {sorted(names)}"
        for line in text.splitlines():
            assert line.startswith("#") or re.fullmatch(r'[a-zA-Z_:][\w:]*(\{[^}]*\})? -?[0-9.eE+naifNI-]+', line), line


# The end

def test_a_graceful_end_answers_what_is_under_way():
    with Server() as server:
        db, name = server.client(), unique("t")
        db.create_table(TableName=name, **schema("pk"))
        wait_active(db, name)
        acknowledged = []

        def work(worker):
            client = server.client()
            for i in range(100_000):
                try:
                    client.put_item(TableName=name, Item={"pk": S(f"{worker}-{i}")})
                except Exception:  # the server has gone
                    return
                acknowledged.append(f"{worker}-{i}")

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            jobs = [pool.submit(work, w) for w in range(4)]
            wait_for("some writes", lambda: len(acknowledged) > 100)
            assert server.stop() == 0
            for job in jobs:
                job.result()
        server.start()
        assert set(acknowledged) <= {i["pk"]["S"] for i in scan_all(server.client(), name)}


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_signals(name):
    with Server() as server:
        server.process.send_signal(getattr(signal, name))
        assert server.process.wait(30) == 0


def test_everything_is_there_after_a_restart():
    with Server() as server:
        db, name = server.client(), unique("t")
        db.create_table(TableName=name, **schema("pk", "sk:N", indexes=[("gsi", ["kind"])], local_indexes=[("lsi", ["pk", "v:N"])]))
        wait_active(db, name)
        fill(db, name, [{"pk": S(f"p{i % 3}"), "sk": N(i), "kind": S(f"k{i % 2}"), "v": N(-i)} for i in range(100)])
        before = db.describe_table(TableName=name)["Table"], sorted(scan_all(db, name), key=str)
        server.restart()
        db = server.client()
        after = db.describe_table(TableName=name)["Table"], sorted(scan_all(db, name), key=str)
        assert after == before
        assert db.query(TableName=name, IndexName="gsi", KeyConditionExpression="kind = :k",
                        ExpressionAttributeValues={":k": S("k1")})["Count"] == 50


# TLS

@pytest.fixture
def certificate(tmp_path):
    openssl = shutil.which("openssl")
    assert openssl, "tools/setup installs openssl"
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run([openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", key, "-out", cert],
                   check=True, capture_output=True)
    return cert, key


def test_tls(certificate):
    cert, key = certificate
    with Server("--tls-cert", str(cert), "--tls-key", str(key)) as server:
        db = server.session().client("dynamodb", endpoint_url=f"https://127.0.0.1:{server.port}", verify=str(cert))
        name = unique("t")
        db.create_table(TableName=name, **schema("pk"))
        wait_active(db, name)
        db.put_item(TableName=name, Item={"pk": S("a" * 2000), "v": S("x" * 300_000)})
        assert len(db.get_item(TableName=name, Key={"pk": S("a" * 2000)})["Item"]["v"]["S"]) == 300_000
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(OSError):
            urllib.request.urlopen(f"https://127.0.0.1:{server.port}/", context=old, timeout=10)


def test_files_stay_within_the_data_directory(tmp_path):
    """Nothing is written where the server happens to be started."""
    before = set(os.listdir("."))
    with Server() as server:
        server.client().create_table(TableName="abc", **schema("pk"))
        written = {p.name for p in server.data.iterdir()}
        assert {"FORMAT", "LOCK", "credentials", "store"} <= written
        assert written <= {"FORMAT", "LOCK", "audit.log", "credentials", "master.key", "store", "blobs", "backups", "buckets", "imports"}
    assert set(os.listdir(".")) == before
