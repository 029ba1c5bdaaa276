"""Requester pays (S3 user guide, "Using Requester Pays buckets"): who is not of the owner's account says so, or is refused."""
import pytest

from harness.s3 import refused
from harness.tables import unique
from harness.users import OTHER_ACCOUNT, anonymous, make_user, policy, statement  # noqa: F401 (fixtures)

PAYS = {"RequestPayer": "requester"}


@pytest.fixture
def shared(s3, bucket):
    """A bucket that everybody may use, whose requesters pay."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"one")
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(statement(
        "s3:*", [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"], Principal="*")))
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    return bucket


@pytest.fixture
def stranger(make_user):
    return make_user(statement("s3:*", "*"), account=OTHER_ACCOUNT)


def denied(call, **parameters):
    found = refused(call, **parameters)
    # A HEAD has no document to tell more in.
    assert found["status"] == 403 and found["Code"] in ("AccessDenied", "403"), found


def test_the_owners_account_need_not_say_it(s3, shared, make_user):
    user = make_user(statement("s3:*", "*"))
    for client in (s3, user.s3):
        answer = client.get_object(Bucket=shared, Key="a")
        assert answer["Body"].read() == b"one" and "RequestCharged" not in answer
        assert "RequestCharged" not in client.get_object(Bucket=shared, Key="a", **PAYS)


def test_others_say_it_or_are_denied(s3, shared, stranger):
    source = {"Bucket": shared, "Key": "a"}
    calls = [(stranger.s3.get_object, {"Key": "a"}), (stranger.s3.head_object, {"Key": "a"}),
             (stranger.s3.put_object, {"Key": "b", "Body": b"two"}), (stranger.s3.list_objects_v2, {}),
             (stranger.s3.list_objects, {}), (stranger.s3.delete_object, {"Key": "b"}),
             (stranger.s3.create_multipart_upload, {"Key": "c"}), (stranger.s3.copy_object, {"Key": "d", "CopySource": source}),
             (stranger.s3.delete_objects, {"Delete": {"Objects": [{"Key": "e"}]}})]
    for call, parameters in calls:
        denied(call, Bucket=shared, **parameters)
    assert [found["Key"] for found in s3.list_objects_v2(Bucket=shared)["Contents"]] == ["a"]
    for call, parameters in calls:
        answer = call(Bucket=shared, **parameters, **PAYS)
        assert answer["ResponseMetadata"]["HTTPHeaders"]["x-amz-request-charged"] == "requester", parameters
        assert answer.get("RequestCharged", "requester") == "requester"


def test_it_may_be_said_in_the_query(shared, stranger):
    raw = stranger.raw_s3
    assert raw.request("GET", f"/{shared}/a").status == 403
    assert raw.request("GET", f"/{shared}/a", "x-amz-request-payer=requester").body == b"one"
    assert raw.request("GET", f"/{shared}/a", headers={"x-amz-request-payer": "BucketOwner"}).status == 403
    assert raw.exchange("GET", raw.presigned("GET", f"/{shared}/a", "x-amz-request-payer=requester"), b"",
                        {"host": raw.host}).body == b"one"


def test_nobody_cannot_pay(shared, anonymous):
    denied(anonymous.get_object, Bucket=shared, Key="a")
    denied(anonymous.get_object, Bucket=shared, Key="a", **PAYS)


def test_a_copys_source_has_its_payer(endpoint, shared, stranger):
    own = unique("b")
    stranger.s3.create_bucket(Bucket=own, CreateBucketConfiguration={"LocationConstraint": endpoint.region})
    source = {"Bucket": shared, "Key": "a"}
    denied(stranger.s3.copy_object, Bucket=own, Key="b", CopySource=source)
    stranger.s3.copy_object(Bucket=own, Key="b", CopySource=source, **PAYS)
    stranger.s3.delete_object(Bucket=own, Key="b")
    stranger.s3.delete_bucket(Bucket=own)


def test_the_owner_can_take_it_over_again(s3, shared, stranger, anonymous):
    s3.put_bucket_request_payment(Bucket=shared, RequestPaymentConfiguration={"Payer": "BucketOwner"})
    assert "RequestCharged" not in stranger.s3.get_object(Bucket=shared, Key="a")
    assert anonymous.get_object(Bucket=shared, Key="a")["Body"].read() == b"one"
