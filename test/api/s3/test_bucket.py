"""Buckets: making, finding, listing and deleting them; both sides of each limit, with S3's codes, statuses and texts."""
import concurrent.futures
import datetime

import boto3
import pytest
from botocore.exceptions import ClientError

from harness.s3 import keys_of, refused, s3_config
from harness.server import Server
from harness.tables import unique


def location(region: str) -> dict:
    return {"LocationConstraint": region}


def brief(error: dict) -> tuple:
    return error["status"], error["Code"], error["Message"]


def configuration(inside: str) -> bytes:
    return (f'<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{inside}'
            "</CreateBucketConfiguration>").encode()


# ---- Create ----------------------------------------------------------------------------------------------------------

def test_a_new_bucket_is_as_on_aws_today(s3, bucket, endpoint):
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    controls = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]
    assert controls == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()) == {True}
    rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] == endpoint.region
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    acl = s3.get_bucket_acl(Bucket=bucket)
    assert [grant["Permission"] for grant in acl["Grants"]] == ["FULL_CONTROL"]
    assert acl["Grants"][0]["Grantee"]["ID"] == acl["Owner"]["ID"]
    for absent in ("cors", "lifecycle_configuration", "policy", "replication", "tagging", "website"):
        assert refused(getattr(s3, f"get_bucket_{absent}"), Bucket=bucket)["status"] == 404


def test_create_answers_with_the_location(raw_s3, s3, endpoint):
    name = unique("b")
    answer = raw_s3.request("PUT", f"/{name}", body=configuration(
        f"<LocationConstraint>{endpoint.region}</LocationConstraint>"))
    assert (answer.status, answer.body, answer.headers["location"]) == (200, b"", f"/{name}")
    s3.delete_bucket(Bucket=name)


@pytest.mark.parametrize("name", [
    "ab", "a" * 64, "Upper", "under_score", "-dash", "dash-", ".dot", "dot.", "two..dots", "192.168.5.4", "xn--x",
    "sthree-x", "amzn-s3-demo-x", "x-s3alias", "x--ol-s3", "x.mrap", "x--x-s3", "x--table-s3",
])
def test_names_that_break_the_rules(raw_s3, name):
    answer = raw_s3.request("PUT", f"/{name}")
    assert (answer.status, answer.code, answer.message) == (400, "InvalidBucketName",
                                                            "The specified bucket is not valid.")
    assert answer.element("BucketName") == name


