"""Who may do what in S3: users' policies, bucket policies, ACLs, public access blocks, two accounts, nobody at all."""
import base64
import datetime
import hashlib
import json
import time

import pytest

from harness.raw import ApiError
from harness.s3 import refused, s3_client
from harness.tables import unique
from harness.users import OTHER_ACCOUNT, admin_call, anonymous, make_user, policy, statement  # noqa: F401 (fixtures)


def everything(bucket):
    return [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]


def put_policy(s3, bucket, *statements):
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(*statements))


def not_authorized(user, action, resource, why=None) -> str:
    """AWS's text for a caller of the bucket's account."""
    why = why or f"because no identity-based policy allows the {action} action"
    return f'User: {user.arn} is not authorized to perform: {action} on resource: "{resource}" {why}'


@pytest.fixture
def filled(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"one")
    s3.put_object(Bucket=bucket, Key="private/b", Body=b"two")
    return bucket


@pytest.fixture
def open_bucket(s3, make_bucket):
    """A bucket with ACLs, and nothing that blocks public access."""
    name = make_bucket(ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket=name)
    return name


# ---- Users of one account --------------------------------------------------------------------------------------------

def test_a_user_without_a_policy_may_do_nothing(filled, make_user):
    user = make_user()
    for call, parameters, action, key in [
            (user.s3.get_object, {"Key": "a"}, "s3:GetObject", "/a"),
            (user.s3.put_object, {"Key": "a", "Body": b"x"}, "s3:PutObject", "/a"),
            (user.s3.delete_object, {"Key": "a"}, "s3:DeleteObject", "/a"),
            (user.s3.list_objects_v2, {}, "s3:ListBucket", ""),
            (user.s3.get_bucket_policy, {}, "s3:GetBucketPolicy", ""),
            (user.s3.delete_bucket, {}, "s3:DeleteBucket", "")]:
        found = refused(call, Bucket=filled, **parameters)
        assert (found["status"], found["Code"]) == (403, "AccessDenied")
        assert found["Message"] == not_authorized(user, action, f"arn:aws:s3:::{filled}{key}")
    assert refused(user.s3.list_buckets)["Message"] == (
        f"User: {user.arn} is not authorized to perform: s3:ListAllMyBuckets because no identity-based policy allows "
        "the s3:ListAllMyBuckets action")


def test_a_policy_gives_what_it_says(filled, make_user):
    user = make_user(statement("s3:GetObject", f"arn:aws:s3:::{filled}/*"),
                     statement("s3:ListBucket", f"arn:aws:s3:::{filled}"))
    assert user.s3.get_object(Bucket=filled, Key="a")["Body"].read() == b"one"
    assert user.s3.list_objects_v2(Bucket=filled)["KeyCount"] == 2
    assert refused(user.s3.put_object, Bucket=filled, Key="c", Body=b"")["Code"] == "AccessDenied"
    assert refused(user.s3.get_object, Bucket=filled, Key="none")["Code"] == "NoSuchKey"


def test_without_list_a_missing_key_is_denied(filled, make_user):
    user = make_user(statement("s3:GetObject", f"arn:aws:s3:::{filled}/*"))
    assert refused(user.s3.get_object, Bucket=filled, Key="none")["Code"] == "AccessDenied"
    assert refused(user.s3.head_object, Bucket=filled, Key="none")["status"] == 403


def test_an_explicit_deny_wins(filled, make_user):
    user = make_user(statement("s3:*", "*"), statement("s3:GetObject", f"arn:aws:s3:::{filled}/private/*", "Deny"))
    user.s3.get_object(Bucket=filled, Key="a")
    found = refused(user.s3.get_object, Bucket=filled, Key="private/b")
    assert found["Message"] == not_authorized(user, "s3:GetObject", f"arn:aws:s3:::{filled}/private/b",
                                              "with an explicit deny in an identity-based policy")


def test_home_folders(s3, bucket, make_user):
    """The variable ${aws:username}: IAM's own example."""
    rules = [statement("s3:ListBucket", f"arn:aws:s3:::{bucket}",
                       Condition={"StringLike": {"s3:prefix": ["home/${aws:username}/*"]}}),
             statement("s3:*", f"arn:aws:s3:::{bucket}/home/${{aws:username}}/*")]
    anna, bert = make_user(*rules, name="anna-" + unique("x")[-12:]), make_user(*rules, name="bert-" + unique("x")[-12:])
    anna.s3.put_object(Bucket=bucket, Key=f"home/{anna.name}/a", Body=b"mine")
    assert anna.s3.list_objects_v2(Bucket=bucket, Prefix=f"home/{anna.name}/")["KeyCount"] == 1
    assert refused(bert.s3.get_object, Bucket=bucket, Key=f"home/{anna.name}/a")["Code"] == "AccessDenied"
    assert refused(bert.s3.list_objects_v2, Bucket=bucket, Prefix=f"home/{anna.name}/")["Code"] == "AccessDenied"
    assert refused(bert.s3.list_objects_v2, Bucket=bucket)["Code"] == "AccessDenied"


def test_deletes_are_asked_key_by_key(s3, filled, make_user):
    user = make_user(statement("s3:DeleteObject", f"arn:aws:s3:::{filled}/private/*"))
    found = user.s3.delete_objects(Bucket=filled, Delete={"Objects": [{"Key": "a"}, {"Key": "private/b"}]})
    assert [d["Key"] for d in found["Deleted"]] == ["private/b"]
    assert [(e["Key"], e["Code"]) for e in found["Errors"]] == [("a", "AccessDenied")]
    assert s3.get_object(Bucket=filled, Key="a")["Body"].read() == b"one"


def test_versions_are_rights_of_their_own(s3, versioned, make_user):
    first = s3.put_object(Bucket=versioned, Key="a", Body=b"1")["VersionId"]
    s3.put_object(Bucket=versioned, Key="a", Body=b"2")
    user = make_user(statement(["s3:GetObject", "s3:DeleteObject"], f"arn:aws:s3:::{versioned}/*"))
    assert user.s3.get_object(Bucket=versioned, Key="a")["Body"].read() == b"2"
    found = refused(user.s3.get_object, Bucket=versioned, Key="a", VersionId=first)
    assert found["Message"] == not_authorized(user, "s3:GetObjectVersion", f"arn:aws:s3:::{versioned}/a")
    assert refused(user.s3.delete_object, Bucket=versioned, Key="a", VersionId=first)["Code"] == "AccessDenied"
    user.s3.delete_object(Bucket=versioned, Key="a")


