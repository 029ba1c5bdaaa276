"""The runbook's Scenario 3, restoring an audio file, on the real .oga files of Debian's sound-theme-freedesktop: with
`aws s3api` and with the AWS SDK for JavaScript, against a server started with `--environment production`.

The runbook's commands stand as printed, but for the names and --endpoint-url. Its bucket, ecnelisFlyStorage-xxxxx, has
capitals, which S3's naming rules refuse: what Amplify really makes is all lower case.
"""
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.s3 import refused, s3_client
from harness.server import ROOT, Server

AWS = "/usr/bin/aws"
BUCKET = "ecnelisflystorage-3vj5ylbbqzhc5"
FILE = "sounds/bell.oga"
DELETED = "sounds/complete.oga"
SPACED = "sounds/été à la mer (1).oga"


def listed_files() -> list[Path]:
    listed = subprocess.run(["dpkg", "-L", "sound-theme-freedesktop"], capture_output=True, text=True, check=True).stdout
    return [path for path in map(Path, listed.splitlines()) if path.suffix == ".oga" and path.is_file()]


@pytest.fixture(scope="module")
def originals() -> dict[str, bytes]:
    found = {f"sounds/{path.name}": path.read_bytes() for path in listed_files()}
    assert len(found) > 30 and all(data.startswith(b"OggS") for data in found.values())
    found[SPACED] = found[FILE]
    return found


@pytest.fixture
def server():
    with Server("--environment", "production") as server:
        yield server


class Cli:
    """The stock `aws` of Debian 12, in a folder of its own."""

    def __init__(self, server: Server, folder: Path):
        self.server, self.folder = server, folder

    def shell(self, command: str) -> str:
        for tool in ("s3api", "s3"):
            command = command.replace(f"aws {tool} ", f"{AWS} {tool} --endpoint-url {self.server.endpoint} ")
        # The region stands in amplify_outputs.json; `aws configure` has it.
        environment = self.server.aws_environment | {"AWS_DEFAULT_REGION": "eu-west-1", "LC_ALL": "C.UTF-8"}
        done = subprocess.run(["bash", "-ec", command], env=environment, cwd=self.folder, capture_output=True, text=True,
                              timeout=120)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def json(self, command: str):
        return json.loads(self.shell(command) or "null")

    def list_versions(self, key: str) -> dict:
        """The runbook's own command."""
        return self.json(f"""
# Lister les versions d'un fichier
aws s3api list-object-versions \\
  --bucket {BUCKET} \\
  --prefix '{key}'
""")

    def restore(self, key: str, version: str) -> dict:
        """The runbook's own command."""
        return self.json(f"""
# Restaurer une version specifique (la copier comme version courante)
aws s3api copy-object \\
  --bucket {BUCKET} \\
  --copy-source {self.quoted(f"{BUCKET}/{key}?versionId={version}")} \\
  --key {self.quoted(key)}
""")

    @staticmethod
    def quoted(text: str) -> str:
        """As printed wherever a shell takes it so."""
        return text if text.isascii() and " " not in text else f"'{text}'"

    def download(self, key: str, version: str | None = None) -> bytes:
        which = f"--version-id {version}" if version else ""
        self.shell(f"aws s3api get-object --bucket {BUCKET} --key '{key}' {which} downloaded")
        return (self.folder / "downloaded").read_bytes()


def fill(cli: Cli, originals: dict[str, bytes]):
    """What the application did: not the runbook's business, but with the same tools."""
    cli.shell(f"aws s3api create-bucket --bucket {BUCKET} --create-bucket-configuration LocationConstraint=eu-west-1")
    sounds = cli.folder / "sounds"
    sounds.mkdir()
    for key, data in originals.items():
        (cli.folder / key).write_bytes(data)
    cli.shell(f"aws s3 cp --recursive --quiet sounds s3://{BUCKET}/sounds")


def damage(cli: Cli):
    """One file is overwritten twice, others once or deleted, one of them by mistake with a whole folder."""
    for n in (1, 2):
        (cli.folder / "wrong").write_bytes(b"not a sound at all " * n)
        cli.shell(f"aws s3api put-object --bucket {BUCKET} --key {FILE} --body wrong")
    cli.shell(f"aws s3api put-object --bucket {BUCKET} --key '{SPACED}' --body wrong")
    cli.shell(f"aws s3 rm --quiet s3://{BUCKET}/{DELETED}")
    cli.shell(f"aws s3 rm --recursive --quiet s3://{BUCKET}/sounds --exclude '*' --include 'audio-*'")


