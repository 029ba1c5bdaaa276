"""Users of a Reprise server, and clients that sign as them.

    anna = make_user(statement("s3:GetObject", f"arn:aws:s3:::{bucket}/*"))
    anna.s3.get_object(...)
    anna.db.get_item(...)
"""
import json

import boto3
import pytest
from botocore import UNSIGNED

from harness.raw import ApiError, RawClient
from harness.s3 import RawS3, s3_config
from harness.server import REGION, client_config
from harness.tables import unique

ROOT_ACCOUNT = "000000000000"
OTHER_ACCOUNT = "111122223333"


def statement(action, resource, effect: str = "Allow", **more) -> dict:
    """One statement; `more` has Condition, Principal, Sid."""
    return {"Effect": effect, "Action": action, "Resource": resource} | more


def policy(*statements) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def admin_call(raw: RawClient, operation: str, **parameters) -> dict:
    """An operation of Reprise's own; ApiError when it is refused."""
    answer = raw.post(operation, parameters, prefix="Reprise_20261122.")
    if answer.status != 200:
        raise ApiError(answer)
    return answer.json


class User:
    """The answer of CreateUser, with clients."""

    def __init__(self, endpoint: str, found: dict, region: str = REGION):
        self.found, self.endpoint, self.region = found, endpoint, region
        self.name, self.account, self.arn = found["UserName"], found["Account"], found["Arn"]
        self.canonical_id = found["CanonicalId"]
        self.key = found["AccessKeys"][0]["AccessKeyId"]
        self.secret = found["AccessKeys"][0]["SecretAccessKey"]

    def session(self) -> boto3.Session:
        return boto3.Session(aws_access_key_id=self.key, aws_secret_access_key=self.secret, region_name=self.region)

    @property
    def s3(self):
        return self.session().client("s3", endpoint_url=self.endpoint, config=s3_config())

    @property
    def db(self):
        return self.session().client("dynamodb", endpoint_url=self.endpoint, config=client_config())

    @property
    def streams(self):
        return self.session().client("dynamodbstreams", endpoint_url=self.endpoint, config=client_config())

    @property
    def raw(self) -> RawClient:
        return RawClient(self.endpoint, self.key, self.secret, self.region)

    @property
    def raw_s3(self) -> RawS3:
        return RawS3(self.endpoint, self.key, self.secret, self.region)


def create_user(raw: RawClient, *statements, account: str = ROOT_ACCOUNT, name: str | None = None, **more) -> User:
    parameters = {"UserName": name or unique("u")[:60], "Account": account} | more
    if statements:
        parameters["Policy"] = policy(*statements)
    return User(raw.endpoint, admin_call(raw, "CreateUser", **parameters)["User"], raw.region)


@pytest.fixture
def make_user(raw, on_reprise):
    """make_user(statement(...), ..., account=, name=) -> a User, removed after the test."""
    made = []

    def make(*statements, **more) -> User:
        user = create_user(raw, *statements, **more)
        made.append(user)
        return user

    yield make
    for user in made:
        try:
            admin_call(raw, "DeleteUser", UserName=user.name, Account=user.account)
        except ApiError:
            continue  # gone already


@pytest.fixture
def anonymous(endpoint):
    """boto3's S3 client without a signature."""
    return boto3.Session(region_name=endpoint.region).client(
        "s3", endpoint_url=endpoint.url, aws_access_key_id="", aws_secret_access_key="",
        config=s3_config(signature_version=UNSIGNED))
