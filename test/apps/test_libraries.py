"""The libraries that applications stand on, each used as its own documentation says: see the .mjs files beside this one.

Every test("...") of such a file is one test here: the file runs once with node's test runner, results.mjs reports.
"""
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.server import Server

HERE = Path(__file__).parent
FILES = sorted(file.name for file in HERE.glob("*_app.mjs"))
OWN_SERVER = {"dynamodb_admin_app.mjs"}  # it deletes every table it finds
RUN_SECONDS = 300


def names(file: str) -> list[str]:
    return re.findall(r'^test\("([^"]+)"', (HERE / file).read_text(), re.MULTILINE)


def environment(url: str, session) -> dict:
    found = session.get_credentials().get_frozen_credentials()
    given = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    given |= {"REPRISE_ENDPOINT": url, "AWS_REGION": session.region_name, "AWS_ACCESS_KEY_ID": found.access_key,
              "AWS_SECRET_ACCESS_KEY": found.secret_key, "AWS_CONFIG_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true",
              "NODE_NO_WARNINGS": "1"}
    return given | ({"AWS_SESSION_TOKEN": found.token} if found.token else {})


def run(file: str, url: str, session) -> dict:
    """test name -> {ok, error}; also what was printed otherwise, under the name ''."""
    node = shutil.which("node")
    assert node, "tools/setup installs node"
    done = subprocess.run([node, "--test-reporter=./results.mjs", "--test-reporter-destination=stdout", file], cwd=HERE,
                          env=environment(url, session), capture_output=True, text=True, timeout=RUN_SECONDS)
    lines = done.stdout.splitlines()
    reported = [json.loads(line) for line in lines if line.startswith('{"name":')]
    rest = "\n".join(line for line in lines if not line.startswith('{"name":'))
    return {r["name"]: r for r in reported} | {"": f"exit code {done.returncode}\n{rest}\n{done.stderr}"}


@pytest.fixture(scope="module")
def results(request):
    """file -> its results; each file runs when its first test asks."""
    found = {}

    def of(file: str) -> dict:
        if file not in found:
            if file in OWN_SERVER:
                with Server() as server:
                    found[file] = run(file, server.endpoint, server.session())
            else:
                endpoint = request.getfixturevalue("endpoint")
                found[file] = run(file, endpoint.url, endpoint.session)
        return found[file]

    return of


def test_every_application_is_found():
    assert len(FILES) >= 6 and all(len(names(file)) == len(set(names(file))) for file in FILES)


@pytest.mark.parametrize("file,name", [(file, name) for file in FILES for name in names(file)])
def test_application(results, file, name):
    found = results(file)
    assert name in found, f"{file} did not get to {name!r}: {found['']}"
    assert found[name]["ok"], found[name]["error"]


@pytest.mark.parametrize("file", FILES)
def test_nothing_else_went_wrong(results, file):
    """Hooks, errors outside tests, tests whose name is not in the list above."""
    found = results(file)
    assert set(found) == {"", *names(file)}, found[""]
    failed = any(not r["ok"] for name, r in found.items() if name)
    assert failed or found[""].startswith("exit code 0\n"), found[""]
