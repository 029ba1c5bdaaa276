"""The commands of `reprise`, run as a person or a program would run them.

    done = run_cli(server, "key", "create", "--alias", "mine")
    assert done.code == 0 and "alias/mine" in done.out
"""
import dataclasses
import json
import os
import subprocess

from harness.server import Server, binary


@dataclasses.dataclass
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict:
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """What was told in one line on standard error, without the program's name."""
        assert self.out == "", f"something was printed before the error: {self.out}"
        assert self.err.startswith("reprise: ") and self.err.count("\n") == 1 and self.err.endswith("\n"), self.err
        return self.err[len("reprise: "):-1]


def run_cli(server: Server | None, *words: str, env: dict | None = None, stdin: str | bytes = "", timeout: float = 120) -> Done:
    """One command against `server`, with its root's credentials. None: nothing in the environment points anywhere."""
    found = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "REPRISE_ROOT_"))}
    found |= {"HOME": "/nonexistent", "TZ": "UTC"}
    if server is not None:
        found |= {"AWS_ENDPOINT_URL": server.endpoint, "AWS_SHARED_CREDENTIALS_FILE": str(server.data / "credentials")}
    done = subprocess.run([str(binary()), *words], input=stdin, env=found | (env or {}), capture_output=True, text=True,
                          timeout=timeout)
    return Done(done.returncode, done.stdout, done.stderr)
