"""Tags and access control lists of objects, version by version."""
import datetime
import time

import pytest

from harness.s3 import refused


def tags(**pairs) -> dict:
    return {"TagSet": [{"Key": key, "Value": value} for key, value in pairs.items()]}


def tags_of(s3, bucket, key="k", **parameters) -> dict:
    return {tag["Key"]: tag["Value"] for tag in s3.get_object_tagging(Bucket=bucket, Key=key, **parameters)["TagSet"]}


def test_tags_are_replaced_whole(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", Tagging="first=1&second=two%20words")
    assert tags_of(s3, bucket) == {"first": "1", "second": "two words"}
    before = s3.head_object(Bucket=bucket, Key="k")
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging=tags(third="é", empty=""))
    assert tags_of(s3, bucket) == {"third": "é", "empty": ""}
    after = s3.head_object(Bucket=bucket, Key="k")
    assert (after["LastModified"], after["ETag"]) == (before["LastModified"], before["ETag"])
    assert after["ResponseMetadata"]["HTTPHeaders"].get("x-amz-tagging-count") == "2"
    answer = s3.delete_object_tagging(Bucket=bucket, Key="k")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert tags_of(s3, bucket) == {}
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def test_each_version_has_its_own(s3, versioned):
    one = s3.put_object(Bucket=versioned, Key="k", Body=b"1", Tagging="n=1")["VersionId"]
    two = s3.put_object(Bucket=versioned, Key="k", Body=b"2")["VersionId"]
    assert tags_of(s3, versioned) == {}, "they are not inherited"
    answer = s3.put_object_tagging(Bucket=versioned, Key="k", VersionId=one, Tagging=tags(n="changed"))
    assert answer["VersionId"] == one
    assert s3.put_object_tagging(Bucket=versioned, Key="k", Tagging=tags(n="2"))["VersionId"] == two
    assert tags_of(s3, versioned, VersionId=one) == {"n": "changed"}
    assert tags_of(s3, versioned, VersionId=two) == {"n": "2"}
    assert s3.delete_object_tagging(Bucket=versioned, Key="k", VersionId=one)["VersionId"] == one
    assert tags_of(s3, versioned, VersionId=one) == {}
    assert len(s3.list_object_versions(Bucket=versioned)["Versions"]) == 2, "tags make no versions"


def test_tags_of_what_is_not_there(s3, versioned):
    for call, more in ((s3.get_object_tagging, {}), (s3.put_object_tagging, {"Tagging": tags(a="1")}), (s3.delete_object_tagging, {})):
        error = refused(call, Bucket=versioned, Key="never", **more)
        assert (error["status"], error["Code"]) == (404, "NoSuchKey")
        s3.put_object(Bucket=versioned, Key="k", Body=b"x")
        marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]
        error = refused(call, Bucket=versioned, Key="k", **more)
        assert (error["status"], error["Code"]) == (404, "NoSuchKey")
        error = refused(call, Bucket=versioned, Key="k", VersionId=marker, **more)
        assert (error["status"], error["Code"]) == (405, "MethodNotAllowed")


@pytest.mark.parametrize("text, code", [
    ("<Tagging><TagSet>" + "".join(f"<Tag><Key>k{i}</Key><Value/></Tag>" for i in range(11)) + "</TagSet></Tagging>", "BadRequest"),
    ("<Tagging><TagSet><Tag><Key>a</Key><Value/></Tag><Tag><Key>a</Key><Value/></Tag></TagSet></Tagging>", "InvalidTag"),
    (f"<Tagging><TagSet><Tag><Key>{'k' * 129}</Key><Value/></Tag></TagSet></Tagging>", "InvalidTag"),
    (f"<Tagging><TagSet><Tag><Key>k</Key><Value>{'v' * 257}</Value></Tag></TagSet></Tagging>", "InvalidTag"),
    ("<Tagging><TagSet><Tag></Tag></TagSet></Tagging>", "MalformedXML"),
    ("<Tagging>", "MalformedXML"),
])
def test_tags_that_are_none(raw_s3, s3, bucket, text, code):
    import base64
    import hashlib
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", Tagging="kept=1")
    digest = base64.b64encode(hashlib.md5(text.encode()).digest()).decode()
    answer = raw_s3.request("PUT", f"/{bucket}/k", "tagging", {"content-md5": digest}, text.encode())
    assert (answer.status, answer.code) == (400, code)
    assert tags_of(s3, bucket) == {"kept": "1"}


