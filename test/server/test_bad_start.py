"""Starts that cannot succeed: one line on standard error that says what is wrong, a non-zero exit, nothing changed."""
import os
import re
import shutil
import socket
import subprocess

import pytest

from harness.s3 import s3_client
from harness.ports import free_port
from harness.server import ROOT, Server, binary
from harness.tables import schema


def run(*arguments, **options):
    """What a start that must fail says."""
    done = subprocess.run([str(binary()), *map(str, arguments)], capture_output=True, text=True, timeout=30, **options)
    assert done.returncode not in (0, None) and done.returncode > 0, (done.returncode, done.stderr)
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done.stderr
    return lines[0]


def serve(data, *flags, **options):
    return run("serve", "--data", data, "--listen", f"127.0.0.1:{free_port()}", "--console", f"127.0.0.1:{free_port()}", *flags,
               **options)


@pytest.mark.parametrize("flags,named", [
    (["--no-such-flag"], "no-such-flag"), (["--environment", "staging"], "staging"), (["--listen", "nonsense"], "nonsense"),
    (["--listen", "127.0.0.1:99999"], "99999"), (["--console", "127.0.0.1"], "console"), (["--engine", "mysql:x"], "mysql"),
    (["--ttl-interval-seconds", "-1"], "ttl-interval"), (["--lifecycle-day-seconds", "soon"], "lifecycle-day"),
    (["--tls-cert", "only.pem"], "tls"), (["--region", ""], "region"), (["--config", "no-such-file.toml"], "no-such-file.toml"),
    (["stray"], "stray"), (["--listen"], "listen")])
def test_bad_flags(tmp_path, flags, named):
    data = tmp_path / "data"
    assert named in run("serve", "--data", data, *flags)
    assert not (data / "store").exists()


def test_no_data_directory_named():
    assert "--data" in run("serve")


def test_no_command():
    done = subprocess.run([str(binary())], capture_output=True, text=True, timeout=30)
    assert done.returncode != 0 and "reprise --help" in done.stderr


def test_an_unknown_command():
    done = subprocess.run([str(binary()), "conquer"], capture_output=True, text=True, timeout=30)
    assert done.returncode > 0 and "conquer" in done.stderr.splitlines()[0]


def test_both_ways_to_ask_for_help_tell_the_same():
    done = [subprocess.run([str(binary()), *words], capture_output=True, text=True, timeout=30)
            for words in (["serve", "--help"], ["help", "serve"])]
    assert [each.returncode for each in done] == [0, 0] and done[0].stdout == done[1].stdout