def test_what_production_protects(server):
    """The runbook's table: versioning, and old versions kept for 90 days."""
    s3 = s3_client(server)
    location = {"LocationConstraint": "eu-west-1"}
    error = refused(s3.create_bucket, Bucket="ecnelisFlyStorage-xxxxx", CreateBucketConfiguration=location)
    assert (error["status"], error["Code"]) == (400, "InvalidBucketName")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    rules = s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
    assert [r.get("NoncurrentVersionExpiration") for r in rules if r["Status"] == "Enabled"] == [{"NoncurrentDays": 90}]


def test_with_aws(server, originals, tmp_path):
    cli = Cli(server, tmp_path)
    fill(cli, originals)
    damage(cli)
    assert cli.download(FILE) == b"not a sound at all " * 2

    listed = cli.list_versions(FILE)["Versions"]
    assert [v["IsLatest"] for v in listed] == [True, False, False], "newest first"
    assert [v["Size"] for v in listed] == [38, 19, len(originals[FILE])]
    version = listed[-1]["VersionId"]
    assert cli.download(FILE, version) == originals[FILE], "Download"
    copied = cli.restore(FILE, version)
    assert copied["CopySourceVersionId"] == version and copied["CopyObjectResult"]["ETag"] == listed[-1]["ETag"]
    assert cli.download(FILE) == originals[FILE], "Restore"
    after = cli.list_versions(FILE)["Versions"]
    assert after[0]["VersionId"] == copied["VersionId"] and [v["VersionId"] for v in after[1:]] == [
        v["VersionId"] for v in listed], "the copy comes on top; nothing is lost"

    # A name with spaces and accents; a deleted file, which has a delete marker on top.
    cli.restore(SPACED, cli.list_versions(SPACED)["Versions"][-1]["VersionId"])
    found = cli.list_versions(DELETED)
    assert [m["IsLatest"] for m in found["DeleteMarkers"]] == [True]
    cli.restore(DELETED, found["Versions"][0]["VersionId"])

    # The folder: each file whose newest version is a marker gets its last version back.
    everything = cli.json(f"aws s3api list-object-versions --bucket {BUCKET} --prefix sounds/")
    last = {}
    for v in everything["Versions"]:
        last.setdefault(v["Key"], v["VersionId"])
    lost = [m["Key"] for m in everything["DeleteMarkers"] if m["IsLatest"]]
    assert lost == sorted(key for key in originals if key.startswith("sounds/audio-"))
    for key in lost:
        cli.restore(key, last[key])

    back = tmp_path / "back"
    cli.shell(f"aws s3 cp --recursive --quiet s3://{BUCKET}/sounds back")
    assert {f"sounds/{p.name}": p.read_bytes() for p in back.iterdir()} == originals
    assert sorted(os.listdir(back)) == sorted(key.split("/")[1] for key in originals)


def test_a_restart_in_between(server, originals, tmp_path):
    """The versions are as durable as the files."""
    cli = Cli(server, tmp_path)
    fill(cli, {key: originals[key] for key in (FILE, DELETED, SPACED)})
    damage(cli)
    server.kill()
    server.start()
    version = cli.list_versions(FILE)["Versions"][-1]["VersionId"]
    cli.restore(FILE, version)
    server.restart()
    assert cli.download(FILE) == originals[FILE]
    assert len(cli.list_versions(FILE)["Versions"]) == 4


def test_with_javascript(server, originals, tmp_path):
    """scenario3.mjs: the current AWS SDK for JavaScript v3 with its defaults (checksums of every upload and download)."""
    node = shutil.which("node")
    assert node, "tools/setup installs node"
    folder = tmp_path / "sounds"
    folder.mkdir()
    for key, data in originals.items():
        (tmp_path / key).write_bytes(data)
    done = subprocess.run([node, "guide/scenario3.mjs", server.endpoint, str(folder), BUCKET], cwd=ROOT / "test",
                          env=server.aws_environment, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip().endswith(f"scenario 3: {len(originals)} files as they were")
