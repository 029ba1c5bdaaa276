"""S3's everyday clients, unmodified, on the sounds of sound-theme-freedesktop: rclone, s3cmd, `aws s3`, curl, s3fs.

Each finds a bucket of its own, moves a tree of files to and fro, and what comes back is compared byte by byte.
"""
import filecmp
import hashlib
import os
import shutil
import subprocess
import time
from datetime import datetime, timezone
from pathlib import Path

import pytest

from harness.server import REGION, Server, client_config
from harness.tables import unique

SOUNDS = Path("/usr/share/sounds/freedesktop/stereo")
AWS = "/usr/bin/aws"
MIB = 1 << 20
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


@pytest.fixture(scope="module")
def server():
    with Server() as running:
        yield running


@pytest.fixture(scope="module")
def s3(server):
    return server.session().client("s3", endpoint_url=server.endpoint,
                                   config=client_config(s3={"addressing_style": "path"}))


def new_bucket(s3, **settings):
    name = unique("clients").lower().replace("_", "-")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION}, **settings)
    return name


@pytest.fixture
def bucket(s3):
    return new_bucket(s3)


@pytest.fixture
def acl_bucket(s3):
    """For clients that send `x-amz-acl: private` unasked, which S3 refuses where ACLs are off: Debian's rclone and s3cmd."""
    return new_bucket(s3, ObjectOwnership="ObjectWriter")


def wait_for_second_after(s3, bucket, key, version):
    """Waits until S3's times, which are whole seconds, tell that version from a later one."""
    stored = s3.head_object(Bucket=bucket, Key=key, VersionId=version)["LastModified"]
    while datetime.now(timezone.utc).timestamp() < stored.timestamp() + 2:
        time.sleep(0.1)
    return datetime.fromtimestamp(stored.timestamp() + 1, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def sounds(tmp_path):
    """A tree of real files, some with names that need encoding, and one of 12 MB that clients send in parts."""
    tree = tmp_path / "sounds"
    (tree / "über alles").mkdir(parents=True)
    for file in sorted(SOUNDS.glob("*.oga"))[:12]:
        shutil.copy(file, tree / file.name)
    shutil.copy(next(SOUNDS.glob("bell.oga")), tree / "über alles" / "bell + 100% & more.oga")
    (tree / "empty.txt").write_bytes(b"")
    (tree / "large.wav").write_bytes(os.urandom(12 << 20))
    hour_ago = time.time() - 3600  # S3 tells whole seconds: a file of this second would be newer than its own upload
    for file in tree.rglob("*.*"):
        os.utime(file, (hour_ago, hour_ago))
    return tree


def run(words, environment=None, **options):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=300,
                          env=environment or ENVIRONMENT, **options)
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def assert_same_tree(left: Path, right: Path):
    names = sorted(str(p.relative_to(left)) for p in left.rglob("*") if p.is_file())
    assert names == sorted(str(p.relative_to(right)) for p in right.rglob("*") if p.is_file())
    same, different, errors = filecmp.cmpfiles(left, right, names, shallow=False)
    assert (different, errors) == ([], []) and len(same) == len(names)


class Rclone:
    def __init__(self, server, folder):
        key, secret = server.credentials
        self.config = folder / "rclone.conf"
        self.config.write_text(f"[store]\ntype = s3\nprovider = Other\nenv_auth = false\naccess_key_id = {key}\n"
                               f"secret_access_key = {secret}\nregion = {REGION}\nendpoint = {server.endpoint}\n"
                               "force_path_style = true\nno_check_bucket = true\n")

    def __call__(self, *words):
        return run(["rclone", "--config", self.config, *words])


@pytest.fixture
def rclone(server, tmp_path):
    return Rclone(server, tmp_path)


def test_rclone_syncs_a_tree_up_and_down(rclone, acl_bucket, sounds, tmp_path):
    bucket = acl_bucket
    rclone("sync", sounds, f"store:{bucket}/library", "--s3-upload-cutoff", "5M", "--s3-chunk-size", "5M")
    rclone("check", sounds, f"store:{bucket}/library", "--download")
    rclone("sync", f"store:{bucket}/library", tmp_path / "back")
    assert_same_tree(sounds, tmp_path / "back")
    (sounds / "empty.txt").unlink()
    rclone("sync", sounds, f"store:{bucket}/library")
    assert "empty.txt" not in rclone("lsf", "-R", f"store:{bucket}/library")


def test_rclone_on_a_bucket_without_acls(rclone, bucket, sounds, tmp_path):
    rclone("sync", sounds, f"store:{bucket}/library", "--s3-acl", "bucket-owner-full-control")
    rclone("check", sounds, f"store:{bucket}/library")