@pytest.mark.parametrize("name", ["abc", "a" * 63, "1.2.3", "my.bucket-1", "0-0", "1.2.3.4.5"])
def test_names_within_the_rules(make_bucket, s3, name):
    make_bucket(name)
    assert s3.head_bucket(Bucket=name)["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_location_constraints(s3, endpoint):
    if endpoint.region == "us-east-1":
        pytest.skip("the rules of the other regions")
    name = unique("b")
    incompatible = "location constraint is incompatible for the region specific endpoint this request was sent to."
    assert brief(refused(s3.create_bucket, Bucket=name)) == (
        400, "IllegalLocationConstraintException", f"The unspecified {incompatible}")
    for other in ("us-east-1", "ap-southeast-2", "us-gov-west-1"):
        if other == endpoint.region:
            continue
        error = refused(s3.create_bucket, Bucket=name, CreateBucketConfiguration=location(other))
        assert brief(error) == (400, "IllegalLocationConstraintException", f"The {other} {incompatible}")
    error = refused(s3.create_bucket, Bucket=name, CreateBucketConfiguration=location("the-moon"))
    assert brief(error) == (400, "InvalidLocationConstraint", "The specified location-constraint is not valid")
    assert refused(s3.head_bucket, Bucket=name)["status"] == 404


def test_a_client_of_us_east_1_names_no_location(on_reprise):
    """Stock clients take an endpoint that is not AWS's for us-east-1, where buckets need no location."""
    with Server() as server:
        key, secret = server.credentials
        s3 = boto3.client("s3", endpoint_url=server.endpoint, region_name="us-east-1", aws_access_key_id=key,
                          aws_secret_access_key=secret, config=s3_config())
        s3.create_bucket(Bucket="stock")
        assert s3.get_bucket_location(Bucket="stock")["LocationConstraint"] == "eu-west-1"


def test_a_name_that_is_taken_by_oneself(s3, bucket, endpoint):
    if endpoint.region == "us-east-1":
        pytest.skip("answers 200 there")
    error = refused(s3.create_bucket, Bucket=bucket, CreateBucketConfiguration=location(endpoint.region))
    assert brief(error) == (409, "BucketAlreadyOwnedByYou",
                            "Your previous request to create the named bucket succeeded and you already own it.")
    assert error["BucketName"] == bucket


def test_the_oldest_region_takes_an_old_name_again(on_reprise):
    """S3 API reference, CreateBucket: 200 in us-east-1, and the access control list is set anew; all else stays."""
    with Server("--region", "us-east-1") as server:
        key, secret = server.credentials
        s3 = boto3.client("s3", endpoint_url=server.endpoint, region_name="us-east-1", aws_access_key_id=key,
                          aws_secret_access_key=secret, config=s3_config())
        name = unique("b")
        s3.create_bucket(Bucket=name, ObjectOwnership="ObjectWriter")
        s3.delete_public_access_block(Bucket=name)
        s3.put_bucket_acl(Bucket=name, ACL="public-read")
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
        s3.put_object(Bucket=name, Key="k", Body=b"x")
        assert len(s3.get_bucket_acl(Bucket=name)["Grants"]) == 2
        assert s3.create_bucket(Bucket=name)["Location"] == f"/{name}"
        assert [grant["Permission"] for grant in s3.get_bucket_acl(Bucket=name)["Grants"]] == ["FULL_CONTROL"]
        s3.create_bucket(Bucket=name, ObjectOwnership="ObjectWriter", ACL="log-delivery-write")
        assert len(s3.get_bucket_acl(Bucket=name)["Grants"]) == 3
        assert s3.get_bucket_tagging(Bucket=name)["TagSet"] == [{"Key": "a", "Value": "1"}]
        assert keys_of(s3, name) == ["k"]
        assert s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"] == [
            {"ObjectOwnership": "ObjectWriter"}]


def test_one_of_many_makes_it(s3, endpoint):
    name = unique("b")

    def make(_):
        try:
            s3.create_bucket(Bucket=name, CreateBucketConfiguration=location(endpoint.region))
            return "made"
        except ClientError as error:
            return error.response["Error"]["Code"]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(make, range(8)))
    assert answers.count("made") == 1
    assert set(answers) <= {"made", "BucketAlreadyOwnedByYou", "OperationAborted"}
    s3.delete_bucket(Bucket=name)


@pytest.mark.parametrize("body", [b"<CreateBucketConfiguration>", b"<Other/>", b"text", configuration("<What/>"),
                                  configuration("<LocationConstraint>a</LocationConstraint>" * 2)])
def test_documents_that_are_none(raw_s3, s3, body):
    name = unique("b")
    answer = raw_s3.request("PUT", f"/{name}", body=body)
    assert (answer.status, answer.code) == (400, "MalformedXML")
    assert refused(s3.head_bucket, Bucket=name)["status"] == 404


def test_a_document_that_would_explode(raw_s3):
    entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "boom"}">' for i in range(10))
    body = f"<!DOCTYPE x [{entities}]>".encode() + configuration("<LocationConstraint>&e9;</LocationConstraint>")
    answer = raw_s3.request("PUT", "/" + unique("b"), body=body)
    assert (answer.status, answer.code) == (400, "MalformedXML")


def test_tags_of_a_new_bucket(raw_s3, s3, endpoint):
    name = unique("b")
    body = configuration(f"<LocationConstraint>{endpoint.region}</LocationConstraint>"
                         "<Tags><Tag><Key>team</Key><Value>audio</Value></Tag></Tags>")
    assert raw_s3.request("PUT", f"/{name}", body=body).status == 200
    assert s3.get_bucket_tagging(Bucket=name)["TagSet"] == [{"Key": "team", "Value": "audio"}]
    s3.delete_bucket(Bucket=name)


def test_object_lock_turns_versioning_on(s3, make_bucket):
    name = make_bucket(ObjectLockEnabledForBucket=True)
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    assert s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"] == {"ObjectLockEnabled": "Enabled"}
    error = refused(s3.put_bucket_versioning, Bucket=name, VersioningConfiguration={"Status": "Suspended"})
    assert brief(error) == (409, "InvalidBucketState", "An Object Lock configuration is present on this bucket, so the "
                                                       "versioning state cannot be changed.")


