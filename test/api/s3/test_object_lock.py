"""Object lock: a bucket's configuration, retention and legal hold of versions, and what they protect."""
import base64
import datetime
import hashlib

import pytest

from harness.s3 import refused
from harness.tables import unique
from harness.waiting import wait_for

UTC = datetime.timezone.utc
PROTECTED = "Access Denied because object protected by object lock."


def in_days(days: float) -> datetime.datetime:
    return datetime.datetime.now(UTC).replace(microsecond=0) + datetime.timedelta(days=days)


@pytest.fixture
def locked(make_bucket, s3):
    """A new bucket with object lock. What a test leaves locked under compliance stays with its server."""
    name = make_bucket(ObjectLockEnabledForBucket=True)
    yield name
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
        for found in page.get("Versions", []):
            try:
                s3.put_object_legal_hold(Bucket=name, Key=found["Key"], VersionId=found["VersionId"],
                                         LegalHold={"Status": "OFF"})
                s3.delete_object(Bucket=name, Key=found["Key"], VersionId=found["VersionId"],
                                 BypassGovernanceRetention=True)
            except s3.exceptions.ClientError:
                continue


def put(s3, bucket: str, key: str = "k", body: bytes = b"x", **members) -> str:
    """PutObject with Content-MD5; the version's id."""
    md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
    return s3.put_object(Bucket=bucket, Key=key, Body=body, ContentMD5=md5, **members)["VersionId"]


def retain(s3, bucket: str, version: str, mode: str, until: datetime.datetime, **members):
    return s3.put_object_retention(Bucket=bucket, Key="k", VersionId=version,
                                   Retention={"Mode": mode, "RetainUntilDate": until}, **members)


# ---- The bucket's configuration --------------------------------------------------------------------------------------

def test_a_bucket_made_with_lock(s3, locked):
    assert s3.get_bucket_versioning(Bucket=locked)["Status"] == "Enabled"
    assert s3.get_object_lock_configuration(Bucket=locked)["ObjectLockConfiguration"] == {"ObjectLockEnabled": "Enabled"}
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    s3.put_object_lock_configuration(Bucket=locked, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule})
    found = s3.get_object_lock_configuration(Bucket=locked)["ObjectLockConfiguration"]
    assert found == {"ObjectLockEnabled": "Enabled", "Rule": rule}
    s3.put_object_lock_configuration(Bucket=locked, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})
    assert "Rule" not in s3.get_object_lock_configuration(Bucket=locked)["ObjectLockConfiguration"]


def test_versioning_stays(s3, locked):
    error = refused(s3.put_bucket_versioning, Bucket=locked, VersioningConfiguration={"Status": "Suspended"})
    assert (error["status"], error["Code"]) == (409, "InvalidBucketState")
    assert error["Message"] == ("An Object Lock configuration is present on this bucket, so the versioning state cannot be "
                                "changed.")


def test_a_bucket_without_lock(s3, bucket):
    error = refused(s3.get_object_lock_configuration, Bucket=bucket)
    assert (error["status"], error["Code"]) == (404, "ObjectLockConfigurationNotFoundError")
    assert error["Message"] == "Object Lock configuration does not exist for this bucket"
    enabled = {"ObjectLockEnabled": "Enabled"}
    error = refused(s3.put_object_lock_configuration, Bucket=bucket, ObjectLockConfiguration=enabled)
    assert (error["status"], error["Code"]) == (409, "InvalidBucketState")
    assert error["Message"] == "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    for call, members in ((s3.get_object_retention, {}), (s3.get_object_legal_hold, {}),
                          (s3.put_object_legal_hold, {"LegalHold": {"Status": "ON"}}),
                          (s3.put_object_retention, {"Retention": {"Mode": "GOVERNANCE", "RetainUntilDate": in_days(1)}})):
        error = refused(call, Bucket=bucket, Key="k", **members)
        assert (error["status"], error["Code"]) == (400, "InvalidRequest")
        assert error["Message"] == "Bucket is missing Object Lock Configuration"
    error = refused(put, s3, bucket, ObjectLockLegalHoldStatus="ON")
    assert (error["Code"], error["Message"]) == ("InvalidRequest", "Bucket is missing ObjectLockConfiguration")