def test_rclone_sees_and_reads_old_versions(rclone, s3, bucket, tmp_path):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    old, new = (SOUNDS / "bell.oga").read_bytes(), (SOUNDS / "message.oga").read_bytes()
    first = s3.put_object(Bucket=bucket, Key="bell.oga", Body=old)
    wait_for_second_after(s3, bucket, "bell.oga", first["VersionId"])
    s3.put_object(Bucket=bucket, Key="bell.oga", Body=new)
    s3.delete_object(Bucket=bucket, Key="bell.oga")
    assert rclone("lsf", f"store:{bucket}") == ""
    names = rclone("lsf", f"store:{bucket}", "--s3-versions").split()
    assert len(names) == 2 and all(name.startswith("bell-v") for name in names)
    contents = {subprocess.run(["rclone", "--config", str(rclone.config), "cat", f"store:{bucket}/{name}", "--s3-versions"],
                               env=ENVIRONMENT, capture_output=True, check=True).stdout for name in names}
    assert contents == {old, new}


def test_rclone_reads_the_bucket_as_of_a_moment(rclone, s3, bucket, tmp_path):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    old = (SOUNDS / "bell.oga").read_bytes()
    first = s3.put_object(Bucket=bucket, Key="bell.oga", Body=old)
    moment = wait_for_second_after(s3, bucket, "bell.oga", first["VersionId"])
    s3.put_object(Bucket=bucket, Key="bell.oga", Body=b"overwritten")
    s3.put_object(Bucket=bucket, Key="later.oga", Body=b"later")
    assert rclone("lsf", f"store:{bucket}", "--s3-version-at", moment) == "bell.oga\n"
    rclone("copy", f"store:{bucket}", tmp_path / "then", "--s3-version-at", moment)
    assert (tmp_path / "then" / "bell.oga").read_bytes() == old


@pytest.fixture
def s3cmd(server, tmp_path):
    key, secret = server.credentials
    config = tmp_path / "s3cfg"
    config.write_text(f"[default]\naccess_key = {key}\nsecret_key = {secret}\nhost_base = 127.0.0.1:{server.port}\n"
                      f"host_bucket = 127.0.0.1:{server.port}\nuse_https = False\nbucket_location = {REGION}\n"
                      "multipart_chunk_size_mb = 5\n")
    return lambda *words: run(["s3cmd", "-c", config, "--no-progress", *words])


def test_s3cmd(s3cmd, s3, sounds, tmp_path):
    name = unique("s3cmd").lower().replace("_", "-")
    s3cmd("mb", f"s3://{name}")
    assert f"s3://{name}" in s3cmd("ls")
    s3cmd("sync", f"{sounds}/", f"s3://{name}/library/")
    listed = s3cmd("ls", "-r", f"s3://{name}")
    assert "large.wav" in listed and len(listed.splitlines()) == 15
    (tmp_path / "back").mkdir()
    s3cmd("sync", f"s3://{name}/library/", f"{tmp_path}/back/")
    assert_same_tree(sounds, tmp_path / "back")
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    s3cmd("cp", f"s3://{name}/library/large.wav", f"s3://{name}/copy.wav")
    assert s3.head_object(Bucket=name, Key="copy.wav")["ContentLength"] == 12 << 20
    s3cmd("mv", f"s3://{name}/copy.wav", f"s3://{name}/moved.wav")
    info = s3cmd("info", f"s3://{name}/moved.wav")
    assert "File size: 12582912" in info
    s3cmd("del", "--recursive", "--force", f"s3://{name}")
    s3cmd("rb", f"s3://{name}")
    assert f"s3://{name}" not in s3cmd("ls")


def test_aws_s3_commands(server, s3, bucket, sounds, tmp_path):
    environment = server.aws_environment | {"AWS_DEFAULT_REGION": REGION}

    def aws(*words):
        return run([AWS, "s3", "--endpoint-url", server.endpoint, *words], environment)

    aws("sync", sounds, f"s3://{bucket}/library", "--only-show-errors")
    assert aws("ls", f"s3://{bucket}/library/", "--recursive").count("\n") == 15
    assert aws("sync", sounds, f"s3://{bucket}/library") == ""  # nothing is left to do
    aws("sync", f"s3://{bucket}/library", tmp_path / "back", "--only-show-errors")
    assert_same_tree(sounds, tmp_path / "back")
    aws("cp", f"s3://{bucket}/library/large.wav", f"s3://{bucket}/large copy.wav", "--only-show-errors")
    aws("mv", f"s3://{bucket}/large copy.wav", tmp_path / "moved.wav", "--only-show-errors")
    assert filecmp.cmp(sounds / "large.wav", tmp_path / "moved.wav", shallow=False)
    assert hashlib.md5(subprocess.run([AWS, "s3", "--endpoint-url", server.endpoint, "cp", f"s3://{bucket}/library/bell.oga", "-"],
                                      env=environment, capture_output=True, check=True).stdout).hexdigest() == \
        hashlib.md5((SOUNDS / "bell.oga").read_bytes()).hexdigest()
    url = aws("presign", f"s3://{bucket}/library/bell.oga").strip()
    run(["curl", "-sS", "--fail", "-o", tmp_path / "presigned.oga", url])
    assert filecmp.cmp(SOUNDS / "bell.oga", tmp_path / "presigned.oga", shallow=False)
    aws("rb", f"s3://{bucket}", "--force")
    assert bucket not in aws("ls")