def test_ten_tags_of_the_longest_kind(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    longest = {f"{i}" + "é" * 127: "漢" * 256 for i in range(10)}
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging=tags(**longest))
    assert tags_of(s3, bucket) == longest


def test_tags_have_a_past(s3, raw_s3, bucket, on_reprise):
    setting = b"<RecoveryConfiguration><Days>1</Days></RecoveryConfiguration>"
    assert raw_s3.request("PUT", f"/{bucket}", "reprise-recovery", body=setting).status == 200
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", Tagging="when=then")
    time.sleep(0.002)
    then = datetime.datetime.utcnow().isoformat(timespec="microseconds") + "Z"
    time.sleep(0.002)
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging=tags(when="now"))
    answer = raw_s3.request("GET", f"/{bucket}/k", "tagging", {"x-reprise-as-of": then})
    assert (answer.status, answer.element("Value")) == (200, "then")
    assert tags_of(s3, bucket) == {"when": "now"}


# ---- Access control lists --------------------------------------------------------------------------------------------

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"


def readers(s3, bucket, **parameters) -> list:
    grants = s3.get_object_acl(Bucket=bucket, Key="k", **parameters)["Grants"]
    return [(g["Grantee"].get("URI", "owner"), g["Permission"]) for g in grants]


def test_where_the_bucket_owns_every_object(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert readers(s3, bucket) == [("owner", "FULL_CONTROL")]
    error = refused(s3.put_object_acl, Bucket=bucket, Key="k", ACL="public-read")
    assert (error["status"], error["Code"], error["Message"]) == (400, "AccessControlListNotSupported",
                                                                  "The bucket does not allow ACLs")


def test_lists_belong_to_a_version(s3, make_bucket):
    bucket = make_bucket(versioned=True, ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket=bucket)
    one = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"2")
    s3.put_object_acl(Bucket=bucket, Key="k", VersionId=one, ACL="public-read")
    assert readers(s3, bucket) == [("owner", "FULL_CONTROL")]
    assert readers(s3, bucket, VersionId=one) == [("owner", "FULL_CONTROL"), (ALL_USERS, "READ")]
    whole = s3.get_object_acl(Bucket=bucket, Key="k", VersionId=one)
    s3.put_object_acl(Bucket=bucket, Key="k", AccessControlPolicy={"Owner": whole["Owner"], "Grants": whole["Grants"]})
    assert readers(s3, bucket) == [("owner", "FULL_CONTROL"), (ALL_USERS, "READ")]
    s3.put_object_acl(Bucket=bucket, Key="k", ACL="private")
    assert readers(s3, bucket) == [("owner", "FULL_CONTROL")]


def test_public_lists_may_be_blocked(s3, make_bucket):
    bucket = make_bucket(ObjectOwnership="ObjectWriter")
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    error = refused(s3.put_object_acl, Bucket=bucket, Key="k", ACL="public-read")
    assert (error["status"], error["Code"]) == (403, "AccessDenied")
    assert readers(s3, bucket) == [("owner", "FULL_CONTROL")]


def test_lists_that_are_none(raw_s3, s3, make_bucket):
    bucket = make_bucket(ObjectOwnership="ObjectWriter")
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    assert raw_s3.request("PUT", f"/{bucket}/k", "acl").code == "MissingSecurityHeader"
    assert raw_s3.request("PUT", f"/{bucket}/k", "acl", body=b"<AccessControlPolicy>").code == "MalformedACLError"
    assert raw_s3.request("PUT", f"/{bucket}/k", "acl", {"x-amz-acl": "nonsense"}).status == 400
    assert readers(s3, bucket) == [("owner", "FULL_CONTROL")]