def test_acls_of_new_buckets(s3, make_bucket):
    for allowed in ("private", "bucket-owner-full-control"):
        make_bucket(ACL=allowed)
    with pytest.raises(ClientError) as enforced:
        make_bucket(ACL="public-read")
    assert enforced.value.response["Error"]["Code"] == "InvalidBucketAclWithObjectOwnership"
    with pytest.raises(ClientError) as blocked:
        make_bucket(ACL="public-read", ObjectOwnership="ObjectWriter")
    assert blocked.value.response["Error"]["Code"] == "InvalidBucketAclWithBlockPublicAccessError"
    with pytest.raises(ClientError) as both:
        make_bucket(ACL="private", ObjectOwnership="ObjectWriter", GrantRead='id="' + "a" * 64 + '"')
    assert both.value.response["Error"]["Message"] == "Specifying both Canned ACLs and Header Grants is not allowed"
    with pytest.raises(ClientError) as unknown:
        make_bucket(ObjectOwnership="Nobody")
    assert unknown.value.response["Error"]["Code"] == "InvalidArgument"
    name = make_bucket(ObjectOwnership="ObjectWriter", GrantRead='id="' + "a" * 64 + '"')
    assert s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"] == [
        {"ObjectOwnership": "ObjectWriter"}]
    grants = s3.get_bucket_acl(Bucket=name)["Grants"]
    assert [(grant["Grantee"]["ID"], grant["Permission"]) for grant in grants] == [("a" * 64, "READ")]


# ---- Find ------------------------------------------------------------------------------------------------------------

def test_head(s3, bucket, raw_s3, endpoint):
    headers = s3.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amz-bucket-region"] == endpoint.region
    missing = raw_s3.request("HEAD", "/" + unique("b"))
    assert (missing.status, missing.body) == (404, b"")


def test_the_region_is_told_to_everybody(raw_s3, bucket, endpoint):
    """SDKs ask an unsigned HeadBucket where a bucket is; the refusal tells."""
    for method, query in (("HEAD", ""), ("GET", ""), ("GET", "list-type=2")):
        for sign, status in ((True, 200), (False, 403)):
            answer = raw_s3.request(method, f"/{bucket}", query, sign=sign)
            assert (answer.status, answer.headers["x-amz-bucket-region"]) == (status, endpoint.region)
    assert "x-amz-bucket-region" not in raw_s3.request("HEAD", "/" + unique("b"), sign=False).headers


def test_what_is_not_there(s3, raw_s3):
    name = unique("b")
    for call in (s3.delete_bucket, s3.get_bucket_location, s3.get_bucket_versioning, s3.get_bucket_acl,
                 s3.get_bucket_policy, s3.list_objects_v2):
        error = refused(call, Bucket=name)
        assert brief(error) == (404, "NoSuchBucket", "The specified bucket does not exist")
        assert error["BucketName"] == name
    body = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    assert raw_s3.request("PUT", f"/{name}", "versioning", body=body).code == "NoSuchBucket"


def test_location_of_a_bucket(raw_s3, bucket, endpoint):
    answer = raw_s3.request("GET", f"/{bucket}", "location")
    region = "" if endpoint.region == "us-east-1" else endpoint.region
    assert answer.body.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"{region}</LocationConstraint>")


def test_expected_owner(s3, bucket):
    error = refused(s3.head_bucket, Bucket=bucket, ExpectedBucketOwner="999999999999")
    assert error["status"] == 403
    error = refused(s3.get_bucket_versioning, Bucket=bucket, ExpectedBucketOwner="999999999999")
    assert brief(error) == (403, "AccessDenied", "Access Denied")


# ---- List ------------------------------------------------------------------------------------------------------------

def test_list_has_them_all_in_order(s3, make_bucket):
    prefix = unique("l")
    made = sorted(make_bucket(f"{prefix}-{i}") for i in (3, 1, 2))
    answer = s3.list_buckets()
    names = [found["Name"] for found in answer["Buckets"]]
    assert names == sorted(names)
    assert [name for name in names if name.startswith(prefix)] == made
    assert len(answer["Owner"]["ID"]) == 64
    dates = [found["CreationDate"] for found in answer["Buckets"] if found["Name"] in made]
    now = datetime.datetime.now(datetime.timezone.utc)
    assert all(now - datetime.timedelta(minutes=5) < date <= now for date in dates)


