"""Lifecycle rules: the configuration, with the service's refusals, and what the rules do to objects, versions, delete
markers and uploads on a server whose days last a second.
"""
import base64
import datetime
import hashlib
import re

import pytest

from harness.s3 import refused, s3_client
from harness.server import Server
from harness.tables import unique
from harness.waiting import wait_for

MALFORMED = ("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
DAY = {"Days": 1}


def rule(**members) -> dict:
    found = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}} | members
    return {name: value for name, value in found.items() if value is not None}


def put_rules(s3, bucket: str, *rules: dict):
    return s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": list(rules)})


def refusal(s3, bucket: str, *rules: dict) -> tuple[str, str]:
    error = refused(put_rules, s3, bucket, *rules)
    assert error["status"] == 400
    return error["Code"], error["Message"]


# ---- The configuration -----------------------------------------------------------------------------------------------

def test_no_configuration(s3, bucket):
    error = refused(s3.get_bucket_lifecycle_configuration, Bucket=bucket)
    assert (error["status"], error["Code"]) == (404, "NoSuchLifecycleConfiguration")
    assert error["Message"] == "The lifecycle configuration does not exist"
    answer = s3.delete_bucket_lifecycle(Bucket=bucket)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_rules_come_back_as_they_were_put(s3, bucket):
    rules = [
        rule(ID="logs", Filter={"Prefix": "logs/"}, Expiration={"Days": 365},
             Transitions=[{"Days": 30, "StorageClass": "GLACIER"}]),
        rule(ID="whole bucket", Filter={}, Status="Disabled", Expiration={"ExpiredObjectDeleteMarker": True}),
        rule(ID="by tag", Filter={"Tag": {"Key": "k", "Value": "v"}}, NoncurrentVersionExpiration={
            "NoncurrentDays": 90, "NewerNoncurrentVersions": 3}),
        rule(ID="both", Filter={"And": {"Prefix": "a", "Tags": [{"Key": "k", "Value": ""}, {"Key": "l", "Value": "w"}],
                                        "ObjectSizeGreaterThan": 10, "ObjectSizeLessThan": 1000}},
             Expiration={"Date": datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc)}),
        rule(ID="uploads", Filter={"Prefix": ""}, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 7}),
    ]
    answer = put_rules(s3, bucket, *rules)
    header = "x-amz-transition-default-minimum-object-size"
    assert answer["ResponseMetadata"]["HTTPHeaders"][header] == "all_storage_classes_128K"
    found = s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert found["ResponseMetadata"]["HTTPHeaders"][header] == "all_storage_classes_128K"
    by_id = {r["ID"]: r for r in found["Rules"]}
    assert by_id.pop("whole bucket") in (rules[1], rules[1] | {"Filter": {}})
    assert [by_id[r["ID"]] for r in rules if r["ID"] in by_id] == [r for r in rules if r["ID"] in by_id]
    put_rules(s3, bucket, rules[0])
    assert len(s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]) == 1
    s3.delete_bucket_lifecycle(Bucket=bucket)
    assert refused(s3.get_bucket_lifecycle_configuration, Bucket=bucket)["status"] == 404


def test_the_older_form_with_prefixes(s3, bucket):
    """PutBucketLifecycle: a prefix in the rule itself, and no filter."""
    s3.put_bucket_lifecycle(Bucket=bucket, LifecycleConfiguration={"Rules": [
        {"ID": "old", "Prefix": "logs/", "Status": "Enabled", "Expiration": {"Days": 3}}]})
    found = s3.get_bucket_lifecycle(Bucket=bucket)["Rules"]
    assert found == [{"ID": "old", "Prefix": "logs/", "Status": "Enabled", "Expiration": {"Days": 3}}]


def test_rules_without_an_id_get_one(s3, bucket):
    put_rules(s3, bucket, rule(ID=None, Expiration=DAY), rule(ID=None, Filter={"Prefix": "a"}, Expiration=DAY))
    ids = [r["ID"] for r in s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]]
    assert len(set(ids)) == 2
    for found in ids:
        assert len(found) == 48 and re.fullmatch(r"[0-9a-f-]{36}", base64.b64decode(found).decode())