def test_an_existing_bucket_can_be_locked(s3, versioned):
    s3.put_object_lock_configuration(Bucket=versioned, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})
    version = put(s3, versioned, ObjectLockLegalHoldStatus="ON")
    assert refused(s3.delete_object, Bucket=versioned, Key="k", VersionId=version)["Message"] == PROTECTED
    s3.put_object_legal_hold(Bucket=versioned, Key="k", LegalHold={"Status": "OFF"})


@pytest.mark.parametrize("configuration, code, message", [
    ({}, "MalformedXML", None),
    ({"ObjectLockEnabled": "Disabled"}, "MalformedXML", None),
    ({"ObjectLockEnabled": "Enabled", "Rule": {}}, "MalformedXML", None),
    ({"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "governance", "Days": 1}}}, "MalformedXML", None),
    ({"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE"}}}, "MalformedXML", None),
    ({"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1, "Years": 1}}},
     "MalformedXML", None),
    ({"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 0}}},
     "InvalidArgument", "Default retention period must be a positive integer value."),
    ({"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 999999999}}},
     "InvalidArgument", "Default retention period too large."),
])
def test_configurations_that_are_wrong(s3, locked, configuration, code, message):
    error = refused(s3.put_object_lock_configuration, Bucket=locked, ObjectLockConfiguration=configuration)
    assert (error["status"], error["Code"]) == (400, code)
    assert message is None or error["Message"] == message


# ---- Retention -------------------------------------------------------------------------------------------------------

def test_governance(s3, locked):
    version = put(s3, locked)
    error = refused(s3.get_object_retention, Bucket=locked, Key="k")
    assert (error["status"], error["Code"]) == (404, "NoSuchObjectLockConfiguration")
    assert error["Message"] == "The specified object does not have a ObjectLock configuration"
    until = in_days(10)
    retain(s3, locked, version, "GOVERNANCE", until)
    assert s3.get_object_retention(Bucket=locked, Key="k")["Retention"] == {"Mode": "GOVERNANCE", "RetainUntilDate": until}
    head = s3.head_object(Bucket=locked, Key="k")
    assert (head["ObjectLockMode"], head["ObjectLockRetainUntilDate"]) == ("GOVERNANCE", until)
    assert "ObjectLockLegalHoldStatus" not in head
    retain(s3, locked, version, "GOVERNANCE", in_days(12))
    for mode, shorter in (("GOVERNANCE", in_days(11)), ("COMPLIANCE", in_days(20))):
        error = refused(retain, s3, locked, version, mode, shorter)
        assert (error["status"], error["Code"], error["Message"]) == (403, "AccessDenied", PROTECTED)
    retain(s3, locked, version, "GOVERNANCE", in_days(1), BypassGovernanceRetention=True)
    error = refused(s3.delete_object, Bucket=locked, Key="k", VersionId=version)
    assert (error["status"], error["Code"], error["Message"]) == (403, "AccessDenied", PROTECTED)
    assert s3.get_object(Bucket=locked, Key="k")["Body"].read() == b"x"
    s3.delete_object(Bucket=locked, Key="k", VersionId=version, BypassGovernanceRetention=True)
    assert refused(s3.head_object, Bucket=locked, Key="k")["status"] == 404


def test_governance_is_taken_away_by_an_empty_retention(s3, locked):
    version = put(s3, locked)
    retain(s3, locked, version, "GOVERNANCE", in_days(1))
    assert refused(s3.put_object_retention, Bucket=locked, Key="k", Retention={})["Message"] == PROTECTED
    s3.put_object_retention(Bucket=locked, Key="k", Retention={}, BypassGovernanceRetention=True)
    assert refused(s3.get_object_retention, Bucket=locked, Key="k")["status"] == 404
    s3.delete_object(Bucket=locked, Key="k", VersionId=version)


def test_compliance(s3, locked):
    version = put(s3, locked)
    retain(s3, locked, version, "COMPLIANCE", in_days(1))
    for attempt in (lambda: retain(s3, locked, version, "COMPLIANCE", in_days(0.5), BypassGovernanceRetention=True),
                    lambda: retain(s3, locked, version, "GOVERNANCE", in_days(9), BypassGovernanceRetention=True),
                    lambda: s3.put_object_retention(Bucket=locked, Key="k", Retention={}, BypassGovernanceRetention=True),
                    lambda: s3.delete_object(Bucket=locked, Key="k", VersionId=version, BypassGovernanceRetention=True)):
        error = refused(attempt)
        assert (error["status"], error["Code"], error["Message"]) == (403, "AccessDenied", PROTECTED)
    longer = in_days(2)
    retain(s3, locked, version, "COMPLIANCE", longer)
    assert s3.get_object_retention(Bucket=locked, Key="k")["Retention"]["RetainUntilDate"] == longer


def test_compliance_ends(s3, locked):
    version = put(s3, locked)
    until = datetime.datetime.now(UTC) + datetime.timedelta(seconds=2)
    retain(s3, locked, version, "COMPLIANCE", until)
    wait_for("the end of the retention", lambda: datetime.datetime.now(UTC) > until)
    s3.delete_object(Bucket=locked, Key="k", VersionId=version)
    assert s3.list_object_versions(Bucket=locked).get("Versions") is None


def test_retention_that_is_wrong(s3, locked):
    put(s3, locked)
    error = refused(s3.put_object_retention, Bucket=locked, Key="k",
                    Retention={"Mode": "GOVERNANCE", "RetainUntilDate": in_days(-1)})
    assert (error["status"], error["Code"]) == (400, "InvalidArgument")
    assert error["Message"] == "The retain until date must be in the future!"
    assert error["ArgumentName"] == "RetainUntilDate"
    for wrong in ({"Mode": "GOVERNANCE"}, {"RetainUntilDate": in_days(1)}, {"Mode": "X", "RetainUntilDate": in_days(1)}):
        assert refused(s3.put_object_retention, Bucket=locked, Key="k", Retention=wrong)["Code"] == "MalformedXML"
    error = refused(s3.put_object_retention, Bucket=locked, Key="missing",
                    Retention={"Mode": "GOVERNANCE", "RetainUntilDate": in_days(1)})
    assert (error["status"], error["Code"]) == (404, "NoSuchKey")
    marker = s3.delete_object(Bucket=locked, Key="k")["VersionId"]
    error = refused(s3.put_object_retention, Bucket=locked, Key="k", VersionId=marker,
                    Retention={"Mode": "GOVERNANCE", "RetainUntilDate": in_days(1)})
    assert (error["status"], error["Code"]) == (405, "MethodNotAllowed")


def test_last_modified_stays(s3, locked):
    put(s3, locked)
    before = s3.head_object(Bucket=locked, Key="k")
    s3.put_object_legal_hold(Bucket=locked, Key="k", LegalHold={"Status": "ON"})
    after = s3.head_object(Bucket=locked, Key="k")
    assert [after[n] for n in ("LastModified", "VersionId", "ETag")] == [before[n] for n in ("LastModified", "VersionId", "ETag")]
    assert len(s3.list_object_versions(Bucket=locked)["Versions"]) == 1


# ---- Legal hold ------------------------------------------------------------------------------------------------------

def test_legal_hold(s3, locked):
    version = put(s3, locked)
    assert refused(s3.get_object_legal_hold, Bucket=locked, Key="k")["Code"] == "NoSuchObjectLockConfiguration"
    s3.put_object_legal_hold(Bucket=locked, Key="k", LegalHold={"Status": "ON"})
    assert s3.get_object_legal_hold(Bucket=locked, Key="k")["LegalHold"] == {"Status": "ON"}
    assert s3.get_object(Bucket=locked, Key="k")["ObjectLockLegalHoldStatus"] == "ON"
    error = refused(s3.delete_object, Bucket=locked, Key="k", VersionId=version, BypassGovernanceRetention=True)
    assert (error["status"], error["Message"]) == (403, PROTECTED)
    s3.put_object_legal_hold(Bucket=locked, Key="k", LegalHold={"Status": "OFF"})
    assert s3.head_object(Bucket=locked, Key="k")["ObjectLockLegalHoldStatus"] == "OFF"
    s3.delete_object(Bucket=locked, Key="k", VersionId=version)
    assert refused(s3.put_object_legal_hold, Bucket=locked, Key="k", LegalHold={"Status": "on"})["Code"] == "MalformedXML"


# ---- What is protected -----------------------------------------------------------------------------------------------

def test_new_versions_and_markers_come_on_top(s3, locked):
    version = put(s3, locked, ObjectLockLegalHoldStatus="ON")
    newer = put(s3, locked, body=b"new")
    marker = s3.delete_object(Bucket=locked, Key="k")
    assert marker["DeleteMarker"] is True
    s3.delete_object(Bucket=locked, Key="k", VersionId=marker["VersionId"])
    s3.delete_object(Bucket=locked, Key="k", VersionId=newer)
    assert s3.get_object(Bucket=locked, Key="k")["VersionId"] == version


def test_delete_objects(s3, locked):
    held = put(s3, locked, "held", ObjectLockLegalHoldStatus="ON")
    free = put(s3, locked, "free")
    answer = s3.delete_objects(Bucket=locked, Delete={"Objects": [
        {"Key": "held", "VersionId": held}, {"Key": "free", "VersionId": free}]})
    assert [(e["Key"], e["Code"], e["Message"]) for e in answer["Errors"]] == [("held", "AccessDenied", PROTECTED)]
    assert [d["Key"] for d in answer["Deleted"]] == ["free"]


def test_the_bypass_header_belongs_to_locked_buckets(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    for attempt in (lambda: s3.delete_object(Bucket=bucket, Key="k", BypassGovernanceRetention=True),
                    lambda: s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "k"}]},
                                              BypassGovernanceRetention=False)):
        error = refused(attempt)
        assert (error["status"], error["Code"]) == (400, "InvalidArgument")
        assert error["Message"] == "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets."
        assert error["ArgumentName"] == "x-amz-bypass-governance-retention"