def test_list_in_pages(raw_s3, make_bucket, endpoint):
    prefix = unique("p")
    made = sorted(make_bucket(f"{prefix}-{i}") for i in range(5))
    found, token, pages = [], "", 0
    while True:
        query = f"max-buckets=2&prefix={prefix}" + (f"&continuation-token={token}" if token else "")
        answer = raw_s3.request("GET", "/", query)
        assert answer.status == 200
        names = [e.text for e in answer.xml.iter() if e.tag.endswith("}Name")]
        assert len(names) <= 2
        found, pages = found + names, pages + 1
        assert answer.element("Prefix") == prefix
        assert answer.element("BucketRegion") == endpoint.region
        token = answer.element("ContinuationToken")
        if token is None:
            break
        token = token.replace("=", "%3D").replace("+", "%2B").replace("/", "%2F")
    assert (found, pages) == (made, 3)


def test_list_without_parameters_is_plain(raw_s3, bucket):
    answer = raw_s3.request("GET", "/")
    assert answer.element("BucketRegion") is None
    assert answer.element("ContinuationToken") is None
    root = answer.xml
    assert root.tag == "{http://s3.amazonaws.com/doc/2006-03-01/}ListAllMyBucketsResult"
    assert [child.tag.split("}")[1] for child in root] == ["Owner", "Buckets"]
    assert [child.tag.split("}")[1] for child in root[1][0]] == ["Name", "CreationDate"]


@pytest.mark.parametrize("query,name", [
    ("max-buckets=0", "max-buckets"), ("max-buckets=10001", "max-buckets"), ("max-buckets=x", "max-buckets"),
    ("max-buckets=", "max-buckets"), ("continuation-token=!", "continuation-token"),
    ("bucket-region=mars-1", "bucket-region"),
])
def test_list_refuses(raw_s3, query, name):
    answer = raw_s3.request("GET", "/", query)
    assert (answer.status, answer.code, answer.element("ArgumentName")) == (400, "InvalidArgument", name)


def test_list_at_the_limits(raw_s3, endpoint):
    for query in ("max-buckets=1", "max-buckets=10000", f"bucket-region={endpoint.region}", "prefix=", "continuation-token="):
        assert raw_s3.request("GET", "/", query).status == 200


# ---- Delete ----------------------------------------------------------------------------------------------------------

