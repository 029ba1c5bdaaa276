"""`reprise key`, and what every command has: flags, exit codes, one-line errors, tables for people and JSON for programs."""
import re

import pytest

from harness.cli import run_cli
from harness.ports import free_port
from harness.server import Server
from harness.tables import unique

UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


@pytest.fixture(scope="module")
def server():
    with Server() as found:
        yield found


# ---- Keys ------------------------------------------------------------------------------------------------------------

def test_create_prints_the_key(server):
    alias = unique("k")
    done = run_cli(server, "key", "create", "--alias", alias)
    assert (done.code, done.err) == (0, "")
    assert re.fullmatch(f"The key is made:\n  alias       alias/{alias}\n  id          {UUID}\n"
                        f"  arn         arn:aws:kms:eu-west-1:000000000000:key/{UUID}\n"
                        f"  created     {TIME}\n  generations 1\n", done.out), done.out


def test_json_is_the_servers_answer(server):
    made = run_cli(server, "key", "create", "--json").json["Key"]
    assert set(made) == {"KeyId", "Arn", "Account", "Generations", "Created"}
    rotated = run_cli(server, "key", "rotate", made["KeyId"], "--json").json["Key"]
    assert rotated["Generations"] == 2 and rotated["Rotated"] >= made["Created"]
    listed = run_cli(server, "key", "list", "--json").json["Keys"]
    assert [key for key in listed if key["KeyId"] == made["KeyId"]] == [rotated]


def test_list_is_an_aligned_table(server):
    alias = unique("a-rather-long-alias")
    run_cli(server, "key", "create", "--alias", alias)
    lines = run_cli(server, "key", "list").out.splitlines()
    assert lines[0].split() == ["ALIAS", "KEY", "ID", "GENERATIONS", "CREATED", "ROTATED"]
    column = lines[0].index("KEY ID")
    row = next(line for line in lines if line.startswith("alias/" + alias))
    assert re.match(UUID, row[column:]) and row[column - 2:column] == "  "
    assert all(line == line.rstrip() for line in lines)


def test_local_time_stands_beside(server):
    run_cli(server, "key", "create")
    done = run_cli(server, "key", "list", env={"TZ": "XYZ-5:30"})
    assert re.search(TIME + r" \((\d{4}-\d\d-\d\d )?\d\d:\d\d XYZ\)", done.out), done.out


def test_rotate_takes_every_name(server):
    alias = unique("k")
    key = run_cli(server, "key", "create", "--alias", alias, "--json").json["Key"]
    for count, name in enumerate([alias, "alias/" + alias, key["KeyId"], key["Arn"]], 2):
        done = run_cli(server, "key", "rotate", name)
        assert done.code == 0 and f"generations {count}\n" in done.out, done.err


def test_keys_outlive_the_server(tmp_path):
    with Server(data=tmp_path / "data") as found:
        before = [run_cli(found, "key", "create", "--alias", name, "--json").json["Key"] for name in ["one", "two"]]
        found.kill()
        found.start()
        assert run_cli(found, "key", "list", "--json").json["Keys"] == before


# ---- Refusals --------------------------------------------------------------------------------------------------------

def test_refused_requests(server):
    alias = unique("k")
    run_cli(server, "key", "create", "--alias", alias)
    for words, message in [
        (["key", "create", "--alias", alias],
         f"CreateKey was refused: ResourceInUseException: there is a key alias/{alias} already"),
        (["key", "create", "--alias", "aws/s3"],
         "CreateKey was refused: ValidationException: aliases that begin with alias/aws/ are the service's own"),
        (["key", "rotate", "alias/none"],
         "RotateKey was refused: ResourceNotFoundException: Alias arn:aws:kms:eu-west-1:000000000000:alias/none is not found."),
    ]:
        done = run_cli(server, *words)
        assert (done.code, done.error) == (4, message)