def test_a_version_may_be_named_by_a_policy_however_it_is_asked_for(s3, versioned, make_user):
    """s3:VersionId, of a GET, of an entry of DeleteObjects, and of the source of a copy."""
    first = s3.put_object(Bucket=versioned, Key="a", Body=b"1")["VersionId"]
    second = s3.put_object(Bucket=versioned, Key="a", Body=b"2")["VersionId"]
    user = make_user(statement("s3:*", "*"),
                     statement(["s3:GetObjectVersion", "s3:DeleteObjectVersion"], "*", "Deny",
                               Condition={"StringEquals": {"s3:VersionId": first}}))

    def source(version):
        return {"Bucket": versioned, "Key": "b", "CopySource": {"Bucket": versioned, "Key": "a", "VersionId": version}}

    assert refused(user.s3.get_object, Bucket=versioned, Key="a", VersionId=first)["Code"] == "AccessDenied"
    assert refused(user.s3.copy_object, **source(first))["Code"] == "AccessDenied"
    user.s3.copy_object(**source(second))
    found = user.s3.delete_objects(Bucket=versioned, Delete={"Objects": [
        {"Key": "a", "VersionId": first}, {"Key": "a", "VersionId": second}]})
    assert [d["VersionId"] for d in found["Deleted"]] == [second]
    assert [(e["VersionId"], e["Code"]) for e in found["Errors"]] == [(first, "AccessDenied")]
    assert found["Errors"][0]["Message"] == not_authorized(
        user, "s3:DeleteObjectVersion", f"arn:aws:s3:::{versioned}/a", "with an explicit deny in an identity-based policy")


def test_a_copy_asks_for_both_ends(s3, filled, make_bucket, make_user):
    target = make_bucket()
    user = make_user(statement("s3:PutObject", f"arn:aws:s3:::{target}/*"))
    found = refused(user.s3.copy_object, Bucket=target, Key="a", CopySource=f"{filled}/a")
    assert found["Code"] == "AccessDenied"
    reader = make_user(statement("s3:PutObject", f"arn:aws:s3:::{target}/*"),
                       statement("s3:GetObject", f"arn:aws:s3:::{filled}/a"))
    reader.s3.copy_object(Bucket=target, Key="a", CopySource=f"{filled}/a")
    assert refused(reader.s3.copy_object, Bucket=target, Key="b", CopySource=f"{filled}/private/b")["Code"] == "AccessDenied"


def test_presigned_urls_carry_the_users_rights(filled, make_user, raw_s3):
    user = make_user(statement("s3:GetObject", f"arn:aws:s3:::{filled}/a"))
    for key, status in (("a", 200), ("private/b", 403)):
        target = user.raw_s3.presigned("GET", f"/{filled}/{key}")
        assert raw_s3.exchange("GET", target, b"", {"host": raw_s3.host}).status == status