def test_the_minimum_size_of_transitions(raw_s3, bucket):
    body = b"<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter/><Expiration><Days>1</Days></Expiration></Rule>" \
           b"</LifecycleConfiguration>"
    name, md5 = "x-amz-transition-default-minimum-object-size", {"content-md5": digest(body)}
    answer = raw_s3.request("PUT", f"/{bucket}", "lifecycle=", {name: "varies_by_storage_class"} | md5, body)
    assert answer.status == 200 and answer.headers[name] == "varies_by_storage_class"
    answer = raw_s3.request("GET", f"/{bucket}", "lifecycle=")
    assert answer.headers[name] == "varies_by_storage_class"
    answer = raw_s3.request("PUT", f"/{bucket}", "lifecycle=", {name: "value"} | md5, body)
    assert (answer.status, answer.code) == (400, "InvalidRequest")
    assert answer.message == "Invalid TransitionDefaultMinimumObjectSize found: value"
    answer = raw_s3.request("PUT", f"/{bucket}", "lifecycle=", {}, body)
    assert (answer.status, answer.code) == (400, "InvalidRequest"), "without Content-MD5 or a checksum"


def digest(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body).digest()).decode()


REFUSALS = [
    (rule(Expiration={"Date": datetime.datetime(2030, 1, 1, 5)}), ("InvalidArgument", "'Date' must be at midnight GMT")),
    (rule(Expiration={"Days": 0}), ("InvalidArgument", "'Days' for Expiration action must be a positive integer")),
    (rule(NoncurrentVersionExpiration={"NoncurrentDays": 0}),
     ("InvalidArgument", "'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer")),
    (rule(Expiration={"Days": 1, "ExpiredObjectDeleteMarker": True}), MALFORMED),
    (rule(NoncurrentVersionExpiration={"NewerNoncurrentVersions": 1}), MALFORMED),
    (rule(NoncurrentVersionExpiration={}), MALFORMED),
    (rule(Filter={"Tag": {"Key": "k", "Value": "v"}}, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1}),
     ("InvalidRequest", "AbortIncompleteMultipartUpload cannot be specified with Tags.")),
    (rule(Filter={"ObjectSizeGreaterThan": 1}, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1}),
     ("InvalidRequest", "AbortIncompleteMultipartUpload cannot be specified with Object Size.")),
    (rule(Filter={"ObjectSizeGreaterThan": 1}, Expiration={"ExpiredObjectDeleteMarker": True}),
     ("InvalidRequest", "ExpiredObjectDeleteMarker cannot be specified with Object Size.")),
    (rule(Filter={"Prefix": "a", "ObjectSizeGreaterThan": 1}, Expiration=DAY), MALFORMED),
    (rule(Filter={"And": {"Prefix": "a"}}, Expiration=DAY), MALFORMED),
    (rule(Filter=None, Expiration=DAY), MALFORMED),
    (rule(Status="enabled", Expiration=DAY), MALFORMED),
    (rule(Filter={"And": {"Tags": [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}]}}, Expiration=DAY),
     ("InvalidRequest", "Duplicate Tag Keys are not allowed.")),
    (rule(ID="x" * 256, Expiration=DAY), ("InvalidArgument", "ID length should not exceed allowed limit of 255")),
    (rule(), ("InvalidRequest", "At least one action needs to be specified in a rule")),
    (rule(Filter={"And": {"ObjectSizeGreaterThan": 5, "ObjectSizeLessThan": 5}}, Expiration=DAY),
     ("InvalidRequest", "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.")),
    (rule(Transitions=[{"Days": 29, "StorageClass": "STANDARD_IA"}]),
     ("InvalidArgument", "'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'")),
]


@pytest.mark.parametrize("number", range(len(REFUSALS)))
def test_refusals(s3, bucket, number):
    wrong, expected = REFUSALS[number]
    assert refusal(s3, bucket, wrong) == expected
    assert refused(s3.get_bucket_lifecycle_configuration, Bucket=bucket)["status"] == 404, "and nothing is changed"