# ---- Locks of new versions -------------------------------------------------------------------------------------------

def test_headers_of_uploads(s3, locked):
    until = in_days(1)
    put(s3, locked, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until, ObjectLockLegalHoldStatus="OFF")
    head = s3.head_object(Bucket=locked, Key="k")
    assert (head["ObjectLockMode"], head["ObjectLockRetainUntilDate"]) == ("GOVERNANCE", until)
    assert head["ObjectLockLegalHoldStatus"] == "OFF"
    copied = s3.copy_object(Bucket=locked, Key="copy", CopySource=f"{locked}/k")
    assert "ObjectLockMode" not in s3.head_object(Bucket=locked, Key="copy", VersionId=copied["VersionId"])
    s3.copy_object(Bucket=locked, Key="copy", CopySource=f"{locked}/k", ObjectLockMode="GOVERNANCE",
                   ObjectLockRetainUntilDate=until)
    assert s3.head_object(Bucket=locked, Key="copy")["ObjectLockMode"] == "GOVERNANCE"
    upload = s3.create_multipart_upload(Bucket=locked, Key="parts", ObjectLockMode="GOVERNANCE",
                                        ObjectLockRetainUntilDate=until)["UploadId"]
    md5 = base64.b64encode(hashlib.md5(b"part").digest()).decode()
    part = s3.upload_part(Bucket=locked, Key="parts", UploadId=upload, PartNumber=1, Body=b"part", ContentMD5=md5)
    s3.complete_multipart_upload(Bucket=locked, Key="parts", UploadId=upload,
                                 MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert s3.head_object(Bucket=locked, Key="parts")["ObjectLockMode"] == "GOVERNANCE"


@pytest.mark.parametrize("members, message, name", [
    ({"ObjectLockMode": "GOVERNANCE"},
     "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
     "x-amz-object-lock-retain-until-date"),
    ({"ObjectLockRetainUntilDate": datetime.datetime(2099, 1, 1)},
     "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied", "x-amz-object-lock-mode"),
    ({"ObjectLockMode": "X", "ObjectLockRetainUntilDate": datetime.datetime(2099, 1, 1)}, "Unknown wormMode directive.",
     "x-amz-object-lock-mode"),
    ({"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": datetime.datetime(2020, 1, 1)},
     "The retain until date must be in the future!", "x-amz-object-lock-retain-until-date"),
    ({"ObjectLockLegalHoldStatus": "wrong"}, "Legal Hold must be either of 'ON' or 'OFF'", "x-amz-object-lock-legal-hold"),
])
def test_headers_that_are_wrong(s3, locked, members, message, name):
    for call in (lambda: put(s3, locked, **members), lambda: s3.create_multipart_upload(Bucket=locked, Key="k", **members)):
        error = refused(call)
        assert (error["status"], error["Code"], error["Message"]) == (400, "InvalidArgument", message)
        assert error["ArgumentName"] == name
    assert "Versions" not in s3.list_object_versions(Bucket=locked)


@pytest.mark.parametrize("header, value", [("x-amz-object-lock-event-hold", "ON"),
                                           ("x-amz-object-lock-event-hold-duration-days", "1"),
                                           ("x-amz-object-lock-event-hold-duration-years", "1")])
def test_event_holds_are_refused_not_forgotten(on_reprise, s3, raw_s3, locked, header, value):
    put(s3, locked, "source")
    md5 = base64.b64encode(hashlib.md5(b"x").digest()).decode()
    for method, query, headers, body in (("PUT", "", {"content-md5": md5}, b"x"), ("POST", "uploads", {}, b""),
                                         ("PUT", "", {"x-amz-copy-source": f"{locked}/source"}, b"")):
        answer = raw_s3.request(method, f"/{locked}/k", query, headers | {header: value}, body)
        assert (answer.status, answer.code, answer.element("Header")) == (501, "NotImplemented", header)
    assert [found["Key"] for found in s3.list_object_versions(Bucket=locked)["Versions"]] == ["source"]


def test_the_default_retention(s3, raw_s3, locked):
    s3.put_object_lock_configuration(Bucket=locked, ObjectLockConfiguration={
        "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}})
    version = put(s3, locked)
    head = s3.head_object(Bucket=locked, Key="k")
    assert head["ObjectLockMode"] == "GOVERNANCE"
    assert abs(head["ObjectLockRetainUntilDate"] - head["LastModified"] - datetime.timedelta(days=1)).total_seconds() < 120
    assert refused(s3.delete_object, Bucket=locked, Key="k", VersionId=version)["Message"] == PROTECTED
    later = in_days(5)
    put(s3, locked, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=later)
    assert s3.head_object(Bucket=locked, Key="k")["ObjectLockRetainUntilDate"] == later
    # "Content-MD5 OR x-amz-checksum- ...": a locked upload says what its body is.
    answer = raw_s3.request("PUT", f"/{locked}/k", body=b"x")
    assert (answer.status, answer.code) == (400, "InvalidRequest")
    assert answer.message == ("Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object "
                              "Lock parameters")
    s3.put_object(Bucket=locked, Key="k", Body=b"x", ChecksumAlgorithm="SHA256")


def test_locks_of_the_past_and_of_a_restart(endpoint, s3, locked):
    """What was locked is locked after a restart of the server."""
    if endpoint.server is None:
        pytest.skip("restarts the server")
    version = put(s3, locked, ObjectLockLegalHoldStatus="ON")
    endpoint.server.restart()
    assert refused(s3.delete_object, Bucket=locked, Key="k", VersionId=version)["Message"] == PROTECTED


def test_a_name_for_each(s3, locked):
    """Lock settings belong to one version of one key."""
    first, second = put(s3, locked), put(s3, locked)
    s3.put_object_legal_hold(Bucket=locked, Key="k", VersionId=first, LegalHold={"Status": "ON"})
    assert refused(s3.get_object_legal_hold, Bucket=locked, Key="k", VersionId=second)["status"] == 404
    assert refused(s3.get_object_legal_hold, Bucket=locked, Key=unique("other"))["Code"] == "NoSuchKey"
    error = refused(s3.get_object_legal_hold, Bucket=locked, Key="k", VersionId="wrong")
    assert (error["status"], error["Code"]) == (400, "InvalidArgument")