def test_condition_keys(s3, filled, make_user):
    objects = f"arn:aws:s3:::{filled}/*"
    sealed = make_user(statement("s3:PutObject", objects,
                                 Condition={"StringEquals": {"s3:x-amz-server-side-encryption": "AES256"}}))
    assert refused(sealed.s3.put_object, Bucket=filled, Key="c", Body=b"")["Code"] == "AccessDenied"
    sealed.s3.put_object(Bucket=filled, Key="c", Body=b"", ServerSideEncryption="AES256")

    near = make_user(statement("s3:GetObject", objects, Condition={"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}))
    near.s3.get_object(Bucket=filled, Key="a")
    far = make_user(statement("s3:GetObject", objects, Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}))
    assert refused(far.s3.get_object, Bucket=filled, Key="a")["Code"] == "AccessDenied"

    secure = make_user(statement("s3:*", "*"),
                       statement("s3:*", "*", "Deny", Condition={"Bool": {"aws:SecureTransport": "false"}}))
    assert "explicit deny" in refused(secure.s3.get_object, Bucket=filled, Key="a")["Message"]

    late = make_user(statement("s3:GetObject", objects, Condition={"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}))
    assert refused(late.s3.get_object, Bucket=filled, Key="a")["Code"] == "AccessDenied"

    few = make_user(statement("s3:ListBucket", "*", Condition={"NumericLessThanEquals": {"s3:max-keys": "10"}}))
    few.s3.list_objects_v2(Bucket=filled, MaxKeys=10)
    assert refused(few.s3.list_objects_v2, Bucket=filled, MaxKeys=11)["Code"] == "AccessDenied"


def test_a_policy_knows_a_copy_source_however_it_is_spelled(s3, filled, make_user, make_bucket):
    """S3 user guide, "Bucket policy examples using condition keys": s3:x-amz-copy-source is "bucket/key"."""
    target = make_bucket()
    every = statement(["s3:GetObject", "s3:PutObject"], "*")
    kept = make_user(every, statement("s3:PutObject", f"arn:aws:s3:::{target}/*", "Deny",
                                      Condition={"StringLike": {"s3:x-amz-copy-source": f"{filled}/private/*"}}))
    for source in (f"{filled}/private/b", f"/{filled}/private/b", f"{filled}/pr%69vate/b", f"{filled}%2Fprivate%2Fb"):
        answer = kept.raw_s3.request("PUT", f"/{target}/k", headers={"x-amz-copy-source": source})
        assert (answer.status, answer.code) == (403, "AccessDenied"), source
    one = make_user(statement("s3:GetObject", "*"),
                    statement("s3:PutObject", "*", Condition={"StringEquals": {"s3:x-amz-copy-source": f"{filled}/a"}}))
    for source in (f"{filled}/a", f"/{filled}/a", f"{filled}/%61"):
        assert one.raw_s3.request("PUT", f"/{target}/k", headers={"x-amz-copy-source": source}).status == 200, source
    assert one.raw_s3.request("PUT", f"/{target}/k", headers={"x-amz-copy-source": f"{filled}/private/b"}).status == 403


def test_parameters_of_listings_say_nothing_of_objects(filled, make_user):
    """Whoever may list one folder alone is not told what there is elsewhere."""
    user = make_user(statement("s3:GetObject", f"arn:aws:s3:::{filled}/*"),
                     statement("s3:ListBucket", f"arn:aws:s3:::{filled}", Condition={"StringLike": {"s3:prefix": "home/*"}}))
    assert user.raw_s3.request("GET", f"/{filled}", "prefix=home/").status == 200
    for query in ("", "prefix=home/"):
        answer = user.raw_s3.request("GET", f"/{filled}/none", query)
        assert (answer.status, answer.code) == (403, "AccessDenied"), query


def test_a_policy_asks_how_a_request_is_signed(endpoint, s3, filled, raw_s3):
    """S3 API reference, "Signature Version 4 authentication specific policy keys": "AWS" is version 2, whose signatures
    have the age 0."""
    old = s3_client(endpoint, signature_version="s3").generate_presigned_url("get_object", {"Bucket": filled, "Key": "a"})
    new = raw_s3.presigned("GET", f"/{filled}/a")

    def statuses(operator, key, value):
        put_policy(s3, filled, statement("s3:*", f"arn:aws:s3:::{filled}/*", "Deny", Principal="*",
                                         Condition={operator: {key: value}}))
        by_url = [raw_s3.exchange("GET", target, b"", {"host": raw_s3.host}).status
                  for target in (old.split(raw_s3.host, 1)[1], new)]
        return [*by_url, raw_s3.request("GET", f"/{filled}/a").status]

    assert statuses("StringEquals", "s3:signatureversion", "AWS") == [403, 200, 200]
    assert statuses("StringNotEquals", "s3:signatureversion", "AWS4-HMAC-SHA256") == [403, 200, 200]
    assert statuses("StringEquals", "s3:authType", "REST-QUERY-STRING") == [403, 403, 200]
    assert statuses("NumericEquals", "s3:signatureAge", "0")[0] == 403
    assert statuses("NumericLessThan", "s3:signatureAge", "604800000") == [403, 403, 200]


def test_a_new_buckets_tags_are_a_right_of_their_own(s3, endpoint, make_user):
    """S3 API reference, CreateBucket: "You must have the s3:TagResource permission to create a general purpose bucket
    with tags"."""
    name = unique("b")
    body = (f"<CreateBucketConfiguration><LocationConstraint>{endpoint.region}</LocationConstraint>"
            "<Tags><Tag><Key>team</Key><Value>audio</Value></Tag></Tags></CreateBucketConfiguration>").encode()
    bare = make_user(statement("s3:CreateBucket", "*"))
    answer = bare.raw_s3.request("PUT", f"/{name}", body=body)
    assert (answer.status, answer.message) == (403, not_authorized(bare, "s3:TagResource", f"arn:aws:s3:::{name}"))
    makes = statement(["s3:CreateBucket", "s3:TagResource"], "*")
    other = make_user(makes, statement("s3:CreateBucket", "*", "Deny",
                                       Condition={"StringNotEquals": {"aws:RequestTag/team": "video"}}))
    assert other.raw_s3.request("PUT", f"/{name}", body=body).code == "AccessDenied"
    assert make_user(makes).raw_s3.request("PUT", f"/{name}", body=body).status == 200
    s3.delete_bucket(Bucket=name)


def test_who_denies_old_tls_denies_plain_http(s3, filled, on_reprise):
    """AWS knowledge center, "How do I enforce TLS 1.2 or later for my Amazon S3 buckets?": without aws:SecureTransport the
    policy keeps plain HTTP out as well."""
    for scheme, status in (({}, 403), ({"Bool": {"aws:SecureTransport": "true"}}, 200)):
        put_policy(s3, filled, statement("s3:GetObject", f"arn:aws:s3:::{filled}/*", "Deny", Principal="*",
                                         Condition={"NumericLessThan": {"s3:TlsVersion": 1.2}} | scheme))
        if status == 200:
            assert s3.get_object(Bucket=filled, Key="a")["ResponseMetadata"]["HTTPStatusCode"] == 200
        else:
            assert refused(s3.get_object, Bucket=filled, Key="a")["status"] == status


def test_tags_of_the_object_and_of_the_request(s3, filled, make_user):
    objects = f"arn:aws:s3:::{filled}/*"
    user = make_user(statement("s3:GetObject", objects, Condition={"StringEquals": {"s3:ExistingObjectTag/Team": "red"}}),
                     statement(["s3:PutObject", "s3:PutObjectTagging"], objects,
                               Condition={"StringEquals": {"s3:RequestObjectTag/Team": "red"},
                                          "ForAllValues:StringEquals": {"s3:RequestObjectTagKeys": ["Team"]}}))
    s3.put_object_tagging(Bucket=filled, Key="a", Tagging={"TagSet": [{"Key": "Team", "Value": "red"}]})
    assert user.s3.get_object(Bucket=filled, Key="a")["Body"].read() == b"one"
    assert refused(user.s3.get_object, Bucket=filled, Key="private/b")["Code"] == "AccessDenied"
    user.s3.put_object(Bucket=filled, Key="c", Body=b"", Tagging="Team=red")
    assert refused(user.s3.put_object, Bucket=filled, Key="d", Body=b"", Tagging="Team=blue")["Code"] == "AccessDenied"
    assert refused(user.s3.put_object, Bucket=filled, Key="d", Body=b"", Tagging="Team=red&X=1")["Code"] == "AccessDenied"
    assert refused(user.s3.put_object, Bucket=filled, Key="d", Body=b"")["Code"] == "AccessDenied"


def test_a_policy_says_where_buckets_are_made(s3, endpoint, make_user):
    """S3 user guide, "Bucket policy examples using condition keys": s3:LocationConstraint."""
    for allowed, region in ((True, endpoint.region), (False, "eu-central-1")):
        user = make_user(statement("s3:CreateBucket", "*", Condition={"StringLike": {"s3:LocationConstraint": region}}))
        call = {"Bucket": unique("b"), "CreateBucketConfiguration": {"LocationConstraint": endpoint.region}}
        if allowed:
            user.s3.create_bucket(**call)
            s3.delete_bucket(Bucket=call["Bucket"])
            del call["CreateBucketConfiguration"]
        found = refused(user.s3.create_bucket, **call)
        assert (found["status"], found["Code"]) == (403, "AccessDenied")


def test_the_list_of_a_new_bucket_is_a_right_of_its_own(s3, endpoint, make_user):
    """S3 API reference, CreateBucket: "if you set the ACL to private, or if you don't specify any ACLs, only the
    s3:CreateBucket permission is required"."""
    user = make_user(statement(["s3:CreateBucket", "s3:PutBucketOwnershipControls"], "*"))
    name = unique("b")
    call = {"Bucket": name, "ObjectOwnership": "ObjectWriter",
            "CreateBucketConfiguration": {"LocationConstraint": endpoint.region}}
    found = refused(user.s3.create_bucket, GrantRead=f'id="{user.canonical_id}"', **call)
    assert (found["status"], found["Message"]) == (403, not_authorized(user, "s3:PutBucketAcl", f"arn:aws:s3:::{name}"))
    user.s3.create_bucket(ACL="private", **call)
    s3.delete_bucket(Bucket=name)


def test_a_policy_wants_conditional_writes(s3, bucket, make_user):
    """S3 user guide, "Enforce conditional writes": the parts of an upload are exempt, what makes an object is not."""
    objects = f"arn:aws:s3:::{bucket}/*"
    user = make_user(statement("s3:PutObject", objects, Condition={"Null": {"s3:if-none-match": "false"}}),
                     statement("s3:PutObject", objects, Condition={"Bool": {"s3:ObjectCreationOperation": "false"}}))
    raw_s3 = user.raw_s3
    assert raw_s3.request("PUT", f"/{bucket}/a", body=b"x").code == "AccessDenied"
    assert raw_s3.request("PUT", f"/{bucket}/a", body=b"x", headers={"if-none-match": "*"}).status == 200
    upload = user.s3.create_multipart_upload(Bucket=bucket, Key="b")["UploadId"]
    part = user.s3.upload_part(Bucket=bucket, Key="b", UploadId=upload, PartNumber=1, Body=b"x")["ETag"]
    body = (f"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{part}</ETag></Part>"
            "</CompleteMultipartUpload>").encode()
    assert raw_s3.request("POST", f"/{bucket}/b", f"uploadId={upload}", body=body).code == "AccessDenied"
    # A part's number makes no part of a completion.
    assert raw_s3.request("POST", f"/{bucket}/b", f"uploadId={upload}&partNumber=1", body=body).code == "AccessDenied"
    assert raw_s3.request("POST", f"/{bucket}/b", f"uploadId={upload}", body=body,
                          headers={"if-none-match": "*"}).status == 200


def test_a_policy_wants_conditional_deletes(s3, bucket, make_user):
    """S3 user guide, "Enforce conditional deletes on Amazon S3 buckets", example 1: "conditional deletes with a specific
    ETag value require both s3:DeleteObject and s3:GetObject permissions"."""
    objects = f"arn:aws:s3:::{bucket}/*"
    conditional = statement("s3:DeleteObject", objects, Condition={"Null": {"s3:if-match": "false"}})
    blind, user = make_user(conditional), make_user(conditional, statement("s3:GetObject", objects))
    etags = [s3.put_object(Bucket=bucket, Key=key, Body=b"x")["ETag"] for key in ("a", "b", "c")]

    def delete(who, key, etag=None):
        return who.raw_s3.request("DELETE", f"/{bucket}/{key}", headers={"if-match": etag} if etag else {}).code

    def delete_many(who, key, etag=None, query="delete", **headers):
        condition = f"<ETag>{etag}</ETag>" if etag else ""
        body = f"<Delete><Object><Key>{key}</Key>{condition}</Object></Delete>".encode()
        digest = base64.b64encode(hashlib.md5(body).digest()).decode()
        return who.raw_s3.request("POST", f"/{bucket}", query, body=body, headers={"content-md5": digest} | headers).element("Code")

    assert delete(user, "a") == "AccessDenied"
    assert delete(blind, "a", etags[0]) == "AccessDenied"
    assert delete(blind, "none", etags[0]) == "AccessDenied"
    assert delete(user, "a", '"other"') == "PreconditionFailed"
    assert delete(user, "a", etags[0]) == ""
    # A condition on the request as a whole is one on no entry.
    assert delete_many(user, "b", **{"if-match": "*"}) == "AccessDenied"
    assert delete_many(blind, "b", etags[1]) == "AccessDenied"
    assert delete_many(user, "b", etags[1]) is None
    assert delete(blind, "c", "*") == ""


def test_completing_an_upload_over_an_etag_needs_to_read_it(s3, bucket, make_user):
    """S3 user guide, "How to prevent object overwrites with conditional writes"."""
    etag = s3.put_object(Bucket=bucket, Key="a", Body=b"x")["ETag"]
    user = make_user(statement("s3:PutObject", f"arn:aws:s3:::{bucket}/*"))
    upload = user.s3.create_multipart_upload(Bucket=bucket, Key="a")["UploadId"]
    part = user.s3.upload_part(Bucket=bucket, Key="a", UploadId=upload, PartNumber=1, Body=b"y")["ETag"]
    body = (f"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{part}</ETag></Part>"
            "</CompleteMultipartUpload>").encode()
    complete = user.raw_s3.request("POST", f"/{bucket}/a", f"uploadId={upload}", body=body, headers={"if-match": etag})
    assert (complete.status, complete.message) == (403, not_authorized(user, "s3:GetObject", f"arn:aws:s3:::{bucket}/a"))
    assert user.raw_s3.request("POST", f"/{bucket}/a", f"uploadId={upload}", body=body).status == 200


def in_days(days: float) -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)


def test_a_policy_limits_how_long_an_object_is_kept(s3, make_bucket, make_user):
    """S3 user guide, "Setting limits on retention periods with a bucket policy": of an upload and of a later lock."""
    bucket = make_bucket(ObjectLockEnabledForBucket=True)
    put_policy(s3, bucket, statement(
        ["s3:PutObject", "s3:PutObjectRetention"], f"arn:aws:s3:::{bucket}/*", "Deny", Principal="*",
        Condition={"NumericGreaterThan": {"s3:object-lock-remaining-retention-days": "10"}}))
    user = make_user(statement("s3:*", "*"))

    def upload(days):
        return {"Bucket": bucket, "Key": "a", "Body": b"", "ObjectLockMode": "GOVERNANCE", "ChecksumAlgorithm": "CRC32",
                "ObjectLockRetainUntilDate": in_days(days)}

    assert "explicit deny" in refused(user.s3.put_object, **upload(11))["Message"]
    user.s3.put_object(**upload(0.01))

    def retention(days):
        return {"Bucket": bucket, "Key": "a", "Retention": {"Mode": "GOVERNANCE", "RetainUntilDate": in_days(days)}}

    found = refused(user.s3.put_object_retention, **retention(10.01))
    assert found["Message"] == not_authorized(user, "s3:PutObjectRetention", f"arn:aws:s3:::{bucket}/a",
                                              "with an explicit deny in a resource-based policy")
    user.s3.put_object_retention(**retention(9.99))


def test_a_policy_asks_which_lock_a_request_sets(s3, make_bucket, make_user):
    bucket = make_bucket(ObjectLockEnabledForBucket=True)
    s3.put_object(Bucket=bucket, Key="a", Body=b"")
    objects = f"arn:aws:s3:::{bucket}/*"
    user = make_user(
        statement("s3:PutObjectLegalHold", objects, Condition={"StringEquals": {"s3:object-lock-legal-hold": "OFF"}}),
        statement("s3:PutObjectRetention", objects, Condition={"StringEquals": {"s3:object-lock-mode": "GOVERNANCE"}}))
    assert refused(user.s3.put_object_legal_hold, Bucket=bucket, Key="a", LegalHold={"Status": "ON"})["Code"] == "AccessDenied"
    user.s3.put_object_legal_hold(Bucket=bucket, Key="a", LegalHold={"Status": "OFF"})
    until = in_days(0.001)
    for mode, allowed in (("COMPLIANCE", False), ("GOVERNANCE", True)):
        call = {"Bucket": bucket, "Key": "a", "Retention": {"Mode": mode, "RetainUntilDate": until}}
        if allowed:
            user.s3.put_object_retention(**call)
        else:
            assert refused(user.s3.put_object_retention, **call)["Code"] == "AccessDenied"


# ---- Bucket policies -------------------------------------------------------------------------------------------------

def test_a_bucket_policy_is_enough_within_the_account(s3, filled, make_user):
    user, other = make_user(), make_user()
    put_policy(s3, filled, statement("s3:GetObject", f"arn:aws:s3:::{filled}/*", Principal={"AWS": user.arn}))
    assert user.s3.get_object(Bucket=filled, Key="a")["Body"].read() == b"one"
    assert refused(other.s3.get_object, Bucket=filled, Key="a")["Code"] == "AccessDenied"


def test_the_account_as_principal_leaves_it_to_the_users_policies(s3, filled, make_user):
    put_policy(s3, filled, statement("s3:GetObject", f"arn:aws:s3:::{filled}/*", Principal={"AWS": "000000000000"}))
    assert refused(make_user().s3.get_object, Bucket=filled, Key="a")["Code"] == "AccessDenied"


def test_a_bucket_policy_denies_users_and_root(s3, filled, make_user):
    user = make_user(statement("s3:*", "*"))
    put_policy(s3, filled, statement("s3:GetObject", f"arn:aws:s3:::{filled}/private/*", "Deny", Principal="*"))
    found = refused(user.s3.get_object, Bucket=filled, Key="private/b")
    assert found["Message"] == not_authorized(user, "s3:GetObject", f"arn:aws:s3:::{filled}/private/b",
                                              "with an explicit deny in a resource-based policy")
    assert "explicit deny" in refused(s3.get_object, Bucket=filled, Key="private/b")["Message"]
    user.s3.get_object(Bucket=filled, Key="a")


def test_who_may_delete_no_version_may_delete_nothing_unversioned(s3, filled, versioned):
    """S3 API reference, DeleteObject: "If the s3:DeleteObject or s3:DeleteObjectVersion permissions are explicitly
    denied in your bucket policy, attempts to delete any unversioned objects result in a 403 Access Denied error"."""
    s3.put_object(Bucket=versioned, Key="a", Body=b"one")
    for name in (filled, versioned):
        put_policy(s3, name, statement("s3:DeleteObjectVersion", f"arn:aws:s3:::{name}/a", "Deny", Principal="*"))
    assert refused(s3.delete_object, Bucket=filled, Key="a")["status"] == 403
    [error] = s3.delete_objects(Bucket=filled, Delete={"Objects": [{"Key": "a"}, {"Key": "private/b"}]})["Errors"]
    assert (error["Key"], error["Code"]) == ("a", "AccessDenied")
    assert [found["Key"] for found in s3.list_objects_v2(Bucket=filled)["Contents"]] == ["a"]
    assert s3.delete_object(Bucket=versioned, Key="a")["DeleteMarker"], "a marker destroys nothing"


def test_root_can_always_put_the_policy_right(s3, filled):
    put_policy(s3, filled, statement("s3:*", everything(filled), "Deny", Principal="*"))
    assert refused(s3.list_objects_v2, Bucket=filled)["Code"] == "AccessDenied"
    assert "Deny" in s3.get_bucket_policy(Bucket=filled)["Policy"]
    s3.delete_bucket_policy(Bucket=filled)
    assert s3.list_objects_v2(Bucket=filled)["KeyCount"] == 2


def test_another_account_needs_both(s3, filled, make_user):
    """The bucket's policy must grant, and the caller's own must allow; what is refused is not explained."""
    stranger = make_user(statement("s3:*", "*"), account=OTHER_ACCOUNT)
    found = refused(stranger.s3.get_object, Bucket=filled, Key="a")
    assert (found["Code"], found["Message"]) == ("AccessDenied", "Access Denied")
    put_policy(s3, filled, statement("s3:GetObject", f"arn:aws:s3:::{filled}/*", Principal={"AWS": OTHER_ACCOUNT}))
    assert stranger.s3.get_object(Bucket=filled, Key="a")["Body"].read() == b"one"
    assert refused(stranger.s3.put_object, Bucket=filled, Key="a", Body=b"")["Code"] == "AccessDenied"
    unable = make_user(account=OTHER_ACCOUNT)
    assert refused(unable.s3.get_object, Bucket=filled, Key="a")["Message"] == "Access Denied"


def test_canonical_ids_name_accounts(s3, filled, make_user):
    stranger = make_user(statement("s3:*", "*"), account=OTHER_ACCOUNT)
    put_policy(s3, filled, statement("s3:GetObject", f"arn:aws:s3:::{filled}/*",
                                     Principal={"CanonicalUser": stranger.canonical_id}))
    stranger.s3.get_object(Bucket=filled, Key="a")


def test_buckets_of_another_account_are_not_seen(filled, make_user):
    stranger = make_user(statement("s3:*", "*"), account=OTHER_ACCOUNT)
    assert filled not in [b["Name"] for b in stranger.s3.list_buckets()["Buckets"]]
    assert refused(stranger.s3.head_bucket, Bucket=filled)["status"] == 403
    assert refused(stranger.s3.delete_bucket, Bucket=filled)["Code"] == "AccessDenied"
    own = unique("theirs")
    stranger.s3.create_bucket(Bucket=own, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    try:
        assert [b["Name"] for b in stranger.s3.list_buckets()["Buckets"]] == [own]
    finally:
        stranger.s3.delete_bucket(Bucket=own)


def test_expected_owner(s3, filled):
    s3.list_objects_v2(Bucket=filled, ExpectedBucketOwner="000000000000")
    assert refused(s3.list_objects_v2, Bucket=filled, ExpectedBucketOwner=OTHER_ACCOUNT)["Code"] == "AccessDenied"


def test_malformed_policies(s3, bucket):
    def text(**parts):
        made = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"} | parts
        return json.dumps({"Statement": [{k: v for k, v in made.items() if v is not None}]})
    for sent, message in [
            ("no", "Policies must be valid JSON and the first byte must be '{'"),
            (text(Principal=None), "Missing required field Principal"),
            (text(Principal={"AWS": "nobody"}), "Invalid principal in policy"),
            (text(Action="s3:Nothing"), "Policy has invalid action"),
            (text(Resource="arn:aws:s3:::else/*"), "Policy has invalid resource"),
            (text(Action="s3:ListBucket"), "Action does not apply to any resource(s) in statement"),
            (text(Condition={"StringIs": {"aws:Referer": "x"}}), "Invalid Condition type : StringIs")]:
        found = refused(s3.put_bucket_policy, Bucket=bucket, Policy=sent)
        assert (found["status"], found["Code"], found["Message"]) == (400, "MalformedPolicy", message)
    assert refused(s3.get_bucket_policy, Bucket=bucket)["Code"] == "NoSuchBucketPolicy"


# ---- Nobody at all ---------------------------------------------------------------------------------------------------

def test_anonymous_callers_get_nothing(filled, anonymous):
    for call, parameters in [(anonymous.get_object, {"Bucket": filled, "Key": "a"}),
                             (anonymous.list_objects_v2, {"Bucket": filled}),
                             (anonymous.put_object, {"Bucket": filled, "Key": "x", "Body": b""})]:
        found = refused(call, **parameters)
        assert (found["status"], found["Code"], found["Message"]) == (403, "AccessDenied", "Access Denied")


def test_a_public_policy(s3, filled, anonymous):
    public = statement("s3:GetObject", f"arn:aws:s3:::{filled}/*", Principal="*")
    found = refused(s3.put_bucket_policy, Bucket=filled, Policy=policy(public))
    assert found["Code"] == "AccessDenied"
    assert found["Message"].endswith("because public policies are prevented by the BlockPublicPolicy setting in S3 Block "
                                     "Public Access.")
    s3.delete_public_access_block(Bucket=filled)
    put_policy(s3, filled, public)
    assert s3.get_bucket_policy_status(Bucket=filled)["PolicyStatus"]["IsPublic"]
    assert anonymous.get_object(Bucket=filled, Key="a")["Body"].read() == b"one"
    assert refused(anonymous.put_object, Bucket=filled, Key="a", Body=b"")["Code"] == "AccessDenied"
    assert refused(anonymous.list_objects_v2, Bucket=filled)["Code"] == "AccessDenied"


def test_what_the_public_cannot_do(s3, raw_s3, bucket):
    """Whatever a policy allows: uploads in parts and copies are for callers who say who they are."""
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(
        statement("s3:*", [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"], Principal="*")))
    assert raw_s3.request("PUT", f"/{bucket}/k", body=b"x", sign=False).status == 200
    answer = raw_s3.request("POST", f"/{bucket}/k", "uploads", sign=False)
    assert (answer.status, answer.code, answer.message) == (
        403, "AccessDenied", "Anonymous users cannot initiate multipart uploads.  Please authenticate.")
    answer = raw_s3.request("PUT", f"/{bucket}/copy", headers={"x-amz-copy-source": f"{bucket}/k"}, sign=False)
    assert (answer.status, answer.code, answer.message) == (
        403, "AccessDenied", "Anonymous users cannot copy objects.  Please authenticate.")


def test_restrict_public_buckets(s3, filled, anonymous, make_user):
    user, stranger = make_user(), make_user(statement("s3:*", "*"), account=OTHER_ACCOUNT)
    s3.delete_public_access_block(Bucket=filled)
    put_policy(s3, filled, statement("s3:GetObject", f"arn:aws:s3:::{filled}/*", Principal="*"))
    stranger.s3.get_object(Bucket=filled, Key="a")
    s3.put_public_access_block(Bucket=filled, PublicAccessBlockConfiguration={"RestrictPublicBuckets": True})
    assert refused(anonymous.get_object, Bucket=filled, Key="a")["Code"] == "AccessDenied"
    assert refused(stranger.s3.get_object, Bucket=filled, Key="a")["Code"] == "AccessDenied"
    user.s3.get_object(Bucket=filled, Key="a")


# ---- ACLs ------------------------------------------------------------------------------------------------------------

def test_object_acls(s3, open_bucket, anonymous, make_user):
    stranger = make_user(statement("s3:*", "*"), account=OTHER_ACCOUNT)
    s3.put_object(Bucket=open_bucket, Key="public", Body=b"1", ACL="public-read")
    s3.put_object(Bucket=open_bucket, Key="granted", Body=b"2", GrantRead=f'id="{stranger.canonical_id}"')
    s3.put_object(Bucket=open_bucket, Key="private", Body=b"3")
    assert anonymous.get_object(Bucket=open_bucket, Key="public")["Body"].read() == b"1"
    assert refused(anonymous.get_object, Bucket=open_bucket, Key="granted")["Code"] == "AccessDenied"
    assert stranger.s3.get_object(Bucket=open_bucket, Key="granted")["Body"].read() == b"2"
    assert stranger.s3.get_object(Bucket=open_bucket, Key="public")["Body"].read() == b"1"
    assert refused(stranger.s3.get_object, Bucket=open_bucket, Key="private")["Code"] == "AccessDenied"
    assert refused(stranger.s3.get_object_acl, Bucket=open_bucket, Key="granted")["Code"] == "AccessDenied"


def test_a_bucket_acl_lets_in(s3, open_bucket, anonymous):
    s3.put_bucket_acl(Bucket=open_bucket, ACL="public-read")
    s3.put_object(Bucket=open_bucket, Key="a", Body=b"1")
    assert anonymous.list_objects_v2(Bucket=open_bucket)["KeyCount"] == 1
    assert refused(anonymous.get_object, Bucket=open_bucket, Key="a")["Code"] == "AccessDenied"
    s3.put_public_access_block(Bucket=open_bucket, PublicAccessBlockConfiguration={"IgnorePublicAcls": True})
    assert refused(anonymous.list_objects_v2, Bucket=open_bucket)["Code"] == "AccessDenied"


def test_acls_mean_nothing_where_the_bucket_owner_has_all(s3, open_bucket, anonymous):
    s3.put_object(Bucket=open_bucket, Key="a", Body=b"1", ACL="public-read")
    anonymous.get_object(Bucket=open_bucket, Key="a")
    s3.put_bucket_ownership_controls(Bucket=open_bucket,
                                     OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})
    assert refused(anonymous.get_object, Bucket=open_bucket, Key="a")["Code"] == "AccessDenied"


def test_who_writes_an_object_has_it(s3, open_bucket, make_user):
    """ObjectWriter: the bucket's owner can tag, lock and remove what another account wrote, and not read it."""
    stranger = make_user(statement("s3:*", "*"), account=OTHER_ACCOUNT)
    s3.put_bucket_acl(Bucket=open_bucket, GrantWrite=f'id="{stranger.canonical_id}"',
                      GrantFullControl=f'id="{s3.get_bucket_acl(Bucket=open_bucket)["Owner"]["ID"]}"')
    stranger.s3.put_object(Bucket=open_bucket, Key="theirs", Body=b"1")
    assert stranger.s3.get_object(Bucket=open_bucket, Key="theirs")["Body"].read() == b"1"
    for call in (s3.get_object, s3.get_object_acl, s3.head_object):
        assert refused(call, Bucket=open_bucket, Key="theirs")["status"] == 403
    s3.put_object_tagging(Bucket=open_bucket, Key="theirs", Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
    for client in (s3, stranger.s3):
        assert client.get_object_tagging(Bucket=open_bucket, Key="theirs")["TagSet"] == [{"Key": "a", "Value": "1"}]
    stranger.s3.put_object(Bucket=open_bucket, Key="shared", Body=b"2", ACL="bucket-owner-full-control")
    assert s3.get_object(Bucket=open_bucket, Key="shared")["Body"].read() == b"2"
    s3.delete_object(Bucket=open_bucket, Key="theirs")


def test_who_may_write_takes_nothing_of_others_away(s3, open_bucket, make_user, anonymous):
    """S3 user guide, ACL overview: WRITE "allows grantee to create new objects in the bucket. For the bucket and object
    owners of existing objects, also allows deletions"; an upload is for who began it."""
    stranger = make_user(statement("s3:*", "*"), account=OTHER_ACCOUNT)
    everybody = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'
    s3.put_bucket_acl(Bucket=open_bucket, GrantWrite=f'id="{stranger.canonical_id}",{everybody}',
                      GrantFullControl=f'id="{s3.get_bucket_acl(Bucket=open_bucket)["Owner"]["ID"]}"')
    s3.put_object(Bucket=open_bucket, Key="mine", Body=b"1")
    mine = {"Bucket": open_bucket, "Key": "mine", "UploadId": s3.create_multipart_upload(Bucket=open_bucket, Key="mine")["UploadId"]}
    for client in (stranger.s3, anonymous):
        assert refused(client.delete_object, Bucket=open_bucket, Key="mine")["Code"] == "AccessDenied"
        assert refused(client.abort_multipart_upload, **mine)["Code"] == "AccessDenied"
        assert refused(client.list_parts, **mine)["Code"] == "AccessDenied"
    stranger.s3.put_object(Bucket=open_bucket, Key="theirs", Body=b"1")
    answer = stranger.s3.delete_objects(Bucket=open_bucket, Delete={"Objects": [{"Key": "mine"}, {"Key": "theirs"}]})
    assert [deleted["Key"] for deleted in answer["Deleted"]] == ["theirs"]
    assert [(error["Key"], error["Code"]) for error in answer["Errors"]] == [("mine", "AccessDenied")]
    theirs = {"Bucket": open_bucket, "Key": "theirs",
              "UploadId": stranger.s3.create_multipart_upload(Bucket=open_bucket, Key="theirs")["UploadId"]}
    assert "Parts" not in stranger.s3.list_parts(**theirs)
    stranger.s3.abort_multipart_upload(**theirs)
    s3.list_parts(**mine)
    s3.abort_multipart_upload(**mine)
    s3.delete_object(Bucket=open_bucket, Key="mine")


@pytest.mark.parametrize("condition,headers", [
    ("s3:x-amz-acl", {"ACL": "bucket-owner-full-control"}), ("s3:x-amz-grant-full-control", {"GrantFullControl": ""})])
def test_uploads_that_must_give_the_bucket_owner_control(s3, open_bucket, make_user, condition, headers):
    """S3 user guide, "Policy examples for ACLs": s3:PutObject is enough for a list in the bucket owner's favour."""
    stranger = make_user(statement("s3:PutObject", "*"), account=OTHER_ACCOUNT)
    owner = s3.get_bucket_acl(Bucket=open_bucket)["Owner"]["ID"]
    sent = {name: value or f"id={owner}" for name, value in headers.items()}
    put_policy(s3, open_bucket, statement("s3:PutObject", f"arn:aws:s3:::{open_bucket}/*", Principal={"AWS": OTHER_ACCOUNT},
                                          Condition={"StringEquals": {condition: list(sent.values())[0]}}))
    assert refused(stranger.s3.put_object, Bucket=open_bucket, Key="a", Body=b"")["Code"] == "AccessDenied"
    stranger.s3.put_object(Bucket=open_bucket, Key="a", Body=b"1", **sent)
    assert s3.get_object(Bucket=open_bucket, Key="a")["Body"].read() == b"1"


def test_other_lists_need_a_right_of_their_own(s3, open_bucket, make_user):
    objects = f"arn:aws:s3:::{open_bucket}/*"
    user = make_user(statement("s3:PutObject", objects))
    lists = ({"ACL": "public-read"}, {"ACL": "private"}, {"GrantRead": 'id="' + "b" * 64 + '"'})
    for sent in lists:
        assert refused(user.s3.put_object, Bucket=open_bucket, Key="a", Body=b"", **sent)["Message"] == not_authorized(
            user, "s3:PutObjectAcl", f"arn:aws:s3:::{open_bucket}/a")
    trusted = make_user(statement(["s3:PutObject", "s3:PutObjectAcl"], objects))
    for sent in lists:
        trusted.s3.put_object(Bucket=open_bucket, Key="a", Body=b"", **sent)


def test_block_public_acls(s3, open_bucket):
    s3.put_public_access_block(Bucket=open_bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    for call, parameters in [(s3.put_object, {"Key": "a", "Body": b"", "ACL": "public-read"}),
                             (s3.put_bucket_acl, {"ACL": "public-read"})]:
        assert refused(call, Bucket=open_bucket, **parameters)["Code"] == "AccessDenied"
    s3.put_object(Bucket=open_bucket, Key="a", Body=b"", ACL="private")
    everybody = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
    found = refused(s3.put_object_acl, Bucket=open_bucket, Key="a", AccessControlPolicy={
        "Owner": s3.get_object_acl(Bucket=open_bucket, Key="a")["Owner"],
        "Grants": [{"Grantee": everybody, "Permission": "READ"}]})
    assert (found["status"], found["Code"]) == (403, "AccessDenied")
    assert found["Message"].endswith(f'is not authorized to perform: s3:PutObjectAcl on resource: "arn:aws:s3:::{open_bucket}/a" '
                                     "because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public "
                                     "Access.")


# ---- The past --------------------------------------------------------------------------------------------------------

def test_the_past_is_a_right_of_its_own(raw, raw_s3, s3, bucket, make_user, on_reprise):
    """An application's key with s3:* on its bucket reads the present alone; reprise:ReadPast opens the past."""
    days = b"<RecoveryConfiguration><Days>1</Days></RecoveryConfiguration>"
    assert raw_s3.request("PUT", f"/{bucket}", "reprise-recovery", body=days).status == 200
    s3.put_object(Bucket=bucket, Key="a", Body=b"before")
    time.sleep(0.002)
    at = f"{time.time():.6f}"
    s3.put_object(Bucket=bucket, Key="a", Body=b"after")
    application = make_user(statement(["s3:*", "dynamodb:*"], "*"))
    recovery = make_user(statement(["s3:Get*", "s3:List*", "reprise:ReadPast"], everything(bucket)))
    kept = make_user(statement("*", "*"), statement("reprise:ReadPast", "*", "Deny"))
    past = {"x-reprise-as-of": at}
    assert application.raw_s3.request("GET", f"/{bucket}/a").body == b"after"
    for user in (application, kept):
        for path in (f"/{bucket}/a", f"/{bucket}"):
            found = user.raw_s3.request("GET", path, headers=past)
            assert (found.status, found.code) == (403, "AccessDenied")
            assert "is not authorized to perform: reprise:ReadPast on resource" in found.message
    assert recovery.raw_s3.request("GET", f"/{bucket}/a", headers=past).body == b"before"
    assert recovery.raw_s3.request("GET", f"/{bucket}", headers=past).status == 200
    assert raw_s3.request("GET", f"/{bucket}/a", headers=past).body == b"before"


# ---- The users themselves --------------------------------------------------------------------------------------------

def test_how_long_a_new_buckets_past_is_kept_is_a_right_of_its_own(s3, endpoint, make_user):
    name = unique("b")
    body = (f"<CreateBucketConfiguration><LocationConstraint>{endpoint.region}</LocationConstraint>"
            "</CreateBucketConfiguration>").encode()
    recovery = {"x-reprise-recovery-days": "0"}
    user = make_user(statement("s3:*", "*"))
    answer = user.raw_s3.request("PUT", f"/{name}", body=body, headers=recovery)
    assert (answer.status, answer.message) == (
        403, not_authorized(user, "reprise:PutBucketRecovery", f"arn:aws:s3:::{name}"))
    keeper = make_user(statement(["s3:CreateBucket", "reprise:PutBucketRecovery"], "*"))
    assert keeper.raw_s3.request("PUT", f"/{name}", body=body, headers=recovery).status == 200
    s3.delete_bucket(Bucket=name)


def test_users_are_not_managed_by_who_may_not(raw, make_user):
    user = make_user(statement("s3:*", "*"))
    with pytest.raises(ApiError) as found:
        admin_call(user.raw, "CreateUser", UserName="x")
    assert found.value.code == "AccessDeniedException"
    assert found.value.message == (f"User: {user.arn} is not authorized to perform: reprise:CreateUser because no "
                                   "identity-based policy allows the reprise:CreateUser action")


def test_a_policy_is_its_accounts_alone_whatever_it_grants(s3, raw_s3, open_bucket):
    """S3 API reference, PutBucketPolicy: whoever has the right and is of another account is told 405."""
    text = policy(statement("s3:*", everything(open_bucket), Principal="*"))
    s3.put_bucket_policy(Bucket=open_bucket, Policy=text)
    for method, body in (("GET", b""), ("PUT", text.encode()), ("DELETE", b"")):
        answer = raw_s3.request(method, f"/{open_bucket}", "policy", body=body, sign=False)
        assert (answer.status, answer.code) == (405, "MethodNotAllowed")
    assert json.loads(s3.get_bucket_policy(Bucket=open_bucket)["Policy"]) == json.loads(text)
