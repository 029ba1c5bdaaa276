"""A real `reprise serve` on loopback, with a data directory of its own.

    with Server() as server:
        server.client().list_tables()

start() returns when GET /-/ready answers 200, or raises with what the server printed. stop() sends SIGTERM and wants exit
code 0; kill() sends SIGKILL; start() again reuses data and ports.
"""
import configparser
import http.client
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import boto3
from botocore.config import Config

from harness.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
REGION = "eu-west-1"
START_SECONDS = 30
STOP_SECONDS = 30


def binary() -> Path:
    return Path(os.environ.get("REPRISE_BINARY", ROOT / "build" / "reprise")).resolve()


def read_credentials(data: Path) -> tuple[str, str]:
    """(access key id, secret) of the file the server makes at its first start."""
    parser = configparser.ConfigParser()
    parser.read(data / "credentials")
    profile = parser[parser.sections()[0]]
    return profile["aws_access_key_id"], profile["aws_secret_access_key"]


class Server:
    def __init__(self, *flags: str, data: Path | None = None, environment: dict | None = None, preexec=None):
        self.own_data = data is None
        self.data = data or Path(tempfile.mkdtemp(prefix="reprise-"))
        self.flags = list(flags)
        self.environment = environment or {}
        self.preexec = preexec
        self.port, self.console_port = free_port(), free_port()
        self.process = None
        self.log = self.data.parent / (self.data.name + ".log")

    # Life cycle

    def command(self) -> list[str]:
        return [str(binary()), "serve", "--data", str(self.data), "--listen", f"127.0.0.1:{self.port}",
                "--console", f"127.0.0.1:{self.console_port}", *self.flags]

    def launch(self):
        """Starts the process without waiting for it."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "REPRISE_ROOT_"))}
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                            env=inherited | self.environment, preexec_fn=self.preexec)

    def start(self) -> "Server":
        self.launch()
        deadline = time.monotonic() + START_SECONDS
        while not self.ready():
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}:\n{self.output()}")
            if time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the server was not ready within {START_SECONDS} s:\n{self.output()}")
            time.sleep(0.01)
        return self

    def ready(self) -> bool:
        try:
            return self.console_get("/-/ready")[0] == 200
        except OSError:
            return False

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError(f"the server did not stop within {STOP_SECONDS} s:\n{self.output()}") from None

    def kill(self):
        """SIGKILL, and nothing of it is left."""
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()

    def restart(self) -> "Server":
        code = self.stop()
        assert code == 0, f"SIGTERM gave {code}:\n{self.output()}"
        return self.start()

    def remove(self):
        self.kill()
        if self.own_data:
            shutil.rmtree(self.data, ignore_errors=True)
        self.log.unlink(missing_ok=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, trace):
        try:
            if kind is None and self.process.poll() is None:
                code = self.stop()
                assert code == 0, f"SIGTERM gave {code}:\n{self.output()}"
        finally:
            self.remove()

    def output(self) -> str:
        return self.log.read_text(errors="replace")[-8000:] if self.log.exists() else ""

    # Ways in

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def credentials(self) -> tuple[str, str]:
        return read_credentials(self.data)

    @property
    def aws_environment(self) -> dict:
        """The environment for `aws` and node."""
        return {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {
            "AWS_SHARED_CREDENTIALS_FILE": str(self.data / "credentials"), "AWS_CONFIG_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "", "AWS_MAX_ATTEMPTS": "1"}

    def session(self) -> boto3.Session:
        key, secret = self.credentials
        return boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name=REGION)

    def client(self, **options):
        return self.session().client("dynamodb", endpoint_url=self.endpoint, config=client_config(**options))

    def console_get(self, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.console_port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()


def client_config(**options) -> Config:
    """No retries, no checks on the client's side: the server's answers are what is tested."""
    settings = {"retries": {"max_attempts": 0}, "parameter_validation": False, "read_timeout": 60, "connect_timeout": 10,
                "max_pool_connections": 32}
    return Config(**(settings | options))