def test_delete(s3, make_bucket):
    name = make_bucket()
    assert s3.delete_bucket(Bucket=name)["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert refused(s3.head_bucket, Bucket=name)["status"] == 404
    assert refused(s3.delete_bucket, Bucket=name)["Code"] == "NoSuchBucket"
    assert name not in [found["Name"] for found in s3.list_buckets()["Buckets"]]


def test_only_an_empty_bucket_goes(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    error = refused(s3.delete_bucket, Bucket=bucket)
    assert brief(error) == (409, "BucketNotEmpty", "The bucket you tried to delete is not empty")
    assert error["BucketName"] == bucket
    s3.delete_object(Bucket=bucket, Key="k")
    s3.delete_bucket(Bucket=bucket)


def test_versions_and_markers_count(s3, versioned):
    version = s3.put_object(Bucket=versioned, Key="k", Body=b"x")["VersionId"]
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]
    assert keys_of(s3, versioned) == []
    assert refused(s3.delete_bucket, Bucket=versioned)["Message"] == (
        "The bucket you tried to delete is not empty. You must delete all versions in the bucket.")
    s3.delete_object(Bucket=versioned, Key="k", VersionId=version)
    assert refused(s3.delete_bucket, Bucket=versioned)["Code"] == "BucketNotEmpty"
    s3.delete_object(Bucket=versioned, Key="k", VersionId=marker)
    s3.delete_bucket(Bucket=versioned)


def test_uploads_do_not_count(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"x")
    s3.delete_bucket(Bucket=bucket)
    assert refused(s3.list_parts, Bucket=bucket, Key="k", UploadId=upload)["Code"] == "NoSuchBucket"


def test_a_new_bucket_of_an_old_name_is_empty(s3, make_bucket):
    name = make_bucket()
    s3.put_object(Bucket=name, Key="k", Body=b"old")
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
    s3.delete_object(Bucket=name, Key="k")
    s3.delete_bucket(Bucket=name)
    make_bucket(name)
    assert keys_of(s3, name) == []
    assert refused(s3.get_bucket_tagging, Bucket=name)["Code"] == "NoSuchTagSet"


def test_no_write_is_lost_in_a_bucket_that_goes(s3, make_bucket):
    """Many write while one deletes: either the bucket stays with what was answered, or nothing was answered."""
    for _ in range(10):
        name = make_bucket()

        def put(i, name=name):
            try:
                s3.put_object(Bucket=name, Key=f"k{i}", Body=b"x")
                return True
            except ClientError as error:
                assert error.response["Error"]["Code"] in ("NoSuchBucket", "OperationAborted")
                return False

        def delete(name=name):
            try:
                s3.delete_bucket(Bucket=name)
                return True
            except ClientError as error:
                assert error.response["Error"]["Code"] in ("BucketNotEmpty", "OperationAborted")
                return False

        with concurrent.futures.ThreadPoolExecutor(9) as pool:
            puts = [pool.submit(put, i) for i in range(4)]
            gone = pool.submit(delete)
            puts += [pool.submit(put, i) for i in range(4, 8)]
            kept = {f"k{i}" for i, put_ in enumerate(puts) if put_.result()}
        if gone.result():
            assert kept == set()
            assert refused(s3.head_bucket, Bucket=name)["status"] == 404
        else:
            assert set(keys_of(s3, name)) == kept


# ---- The past --------------------------------------------------------------------------------------------------------

def now_of(raw_s3) -> str:
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def keys_as_of(raw_s3, bucket: str, at: str):
    answer = raw_s3.request("GET", f"/{bucket}", "list-type=2", headers={"x-reprise-as-of": at})
    if answer.status != 200:
        return answer.code
    return [e.text for e in answer.xml.iter() if e.tag.endswith("}Key")]


def made_with_recovery(raw_s3, endpoint, days: str):
    name = unique("b")
    answer = raw_s3.request("PUT", f"/{name}", headers={"x-reprise-recovery-days": days}, body=configuration(
        f"<LocationConstraint>{endpoint.region}</LocationConstraint>"))
    return name, answer


def test_a_deleted_bucket_can_be_read_as_of_its_life(on_reprise, raw_s3, s3, endpoint):
    name, answer = made_with_recovery(raw_s3, endpoint, "1")
    assert answer.status == 200
    s3.put_object(Bucket=name, Key="k", Body=b"first")
    alive = now_of(raw_s3)
    s3.delete_object(Bucket=name, Key="k")
    s3.delete_bucket(Bucket=name)
    gone = now_of(raw_s3)
    assert keys_as_of(raw_s3, name, alive) == ["k"]
    assert raw_s3.request("GET", f"/{name}/k", headers={"x-reprise-as-of": alive}).body == b"first"
    assert raw_s3.request("HEAD", f"/{name}", headers={"x-reprise-as-of": alive}).status == 200
    assert keys_as_of(raw_s3, name, gone) == "NoSuchBucket"
    assert raw_s3.request("HEAD", f"/{name}").status == 404
    # Another bucket takes the name; the past keeps them apart.
    assert raw_s3.request("PUT", f"/{name}", headers={"x-reprise-recovery-days": "1"}, body=configuration(
        f"<LocationConstraint>{endpoint.region}</LocationConstraint>")).status == 200
    s3.put_object(Bucket=name, Key="other", Body=b"second")
    assert keys_as_of(raw_s3, name, alive) == ["k"]
    assert keys_as_of(raw_s3, name, now_of(raw_s3)) == ["other"]


@pytest.mark.parametrize("days", ["-1", "3651", "x", "", "1.5"])
def test_recovery_periods_that_are_none(on_reprise, raw_s3, s3, endpoint, days):
    name, answer = made_with_recovery(raw_s3, endpoint, days)
    assert (answer.status, answer.code) == (400, "InvalidArgument")
    assert answer.element("ArgumentName") == "x-reprise-recovery-days"
    assert refused(s3.head_bucket, Bucket=name)["status"] == 404


@pytest.mark.parametrize("days", ["0", "3650"])
def test_recovery_periods_at_the_limits(on_reprise, raw_s3, s3, endpoint, days):
    name, answer = made_with_recovery(raw_s3, endpoint, days)
    assert answer.status == 200
    s3.delete_bucket(Bucket=name)
