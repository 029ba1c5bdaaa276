"""Fixtures for every end-to-end test. See harness/."""
import os
import sys
from pathlib import Path

import boto3
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from harness.raw import RawClient  # noqa: E402
from harness.s3 import bucket, make_bucket, raw_s3, s3, versioned  # noqa: E402, F401 (fixtures)
from harness.server import REGION, Server, client_config  # noqa: E402
from harness.tables import unique, wait_active  # noqa: E402


def pytest_collection_modifyitems(config, items):
    """Spreads the tests over the workers, and checks that a run of the whole suite has not lost some."""
    for item in items:
        # A file shares tables and servers among its tests; those of crash/ have a server each, and are the longest.
        if item.path.parent.name != "crash":
            item.add_marker(pytest.mark.xdist_group(str(item.path)))
    whole = [Path(argument).resolve() for argument in config.args] == [Path(__file__).parent]
    if whole and not config.option.keyword and len(items) < 800:
        raise pytest.UsageError(f"only {len(items)} end-to-end tests were found")


class Endpoint:
    """Where the API tests go: a server of their own, or what REPRISE_TEST_ENDPOINT names (AWS itself included, with
    the credentials of the environment)."""

    def __init__(self, url: str, session: boto3.Session, server: Server | None):
        self.url, self.session, self.server = url, session, server
        self.region = session.region_name or REGION

    def client(self, **options):
        return self.session.client("dynamodb", endpoint_url=self.url, config=client_config(**options))

    def raw(self) -> RawClient:
        found = self.session.get_credentials().get_frozen_credentials()
        return RawClient(self.url, found.access_key, found.secret_key, self.region, found.token)


@pytest.fixture(scope="session")
def endpoint():
    url = os.environ.get("REPRISE_TEST_ENDPOINT")
    if url:
        yield Endpoint(url, boto3.Session(region_name=os.environ.get("AWS_REGION", REGION)), None)
        return
    with Server() as server:
        yield Endpoint(server.endpoint, server.session(), server)


@pytest.fixture(scope="session")
def db(endpoint):
    """boto3's client: no retries, no checks before sending."""
    return endpoint.client()


@pytest.fixture(scope="session")
def raw(endpoint):
    """For members Debian's boto3 does not know, and for requests no SDK would send."""
    client = endpoint.raw()
    yield client
    client.close()


@pytest.fixture(scope="session")
def on_reprise(endpoint):
    """For what only Reprise has: leaves the test out when the endpoint is another's."""
    if endpoint.server is None:
        pytest.skip("an extension of Reprise")
    return endpoint.server


@pytest.fixture(scope="module")
def make_table(db):
    """make_table(schema(...)) -> the name of a new ACTIVE table, removed with the test module."""
    made = []

    def make(parameters: dict, name: str | None = None) -> str:
        name = name or unique("t")
        db.create_table(TableName=name, **parameters)
        made.append(name)
        wait_active(db, name)
        return name

    yield make
    for name in made:
        try:
            db.delete_table(TableName=name)
        except db.exceptions.ResourceNotFoundException:
            continue