def test_help_is_no_failure():
    done = subprocess.run([str(binary()), "serve", "--help"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0
    for flag in ("--data", "--listen", "--console", "--environment", "--region", "--config", "--tls-cert", "--tls-key", "--engine",
                 "--lifecycle-day-seconds", "--ttl-interval-seconds"):
        assert flag in done.stdout
    readme = (ROOT / "README.md").read_text()
    for flag in re.findall(r"^  (--[a-z0-9-]+)", done.stdout, re.MULTILINE):
        assert f"`{flag}" in readme, f"the README's table of flags does not have {flag}"


@pytest.mark.parametrize("text,named", [
    ("environment = 'staging'\n", "staging"), ("nonsense = 1\n", "nonsense"), ("listen = \n", ":1"), ("region = []\n", "region")])
def test_bad_configuration_files(tmp_path, text, named):
    file = tmp_path / "reprise.toml"
    file.write_text(text)
    line = run("serve", "--data", tmp_path / "data", "--config", file)
    assert named in line and "reprise.toml" in line


def test_the_data_directory_is_a_file(tmp_path):
    (tmp_path / "data").write_text("x")
    assert "data" in serve(tmp_path / "data")


@pytest.mark.parametrize("place", ["/proc/reprise", "/dev/null/reprise"])
def test_the_data_directory_cannot_be_made(place):
    assert place in serve(place)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_the_data_directory_is_not_writable(tmp_path):
    import pwd

    nobody = pwd.getpwnam("nobody").pw_uid
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents:
        if parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001 and len(parent.parts) > 2:
            parent.chmod(0o755)
    if not os.access(binary(), os.X_OK) or not reachable(binary()):
        program = tmp_path / "reprise"
        program.write_bytes(binary().read_bytes())
        program.chmod(0o755)
    else:
        program = binary()
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    done = subprocess.run([str(program), "serve", "--data", str(data)], capture_output=True, text=True, timeout=30, user=nobody)
    assert done.returncode > 0
    assert str(data) in done.stderr and len(done.stderr.strip().splitlines()) == 1


def reachable(path) -> bool:
    """Can any user get to it?"""
    return all(parent.stat().st_mode & 0o001 for parent in path.parents) and path.stat().st_mode & 0o001


def test_a_locked_data_directory():
    with Server() as server:
        line = serve(server.data)
        assert str(server.data) in line and ("use" in line or "lock" in line)
        assert server.ready(), "the first server goes on"


def test_a_newer_store_format(tmp_path):
    data = tmp_path / "data"
    with Server(data=data) as server:
        server.client().list_tables()
    (data / "FORMAT").write_text("reprise-store 999\n")
    line = serve(data)
    assert "999" in line and "newer" in line
    (data / "FORMAT").write_text("something else\n")
    assert "FORMAT" in serve(data)


def test_the_store_of_the_payloads_is_missing(tmp_path):
    """A store whose disk is not mounted, or a forgotten --engine: the payloads are not taken for nobody's."""
    data, store = tmp_path / "data", tmp_path / "store"
    payload = os.urandom(1 << 20)
    with Server("--engine", f"rocksdb:{store}", data=data) as server:
        s3 = s3_client(server)
        s3.create_bucket(Bucket="sounds", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_object(Bucket="sounds", Key="bell.oga", Body=payload)
    before = sorted((data / "blobs").rglob("*"))
    for _ in range(2):
        line = serve(data)
        assert "--engine" in line and "payloads" in line and str(data / "store") in line
        assert sorted((data / "blobs").rglob("*")) == before
    with Server("--engine", f"rocksdb:{store}", data=data) as server:
        assert s3_client(server).get_object(Bucket="sounds", Key="bell.oga")["Body"].read() == payload


def test_the_store_is_missing_and_there_are_no_payloads(tmp_path):
    """The server does not begin a new store, in which no table would be."""
    data = tmp_path / "data"
    with Server(data=data) as server:
        server.client().create_table(**schema("id"), TableName="kept")
    (data / "store").rename(tmp_path / "away")
    for _ in range(2):
        line = serve(data)
        assert "--engine" in line and "new" in line and str(data / "store") in line
    shutil.rmtree(data / "store")
    (tmp_path / "away").rename(data / "store")
    with Server(data=data) as server:
        assert server.client().list_tables()["TableNames"] == ["kept"]
    shutil.rmtree(data / "store")
    (data / "blobs" / "STORE").unlink()  # as the line says
    with Server(data=data) as server:
        assert server.client().list_tables()["TableNames"] == []


def test_the_payloads_are_away(tmp_path):
    """Not mounted, say. What is put meanwhile must not land where it cannot be found later."""
    data, away = tmp_path / "data", tmp_path / "away"
    payload = os.urandom(1 << 20)
    with Server(data=data) as server:
        s3 = s3_client(server)
        s3.create_bucket(Bucket="sounds", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_object(Bucket="sounds", Key="bell.oga", Body=payload)
        s3.put_object(Bucket="sounds", Key="small", Body=b"small")
    (data / "blobs").rename(away)
    for _ in range(2):
        line = serve(data)
        assert "blobs is empty" in line and str(data / "blobs" / "STORE") in line
    mark = re.search(r"write ([0-9a-f]{64}) to", line)[1]
    (data / "blobs" / "STORE").write_text(mark)  # as the line says
    with Server(data=data) as server:
        s3 = s3_client(server)
        assert s3.get_object(Bucket="sounds", Key="small")["Body"].read() == b"small"
        with pytest.raises(s3.exceptions.ClientError, match="InternalError"):
            s3.get_object(Bucket="sounds", Key="bell.oga")
    shutil.rmtree(data / "blobs")
    away.rename(data / "blobs")
    with Server(data=data) as server:
        assert s3_client(server).get_object(Bucket="sounds", Key="bell.oga")["Body"].read() == payload


def test_the_payloads_are_of_another_store(tmp_path):
    """Both stores have been used with the data directory, one of them before there was a payload."""
    data, store = tmp_path / "data", tmp_path / "store"
    payload = os.urandom(1 << 20)
    with Server(data=data):
        pass
    (data / "blobs" / "STORE").unlink()
    with Server("--engine", f"rocksdb:{store}", data=data) as server:
        s3 = s3_client(server)
        s3.create_bucket(Bucket="sounds", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_object(Bucket="sounds", Key="bell.oga", Body=payload)
    before = sorted((data / "blobs").rglob("*"))
    line = serve(data)
    assert "--engine" in line and "payloads of another store" in line and "new" not in line
    assert sorted((data / "blobs").rglob("*")) == before
    with Server("--engine", f"rocksdb:{store}", data=data) as server:
        assert s3_client(server).get_object(Bucket="sounds", Key="bell.oga")["Body"].read() == payload


@pytest.mark.parametrize("what", ["CURRENT", "MANIFEST-*"])
def test_a_damaged_store(tmp_path, what):
    with Server(data=tmp_path / "data"):
        pass
    for file in (tmp_path / "data" / "store").glob(what):
        file.unlink() if "MANIFEST" in what else file.write_bytes(b"X" + file.read_bytes()[1:])
    line = serve(tmp_path / "data")
    assert "damaged" in line and "put a copy of the whole data directory in its place" in line


def test_a_key_file_that_is_none_keeps_its_mode(tmp_path):
    other = tmp_path / "other.pem"
    other.write_text("not a key\n")
    other.chmod(0o644)
    assert "no key file" in serve(tmp_path / "data", "--key-file", other)
    assert other.stat().st_mode & 0o777 == 0o644


def test_the_configuration_is_a_directory(tmp_path):
    assert "directory" in serve(tmp_path / "data", "--config", tmp_path)


@pytest.mark.parametrize("which", ["--listen", "--console"])
def test_a_port_in_use(tmp_path, which):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        addresses = {"--listen": f"127.0.0.1:{free_port()}", "--console": f"127.0.0.1:{free_port()}", which: f"127.0.0.1:{port}"}
        line = run("serve", "--data", tmp_path / "data", *[x for pair in addresses.items() for x in pair])
    assert str(port) in line and "in use" in line


@pytest.mark.parametrize("text", ["", "not a pem"])
def test_bad_certificates(tmp_path, text):
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).write_text(text)
    line = serve(tmp_path / "data", "--tls-cert", tmp_path / "cert.pem", "--tls-key", tmp_path / "key.pem")
    assert "pem" in line


def test_half_of_the_root_credentials(tmp_path):
    line = serve(tmp_path / "data", env=os.environ | {"REPRISE_ROOT_ACCESS_KEY_ID": "AKIDONLY"})
    assert "REPRISE_ROOT_SECRET_ACCESS_KEY" in line
