"""The current AWS SDK for JavaScript with its defaults: CRC trailers, presigned URLs and forms, uploads in parts."""
import re
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
STEPS = re.findall(r"^  async (\w+)\(\) \{$", (HERE / "javascript.mjs").read_text(), re.MULTILINE)


@pytest.fixture(scope="module")
def outcome(endpoint, s3, on_reprise):
    """What each step of javascript.mjs said."""
    from harness.s3 import empty
    from harness.tables import unique
    bucket = unique("js")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": endpoint.region})
    done = subprocess.run(["node", str(HERE / "javascript.mjs"), endpoint.url, bucket], capture_output=True, text=True,
                          timeout=180, env=on_reprise.aws_environment, cwd=HERE)
    empty(s3, bucket)
    s3.delete_bucket(Bucket=bucket)
    said = {}
    for line in done.stdout.splitlines():
        if match := re.match(r"(\w+): (.*)", line):
            if match[1] in STEPS:
                said[match[1]] = match[2]
    assert said, done.stdout + done.stderr
    return said | {"": done.stdout + done.stderr}


@pytest.mark.parametrize("step", STEPS)
def test_javascript(outcome, step):
    assert outcome.get(step) == "ok", outcome[""]