def test_wrong_credentials_are_refused(server):
    done = run_cli(server, "key", "list", env={"AWS_ACCESS_KEY_ID": "AKIDNONE", "AWS_SECRET_ACCESS_KEY": "s"})
    assert done.code == 4 and done.error.startswith("ListKeys was refused: UnrecognizedClientException"), done.err
    key, _ = server.credentials
    done = run_cli(server, "key", "list", env={"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": "wrong"})
    assert done.code == 4 and "InvalidSignatureException" in done.error


def test_unreachable_and_strange_endpoints(server):
    endpoint = f"http://127.0.0.1:{free_port()}"
    done = run_cli(server, "key", "list", "--endpoint", endpoint)
    assert done.code == 3 and done.error.startswith(f"cannot reach {endpoint}: "), done.err
    strange = f"http://127.0.0.1:{server.console_port}"
    done = run_cli(server, "key", "list", "--endpoint", strange)
    assert done.code == 3 and done.error.startswith(f"{strange} answered with HTTP status 4"), done.err
    done = run_cli(server, "key", "list", "--endpoint", "localhost")
    assert (done.code, done.error) == (2, "--endpoint localhost is no URL such as http://127.0.0.1:8000")


# ---- The command line ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("words, message", [
    ([], "no command was given; see 'reprise --help'"),
    (["nothing"], "there is no command 'nothing'; see 'reprise --help'"),
    (["help", "nothing"], "there is no command 'nothing'; see 'reprise --help'"),
    (["key"], "A subcommand is required; see 'reprise key --help'"),
    (["key", "create", "--bogus"], "The following argument was not expected: --bogus; see 'reprise key create --help'"),
    (["key", "rotate"], "NAME is required; see 'reprise key rotate --help'"),
    (["user", "add", "x", "--access-key", "A"], "--access-key requires --secret-key; see 'reprise user add --help'"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_wrong_command_lines(words, message):
    done = run_cli(None, *words)
    assert (done.code, done.error) == (2, message)


def test_no_credentials_is_told():
    done = run_cli(None, "key", "list")
    assert done.code == 2 and done.error.startswith("there are no credentials: set AWS_ACCESS_KEY_ID and")


def test_a_profile_that_is_not_there(server):
    done = run_cli(server, "key", "list", "--profile", "none")
    assert (done.code, done.error) == (2, f"there is no profile 'none' in {server.data}/credentials")


def test_help_and_version():
    for words in [["help"], ["--help"], ["-h"]]:
        done = run_cli(None, *words)
        assert done.code == 0 and done.err == ""
        for command in ["serve", "key", "user", "verify"]:
            assert re.search(rf"^  {command}\s", done.out, re.MULTILINE), command
    done = run_cli(None, "help", "key", "create")
    assert done.code == 0 and done.out == run_cli(None, "key", "create", "--help").out and "--alias NAME" in done.out
    assert re.fullmatch(r"reprise \d+\.\d+\.\d+\n", run_cli(None, "--version").out)


def test_no_colours_without_a_terminal(server):
    done = run_cli(server, "key", "list", env={"TERM": "xterm-256color"})
    assert done.code == 0 and "\x1b" not in done.out + done.err


def test_colours_on_a_terminal(server):
    """A pseudo terminal as standard output: the table's heading is bold, unless NO_COLOR is set."""
    import os
    import pty
    import subprocess

    from harness.server import binary

    def printed(env: dict) -> str:
        main, side = pty.openpty()
        settings = {"AWS_ENDPOINT_URL": server.endpoint, "AWS_SHARED_CREDENTIALS_FILE": str(server.data / "credentials"),
                    "HOME": "/nonexistent", "TERM": "xterm-256color"}
        try:
            code = subprocess.run([str(binary()), "key", "list"], stdin=subprocess.DEVNULL, stdout=side, stderr=side,
                                  env=settings | env, timeout=60).returncode
            assert code == 0
            return os.read(main, 1 << 16).decode()
        finally:
            os.close(main)
            os.close(side)

    assert "\x1b[1mALIAS" in printed({})
    assert "\x1b" not in printed({"NO_COLOR": "1"})