def test_copies_inside_the_store_take_no_room(server, s3, acl_bucket, rclone, tmp_path):
    """`aws s3 cp` and rclone copy large objects in parts, range by range."""
    bucket, data = acl_bucket, os.urandom(100 * MIB)
    (tmp_path / "large").write_bytes(data)
    environment = server.aws_environment | {"AWS_DEFAULT_REGION": REGION}
    aws = [AWS, "--endpoint-url", server.endpoint, "s3"]
    run([*aws, "cp", "--only-show-errors", tmp_path / "large", f"s3://{bucket}/large"], environment)
    before = disk_bytes(server)
    run([*aws, "cp", "--only-show-errors", f"s3://{bucket}/large", f"s3://{bucket}/aws"], environment)
    rclone("copyto", f"store:{bucket}/aws", f"store:{bucket}/rclone", "--s3-copy-cutoff", "11M")
    assert disk_bytes(server) - before < 4 * MIB
    run([*aws, "rm", "--only-show-errors", f"s3://{bucket}/large"], environment)
    for name in ("aws", "rclone"):
        assert s3.head_object(Bucket=bucket, Key=name)["ETag"].count("-") == 1
        assert s3.get_object(Bucket=bucket, Key=name)["Body"].read() == data


def disk_bytes(server) -> int:
    return sum(file.stat().st_blocks * 512 for file in (server.data / "blobs").rglob("*") if file.is_file())


def test_curl_with_presigned_urls(s3, bucket, tmp_path):
    source = SOUNDS / "complete.oga"
    put = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "a b/ü.oga", "ContentType": "audio/ogg"}, ExpiresIn=60)
    run(["curl", "-sS", "--fail", "-H", "Content-Type: audio/ogg", "-T", source, put])
    get = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a b/ü.oga",
                                                   "ResponseContentDisposition": 'attachment; filename="x.oga"'}, ExpiresIn=60)
    head = run(["curl", "-sS", "--fail", "-D", "-", "-o", tmp_path / "got.oga", get])
    assert filecmp.cmp(source, tmp_path / "got.oga", shallow=False)
    assert 'content-disposition: attachment; filename="x.oga"' in head.lower() and "content-type: audio/ogg" in head.lower()
    part = run(["curl", "-sS", "--fail", "-r", "0-3", get])
    assert part == "OggS"
    refused = subprocess.run(["curl", "-sS", get.replace("Signature=", "Signature=0")], capture_output=True, text=True)
    assert "<Code>SignatureDoesNotMatch</Code>" in refused.stdout
    expired = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a b/ü.oga"}, ExpiresIn=1)
    deadline = time.monotonic() + 20
    while b"Request has expired" not in subprocess.run(["curl", "-sS", expired], capture_output=True).stdout:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def mounts() -> bool:
    return Path("/dev/fuse").exists() and os.access("/dev/fuse", os.R_OK | os.W_OK) and shutil.which("s3fs") is not None


@pytest.mark.skipif(not mounts(), reason="this machine lets no file system be mounted")
def test_s3fs_mount(server, s3, bucket, sounds, tmp_path):
    key, secret = server.credentials
    passwords, mount = tmp_path / "passwd", tmp_path / "mnt"
    passwords.write_text(f"{key}:{secret}\n")
    passwords.chmod(0o600)
    mount.mkdir()
    words = ["s3fs", bucket, mount, "-o", f"passwd_file={passwords}", "-o", f"url={server.endpoint}", "-o", "use_path_request_style",
             "-o", f"endpoint={REGION}", "-o", "sigv4", "-o", "multipart_size=5"]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=60)
    if done.returncode != 0 and "fuse" in done.stderr:
        pytest.skip(f"s3fs cannot mount here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    try:
        deadline = time.monotonic() + 20
        while not os.path.ismount(mount):
            assert time.monotonic() < deadline, "s3fs did not mount"
            time.sleep(0.1)
        shutil.copytree(sounds, mount / "library")
        assert_same_tree(sounds, mount / "library")
        (mount / "library" / "bell.oga").rename(mount / "library" / "renamed.oga")
        keys = {o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]}
        assert "library/renamed.oga" in keys and "library/bell.oga" not in keys
        assert s3.get_object(Bucket=bucket, Key="library/large.wav")["Body"].read() == (sounds / "large.wav").read_bytes()
        (mount / "library" / "renamed.oga").unlink()
        assert not (mount / "library" / "renamed.oga").exists()
    finally:
        subprocess.run(["fusermount", "-u", str(mount)], capture_output=True, timeout=60)