def test_rules_that_contradict_each_other(s3, bucket):
    assert refusal(s3, bucket, rule(Expiration=DAY), rule(Expiration=DAY)) == (
        "InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule")
    old = [{"ID": i, "Prefix": p, "Status": "Enabled", "Expiration": DAY} for i, p in (("1", "a"), ("2", ""))]
    assert refusal(s3, bucket, *old) == (
        "InvalidRequest", "Found overlapping prefixes '' and 'a' for same action type 'Expiration'")
    newer = old[0] | {"NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 1}}
    assert refusal(s3, bucket, newer) == (
        "InvalidRequest", "NewerNoncurrentVersions element can only be used in Lifecycle V2.")


# ---- What answers say ------------------------------------------------------------------------------------------------

def test_x_amz_expiration(s3, versioned):
    put_rules(s3, versioned, rule(ID="Delete after 14 days", Filter={"Prefix": "logs/"}, Expiration={"Days": 14}),
              rule(ID="big", Filter={"ObjectSizeGreaterThan": 100}, Expiration={"Days": 3}))
    answer = s3.put_object(Bucket=versioned, Key="logs/a", Body=b"x")
    midnight = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    due = midnight + datetime.timedelta(days=15)
    expected = f'expiry-date="{due:%a, %d %b %Y} 00:00:00 GMT", rule-id="Delete after 14 days"'
    assert answer["Expiration"] == expected
    assert s3.get_object(Bucket=versioned, Key="logs/a")["Expiration"] == expected
    assert s3.head_object(Bucket=versioned, Key="logs/a")["Expiration"] == expected
    assert "Expiration" not in s3.head_object(Bucket=versioned, Key="logs/a", VersionId=answer["VersionId"])
    assert "Expiration" not in s3.put_object(Bucket=versioned, Key="other", Body=b"x")
    copied = s3.copy_object(Bucket=versioned, Key="logs/b", CopySource=f"{versioned}/logs/a")
    assert copied["Expiration"] == expected
    assert 'rule-id="big"' in s3.put_object(Bucket=versioned, Key="logs/c", Body=b"x" * 101)["Expiration"]


def test_x_amz_abort_date(s3, bucket):
    put_rules(s3, bucket, rule(ID="uploads", Filter={"Prefix": "up/"}, AbortIncompleteMultipartUpload={
        "DaysAfterInitiation": 7}))
    made = s3.create_multipart_upload(Bucket=bucket, Key="up/a")
    midnight = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    assert made["AbortDate"] == midnight + datetime.timedelta(days=8) and made["AbortRuleId"] == "uploads"
    listed = s3.list_parts(Bucket=bucket, Key="up/a", UploadId=made["UploadId"])
    assert listed["AbortDate"] == made["AbortDate"] and listed["AbortRuleId"] == "uploads"
    assert "AbortDate" not in s3.create_multipart_upload(Bucket=bucket, Key="down/a")


# ---- What the rules do -----------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def quick():
    """A server whose lifecycle days last a second."""
    with Server("--lifecycle-day-seconds", "1") as server:
        yield server


@pytest.fixture(scope="module")
def s(quick):
    return s3_client(quick)


@pytest.fixture
def box(s):
    """A new bucket there, with versioning."""
    name = unique("b")
    s.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def versions(s, bucket: str, prefix: str = "") -> list[tuple]:
    """(key, "object" or "marker", whether it is the latest, id), in the listing's order within each kind."""
    page = s.list_object_versions(Bucket=bucket, Prefix=prefix)
    return [(v["Key"], kind, v["IsLatest"], v["VersionId"]) for part, kind in (("Versions", "object"), ("DeleteMarkers", "marker"))
            for v in page.get(part, [])]


def shape(s, bucket: str, prefix: str = "") -> list[tuple]:
    return [found[1:3] for found in versions(s, bucket, prefix)]


def test_expiration_without_versions(s):
    bucket = unique("b")
    s.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for key in ("logs/a", "logs/b", "kept"):
        s.put_object(Bucket=bucket, Key=key, Body=b"x")
    put_rules(s, bucket, rule(Filter={"Prefix": "logs/"}, Expiration=DAY))
    wait_for("the expiration", lambda: [v[0] for v in versions(s, bucket)] == ["kept"])
    assert s.get_object(Bucket=bucket, Key="kept")["Body"].read() == b"x"


def test_expiration_with_versions_makes_a_marker(s, box):
    s.put_object(Bucket=box, Key="k", Body=b"old")
    kept = s.put_object(Bucket=box, Key="k", Body=b"new")["VersionId"]
    put_rules(s, box, rule(Expiration=DAY))
    wait_for("the expiration", lambda: ("marker", True) in shape(s, box))
    assert len(versions(s, box)) == 3
    assert refused(s.get_object, Bucket=box, Key="k")["Code"] == "NoSuchKey"
    assert s.get_object(Bucket=box, Key="k", VersionId=kept)["Body"].read() == b"new"


def test_expiration_in_a_suspended_bucket(s, box):
    kept = s.put_object(Bucket=box, Key="k", Body=b"kept")["VersionId"]
    s.put_bucket_versioning(Bucket=box, VersioningConfiguration={"Status": "Suspended"})
    s.put_object(Bucket=box, Key="k", Body=b"null version")
    put_rules(s, box, rule(Expiration=DAY))
    wait_for("the expiration", lambda: ("marker", True) in shape(s, box))
    assert versions(s, box) == [("k", "object", False, kept), ("k", "marker", True, "null")]


def test_a_date_that_has_passed(s, box):
    s.put_object(Bucket=box, Key="k", Body=b"x")
    put_rules(s, box, rule(Expiration={"Date": datetime.datetime(2020, 1, 1)}))
    wait_for("the expiration", lambda: ("marker", True) in shape(s, box))
    s.put_object(Bucket=box, Key="later", Body=b"it keeps applying")
    wait_for("the next", lambda: ("marker", True) in shape(s, box, "later"))


def test_a_date_to_come(s, box):
    s.put_object(Bucket=box, Key="k", Body=b"x")
    s.put_object(Bucket=box, Key="other", Body=b"x")
    put_rules(s, box, rule(ID="later", Expiration={"Date": datetime.datetime(2100, 1, 1)}, Filter={"Prefix": "k"}),
              rule(ID="now", Filter={"Prefix": "other"}, Expiration=DAY))
    wait_for("the other rule", lambda: ("marker", True) in shape(s, box, "other"))
    assert shape(s, box, "k") == [("object", True)]


def test_noncurrent_versions_and_newer_ones_kept(s, box):
    ids = [s.put_object(Bucket=box, Key="k", Body=str(i).encode())["VersionId"] for i in range(10)]
    put_rules(s, box, rule(NoncurrentVersionExpiration={"NoncurrentDays": 1, "NewerNoncurrentVersions": 5}))
    wait_for("the expiration", lambda: len(versions(s, box)) == 6)
    assert [v[3] for v in versions(s, box)] == ids[:3:-1]
    assert s.get_object(Bucket=box, Key="k")["Body"].read() == b"9"
    put_rules(s, box, rule(NoncurrentVersionExpiration={"NoncurrentDays": 1}))
    wait_for("the rest", lambda: [v[3] for v in versions(s, box)] == ids[-1:])
    assert s.get_object(Bucket=box, Key="k")["Body"].read() == b"9"


def test_filters(s, box):
    s.put_object(Bucket=box, Key="small", Body=b"x" * 10)
    s.put_object(Bucket=box, Key="large", Body=b"x" * 1000)
    s.put_object(Bucket=box, Key="tagged", Body=b"x", Tagging="color=red&shape=round")
    s.put_object(Bucket=box, Key="other tag", Body=b"x", Tagging="color=blue")
    put_rules(s, box, rule(ID="1", Filter={"And": {"ObjectSizeGreaterThan": 10, "ObjectSizeLessThan": 1001}}, Expiration=DAY),
              rule(ID="2", Filter={"Tag": {"Key": "color", "Value": "red"}}, Expiration=DAY),
              rule(ID="3", Status="Disabled", Expiration=DAY))
    wait_for("the expiration", lambda: {v[0] for v in versions(s, box) if v[1] == "marker"} == {"large", "tagged"})
    assert shape(s, box, "small") == [("object", True)] and shape(s, box, "other") == [("object", True)]
    s.put_object_tagging(Bucket=box, Key="other tag", Tagging={"TagSet": [{"Key": "color", "Value": "red"}]})
    wait_for("the new tag", lambda: ("marker", True) in shape(s, box, "other"))


def test_delete_markers_that_are_alone(s, box):
    s.put_object(Bucket=box, Key="with a version", Body=b"x")
    s.delete_object(Bucket=box, Key="with a version")
    s.delete_object(Bucket=box, Key="alone")
    put_rules(s, box, rule(Expiration={"ExpiredObjectDeleteMarker": True}))
    wait_for("the marker to go", lambda: {v[0] for v in versions(s, box)} == {"with a version"})
    assert shape(s, box) == [("object", False), ("marker", True)]


def test_everything_goes_in_the_end(s, box):
    """Expiration and NoncurrentVersionExpiration together: hidden, removed, and the marker with it."""
    for i in range(3):
        s.put_object(Bucket=box, Key=f"k{i}", Body=b"x")
    put_rules(s, box, rule(Expiration=DAY, NoncurrentVersionExpiration={"NoncurrentDays": 1}))
    wait_for("everything to go", lambda: versions(s, box) == [])
    s.delete_bucket(Bucket=box)


def test_uploads_are_aborted(s, box):
    old = s.create_multipart_upload(Bucket=box, Key="up/a")["UploadId"]
    s.upload_part(Bucket=box, Key="up/a", UploadId=old, PartNumber=1, Body=b"x" * 100)
    kept = s.create_multipart_upload(Bucket=box, Key="down/a")["UploadId"]
    put_rules(s, box, rule(Filter={"Prefix": "up/"}, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1}))
    wait_for("the abort", lambda: [u["UploadId"] for u in s.list_multipart_uploads(Bucket=box).get("Uploads", [])] == [kept])
    assert refused(s.list_parts, Bucket=box, Key="up/a", UploadId=old)["Code"] == "NoSuchUpload"
    s.abort_multipart_upload(Bucket=box, Key="down/a", UploadId=kept)


def test_locked_versions_stay(s):
    bucket = unique("b")
    s.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True,
                    CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    held = s.put_object(Bucket=bucket, Key="k", Body=b"held")["VersionId"]
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    retained = s.put_object(Bucket=bucket, Key="k", Body=b"retained")["VersionId"]
    s.put_object_legal_hold(Bucket=bucket, Key="k", VersionId=held, LegalHold={"Status": "ON"})
    s.put_object_retention(Bucket=bucket, Key="k", VersionId=retained,
                           Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until})
    s.put_object(Bucket=bucket, Key="k", Body=b"free")
    newest = s.put_object(Bucket=bucket, Key="k", Body=b"newest")["VersionId"]
    put_rules(s, bucket, rule(NoncurrentVersionExpiration={"NoncurrentDays": 1}))
    wait_for("the expiration", lambda: [v[3] for v in versions(s, bucket)] == [newest, retained, held])
    s.put_object_legal_hold(Bucket=bucket, Key="k", VersionId=held, LegalHold={"Status": "OFF"})
    wait_for("the hold's end", lambda: [v[3] for v in versions(s, bucket)] == [newest, retained])


def test_rules_outlive_a_restart(quick):
    s = s3_client(quick)
    bucket = unique("b")
    s.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    put_rules(s, bucket, rule(Expiration=DAY))
    s.put_object(Bucket=bucket, Key="k", Body=b"x")
    quick.restart()
    s = s3_client(quick)
    wait_for("the expiration", lambda: versions(s, bucket) == [])


def test_a_bucket_of_production_expires_noncurrent_versions_after_90_days():
    with Server("--environment", "production") as server:
        s = s3_client(server)
        s.create_bucket(Bucket="photos", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        assert s.get_bucket_versioning(Bucket="photos")["Status"] == "Enabled"
        rules = s.get_bucket_lifecycle_configuration(Bucket="photos")["Rules"]
        assert [r["NoncurrentVersionExpiration"] for r in rules] == [{"NoncurrentDays": 90}]
        assert [r["Status"] for r in rules] == ["Enabled"]
