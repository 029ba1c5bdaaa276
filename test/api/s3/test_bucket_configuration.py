"""The settings of buckets, as boto3 puts and gets them: what comes back, what is refused and with which words."""
import json

import pytest

from harness.s3 import refused
from harness.tables import unique

NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema"


def brief(error: dict) -> tuple:
    return error["status"], error["Code"], error["Message"]


def put(raw_s3, bucket: str, subresource: str, body, **headers):
    text = body.encode() if isinstance(body, str) else body
    return raw_s3.request("PUT", f"/{bucket}", subresource, body=text,
                          headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.fixture
def acl_bucket(make_bucket, s3):
    """A bucket on which ACLs count, public ones too."""
    name = make_bucket(ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket=name)
    return name


# ---- Versioning ------------------------------------------------------------------------------------------------------

def test_versioning(s3, bucket, raw_s3):
    assert raw_s3.request("GET", f"/{bucket}", "versioning").body.decode().endswith(
        f"<VersioningConfiguration {NAMESPACE}></VersioningConfiguration>")
    for status in ("Enabled", "Suspended", "Enabled", "Enabled"):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == status


def test_versioning_refused(s3, bucket):
    error = refused(s3.put_bucket_versioning, Bucket=bucket, VersioningConfiguration={})
    assert brief(error) == (400, "IllegalVersioningConfigurationException", "The Versioning element must be specified")
    for status in ("enabled", "Disabled", ""):
        error = refused(s3.put_bucket_versioning, Bucket=bucket, VersioningConfiguration={"Status": status})
        assert brief(error) == (400, "MalformedXML", MALFORMED)
    error = refused(s3.put_bucket_versioning, Bucket=bucket, MFA="1 123456",
                    VersioningConfiguration={"Status": "Enabled", "MFADelete": "Enabled"})
    assert brief(error) == (501, "NotImplemented", "Reprise does not support MFA delete; see docs/compatibility.md")
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)


# ---- Tags, CORS, encryption ------------------------------------------------------------------------------------------

def tag_set(count: int) -> dict:
    return {"TagSet": [{"Key": f"k{i}", "Value": f"v{i}"} for i in range(count)]}


def test_tags(s3, bucket):
    assert brief(refused(s3.get_bucket_tagging, Bucket=bucket)) == (404, "NoSuchTagSet", "The TagSet does not exist")
    answer = s3.put_bucket_tagging(Bucket=bucket, Tagging=tag_set(50))
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tag_set(50)["TagSet"]
    error = refused(s3.put_bucket_tagging, Bucket=bucket, Tagging=tag_set(51))
    assert brief(error) == (400, "BadRequest", "Bucket tag count cannot be greater than 50")
    assert len(s3.get_bucket_tagging(Bucket=bucket)["TagSet"]) == 50
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "é/+-=._:@ ", "Value": ""}]})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "é/+-=._:@ ", "Value": ""}]
    assert s3.delete_bucket_tagging(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert refused(s3.get_bucket_tagging, Bucket=bucket)["Code"] == "NoSuchTagSet"


@pytest.mark.parametrize("tags,message", [
    ([("a", "1"), ("a", "2")], "Cannot provide multiple Tags with the same key"),
    ([("aws:a", "1")], "System tags cannot be added/updated by requester"),
    ([("a" * 129, "1")], "The TagKey you have provided is invalid"),
    ([("", "1")], "The TagKey you have provided is invalid"),
    ([("a", "1" * 257)], "The TagValue you have provided is invalid"),
    ([("a<", "1")], "The TagKey you have provided is invalid"),
])
def test_tags_refused(s3, bucket, tags, message):
    tagging = {"TagSet": [{"Key": key, "Value": value} for key, value in tags]}
    assert brief(refused(s3.put_bucket_tagging, Bucket=bucket, Tagging=tagging)) == (400, "InvalidTag", message)


def test_tags_at_the_limits(s3, bucket):
    tags = [{"Key": "é" * 128, "Value": "é" * 256}]
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags


def cors(count: int = 1, **members) -> dict:
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://example.com"]} | members
    return {"CORSRules": [rule] * count}


def test_cors(s3, bucket):
    assert brief(refused(s3.get_bucket_cors, Bucket=bucket)) == (
        404, "NoSuchCORSConfiguration", "The CORS configuration does not exist")
    rules = [{"ID": "one", "AllowedHeaders": ["*"], "AllowedMethods": ["GET", "PUT", "POST", "DELETE", "HEAD"],
              "AllowedOrigins": ["http://*.example.com", "*"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 3000},
             {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == rules
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=cors(100))
    assert len(s3.get_bucket_cors(Bucket=bucket)["CORSRules"]) == 100
    error = refused(s3.put_bucket_cors, Bucket=bucket, CORSConfiguration=cors(101))
    assert brief(error) == (400, "InvalidRequest",
                            "The number of CORS rules should not exceed allowed limit of 100 rules.")
    assert s3.delete_bucket_cors(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert refused(s3.get_bucket_cors, Bucket=bucket)["Code"] == "NoSuchCORSConfiguration"


@pytest.mark.parametrize("members,code,message", [
    ({"AllowedMethods": ["PATCH"]}, "InvalidRequest",
     "Found unsupported HTTP method in CORS config. Unsupported method is PATCH"),
    ({"AllowedOrigins": ["*.*"]}, "InvalidRequest", 'AllowedOrigin "*.*" can not have more than one wildcard.'),
    ({"AllowedHeaders": ["*-*"]}, "InvalidRequest", 'AllowedHeader "*-*" can not have more than one wildcard.'),
    ({"ExposeHeaders": ["*"]}, "InvalidRequest",
     'ExposeHeader "*" contains wildcard. We currently do not support wildcard for ExposeHeader.'),
    ({"AllowedOrigins": []}, "MalformedXML", MALFORMED),
    ({"AllowedMethods": []}, "MalformedXML", MALFORMED),
])
def test_cors_refused(s3, bucket, members, code, message):
    error = refused(s3.put_bucket_cors, Bucket=bucket, CORSConfiguration=cors(**members))
    assert brief(error) == (400, code, message)


def test_cors_wants_a_digest(raw_s3, bucket):
    answer = put(raw_s3, bucket, "cors", "<CORSConfiguration><CORSRule/></CORSConfiguration>")
    assert (answer.status, answer.code) == (400, "InvalidRequest")
    assert answer.message.startswith("Missing required header for this request: Content-MD5")


def test_encryption(s3, bucket):
    def rule(**members):
        return {"Rules": [{"ApplyServerSideEncryptionByDefault": members}]}

    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rule(SSEAlgorithm="aws:kms"))
    found = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert found["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ServerSideEncryption"] == "aws:kms"
    assert s3.delete_bucket_encryption(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    found = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert found["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


# ---- Policy ----------------------------------------------------------------------------------------------------------

def policy(bucket: str, principal) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Sid": "read", "Effect": "Allow", "Principal": principal, "Action": ["s3:GetObject"],
         "Resource": [f"arn:aws:s3:::{bucket}/*"]}]})


def test_policy(s3, bucket):
    text = policy(bucket, {"AWS": "arn:aws:iam::111122223333:root"})
    for call in (s3.get_bucket_policy, s3.get_bucket_policy_status):
        error = refused(call, Bucket=bucket)
        assert brief(error) == (404, "NoSuchBucketPolicy", "The bucket policy does not exist")
        assert error["BucketName"] == bucket
    assert s3.put_bucket_policy(Bucket=bucket, Policy=text)["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"] == text
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"] == {"IsPublic": False}
    assert s3.delete_bucket_policy(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert refused(s3.get_bucket_policy, Bucket=bucket)["Code"] == "NoSuchBucketPolicy"
    s3.delete_bucket_policy(Bucket=bucket)


def test_public_policies_are_blocked_until_they_are_not(s3, bucket, raw_s3):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    error = refused(s3.put_bucket_policy, Bucket=bucket, Policy=policy(bucket, "*"))
    assert (error["status"], error["Code"]) == (403, "AccessDenied")
    assert refused(s3.get_bucket_policy, Bucket=bucket)["Code"] == "NoSuchBucketPolicy"
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(bucket, "*"))
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"] == {"IsPublic": True}
    assert raw_s3.request("GET", f"/{bucket}/k", sign=False).body == b"x"
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"RestrictPublicBuckets": True})
    assert raw_s3.request("GET", f"/{bucket}/k", sign=False).code == "AccessDenied"


@pytest.mark.parametrize("text", [
    "", "{", "[]", "null", '{"Version": "2012-10-17"}', '{"Version": "2012-10-17", "Statement": []}',
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps", "Principal": "*", "Action": "s3:*", '
    '"Resource": "arn:aws:s3:::BUCKET"}]}',
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::BUCKET"}]}',
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, '
    '"Action": "s3:GetObject", "Resource": "arn:aws:s3:::another/*"}]}',
])
def test_policies_that_are_none(raw_s3, bucket, text):
    answer = put(raw_s3, bucket, "policy", text.replace("BUCKET", bucket))
    assert (answer.status, answer.code) in ((400, "MalformedPolicy"), (400, "MissingRequestBodyError"))


def test_policies_have_a_largest_size(raw_s3, bucket, s3):
    def sized(size: int) -> str:
        text = policy(bucket, {"AWS": "111122223333"})
        return text.replace('"read"', '"' + "x" * (size - len(text) + 4) + '"')

    assert put(raw_s3, bucket, "policy", sized(20480)).status == 204
    answer = put(raw_s3, bucket, "policy", sized(20481))
    assert (answer.status, answer.code) == (400, "MalformedPolicy")
    assert len(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == 20480


# ---- ACL, ownership, public access block -----------------------------------------------------------------------------

def grants_of(s3, bucket: str) -> list:
    return [(grant["Grantee"].get("ID") or grant["Grantee"]["URI"].split("/")[-1], grant["Permission"])
            for grant in s3.get_bucket_acl(Bucket=bucket)["Grants"]]


def test_acls_do_not_count_where_the_owner_is_enforced(s3, bucket):
    for acl in ("private", "public-read"):
        error = refused(s3.put_bucket_acl, Bucket=bucket, ACL=acl)
        assert brief(error) == (400, "AccessControlListNotSupported", "The bucket does not allow ACLs")


@pytest.mark.parametrize("acl,granted", [
    ("private", []), ("public-read", [("AllUsers", "READ")]),
    ("public-read-write", [("AllUsers", "READ"), ("AllUsers", "WRITE")]),
    ("authenticated-read", [("AuthenticatedUsers", "READ")]),
    ("log-delivery-write", [("LogDelivery", "WRITE"), ("LogDelivery", "READ_ACP")]),
])
def test_canned_acls(s3, acl_bucket, acl, granted):
    s3.put_bucket_acl(Bucket=acl_bucket, ACL=acl)
    owner = s3.get_bucket_acl(Bucket=acl_bucket)["Owner"]["ID"]
    assert grants_of(s3, acl_bucket) == [(owner, "FULL_CONTROL"), *granted]


def test_acl_documents_and_headers(s3, acl_bucket):
    owner = s3.get_bucket_acl(Bucket=acl_bucket)["Owner"]
    grants = [{"Grantee": {"Type": "CanonicalUser", "ID": "b" * 64}, "Permission": "WRITE_ACP"},
              {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"},
               "Permission": "READ"}]
    s3.put_bucket_acl(Bucket=acl_bucket, AccessControlPolicy={"Owner": owner, "Grants": grants})
    assert grants_of(s3, acl_bucket) == [("b" * 64, "WRITE_ACP"), ("AllUsers", "READ")]
    s3.put_bucket_acl(Bucket=acl_bucket, GrantFullControl=f'id="{owner["ID"]}"',
                      GrantReadACP=f'id="{"c" * 64}", uri="http://acs.amazonaws.com/groups/s3/LogDelivery"')
    assert grants_of(s3, acl_bucket) == [(owner["ID"], "FULL_CONTROL"), ("c" * 64, "READ_ACP"),
                                         ("LogDelivery", "READ_ACP")]


def test_acls_refused(s3, acl_bucket, raw_s3):
    owner = s3.get_bucket_acl(Bucket=acl_bucket)["Owner"]
    before = grants_of(s3, acl_bucket)

    def with_grantee(grantee: dict, permission: str = "READ") -> dict:
        return refused(s3.put_bucket_acl, Bucket=acl_bucket, AccessControlPolicy={
            "Owner": owner, "Grants": [{"Grantee": grantee, "Permission": permission}]})

    error = with_grantee({"Type": "CanonicalUser", "ID": "short"})
    assert brief(error) == (400, "InvalidArgument", "Invalid id")
    assert (error["ArgumentName"], error["ArgumentValue"]) == ("CanonicalUser/ID", "short")
    assert brief(with_grantee({"Type": "Group", "URI": "http://example.com"})) == (
        400, "InvalidArgument", "Invalid group uri")
    # S3 API reference, PutBucketAcl: an "Email Grantee ACL" gets "an HTTP 405 (Method Not Allowed) error" since 2025.
    by_email = (405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
    assert brief(with_grantee({"Type": "AmazonCustomerByEmail", "EmailAddress": "a@example.com"})) == by_email
    assert brief(refused(s3.put_bucket_acl, Bucket=acl_bucket, GrantRead='emailAddress="a@example.com"')) == by_email
    assert with_grantee({"Type": "CanonicalUser", "ID": "b" * 64}, "EVERYTHING")["Code"] == "MalformedACLError"
    assert refused(s3.put_bucket_acl, Bucket=acl_bucket, ACL="unheard-of")["ArgumentName"] == "x-amz-acl"
    assert brief(refused(s3.put_bucket_acl, Bucket=acl_bucket, ACL="private", GrantRead='id="' + "b" * 64 + '"')) == (
        400, "InvalidRequest", "Specifying both Canned ACLs and Header Grants is not allowed")
    answer = put(raw_s3, acl_bucket, "acl", "")
    assert (answer.status, answer.code) == (400, "MissingSecurityHeader")
    assert answer.element("MissingHeaderName") == "x-amz-acl"
    answer = put(raw_s3, acl_bucket, "acl", "<AccessControlPolicy/>", x_amz_acl="private")
    assert (answer.status, answer.code) == (400, "UnexpectedContent")
    error = refused(s3.put_bucket_acl, Bucket=acl_bucket, AccessControlPolicy={
        "Owner": {"ID": "d" * 64}, "Grants": []})
    assert (error["status"], error["Code"]) == (403, "AccessDenied")
    assert grants_of(s3, acl_bucket) == before


def test_public_acls_are_blocked(s3, acl_bucket):
    s3.put_public_access_block(Bucket=acl_bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    for acl in ("public-read", "public-read-write", "authenticated-read"):
        error = refused(s3.put_bucket_acl, Bucket=acl_bucket, ACL=acl)
        assert (error["status"], error["Code"]) == (403, "AccessDenied")
    s3.put_bucket_acl(Bucket=acl_bucket, ACL="log-delivery-write")


def test_ownership_controls(s3, bucket):
    def controls(ownership):
        return {"Rules": [{"ObjectOwnership": ownership}]}

    for ownership in ("ObjectWriter", "BucketOwnerPreferred", "BucketOwnerEnforced"):
        s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=controls(ownership))
        assert s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"] == controls(ownership)
    error = refused(s3.put_bucket_ownership_controls, Bucket=bucket, OwnershipControls=controls("Nobody"))
    assert brief(error) == (400, "MalformedXML", MALFORMED)
    s3.delete_bucket_ownership_controls(Bucket=bucket)
    error = refused(s3.get_bucket_ownership_controls, Bucket=bucket)
    assert brief(error) == (404, "OwnershipControlsNotFoundError", "The bucket ownership controls were not found")
    s3.put_bucket_acl(Bucket=bucket, ACL="log-delivery-write")  # without controls ACLs count
    error = refused(s3.put_bucket_ownership_controls, Bucket=bucket, OwnershipControls=controls("BucketOwnerEnforced"))
    assert brief(error) == (400, "InvalidBucketAclWithObjectOwnership",
                            "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting")


def test_public_access_block(s3, bucket, raw_s3):
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"IgnorePublicAcls": True})
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": False, "IgnorePublicAcls": True, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}
    assert put(raw_s3, bucket, "publicAccessBlock", "<PublicAccessBlockConfiguration/>").message == (
        "Must specify at least one configuration.")
    assert s3.delete_public_access_block(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    error = refused(s3.get_public_access_block, Bucket=bucket)
    assert brief(error) == (404, "NoSuchPublicAccessBlockConfiguration",
                            "The public access block configuration was not found")


# ---- Kept and answered -----------------------------------------------------------------------------------------------

def test_request_payment(s3, bucket):
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "Requester"
    error = refused(s3.put_bucket_request_payment, Bucket=bucket, RequestPaymentConfiguration={"Payer": "Nobody"})
    assert error["Code"] == "MalformedXML"


def test_acceleration(s3, bucket, make_bucket):
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=bucket)
    for status in ("Enabled", "Suspended"):
        s3.put_bucket_accelerate_configuration(Bucket=bucket, AccelerateConfiguration={"Status": status})
        assert s3.get_bucket_accelerate_configuration(Bucket=bucket)["Status"] == status
    dotted = make_bucket(unique("b") + ".dot")
    error = refused(s3.put_bucket_accelerate_configuration, Bucket=dotted, AccelerateConfiguration={"Status": "Enabled"})
    assert error["Message"] == "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names"


def test_logging(s3, bucket, make_bucket):
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)
    target = make_bucket()
    enabled = {"TargetBucket": target, "TargetPrefix": "logs/"}
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": enabled})
    assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"] == enabled
    error = refused(s3.put_bucket_logging, Bucket=bucket, BucketLoggingStatus={
        "LoggingEnabled": {"TargetBucket": unique("nowhere"), "TargetPrefix": ""}})
    assert brief(error) == (400, "InvalidTargetBucketForLogging", "The target bucket for logging does not exist")
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)


def queue(event: str = "s3:ObjectCreated:*", arn: str = "arn:aws:sqs:eu-west-1:000000000000:q", **members) -> dict:
    return {"QueueConfigurations": [{"QueueArn": arn, "Events": [event]} | members]}


def test_notifications(s3, bucket):
    empty = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert set(empty) == {"ResponseMetadata"}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    error = refused(s3.put_bucket_notification_configuration, Bucket=bucket, NotificationConfiguration=queue())
    assert brief(error) == (400, "InvalidArgument", "Unable to validate the following destination configurations")
    kept = queue(Id="mine", Filter={"Key": {"FilterRules": [{"Name": "prefix", "Value": "a/"}]}})
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=kept,
                                             SkipDestinationValidation=True)
    found = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert found["QueueConfigurations"] == kept["QueueConfigurations"]
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    assert set(s3.get_bucket_notification_configuration(Bucket=bucket)) == {"ResponseMetadata"}


def test_notifications_refused(s3, bucket):
    def error_of(configuration):
        return brief(refused(s3.put_bucket_notification_configuration, Bucket=bucket,
                             NotificationConfiguration=configuration, SkipDestinationValidation=True))

    assert error_of(queue("s3:Nothing")) == (400, "InvalidArgument", "The event is not supported for notifications")
    assert error_of(queue(arn="q")) == (400, "InvalidArgument", "The ARN could not be parsed")
    assert error_of(queue(arn="arn:aws:sns:eu-west-1:000000000000:t")) == (
        400, "InvalidArgument", "The ARN is not well formed")
    assert error_of(key_queue("s3:ObjectCreated:*", infix="a"))[2] == "filter rule name must be either prefix or suffix"
    assert error_of(key_queue("s3:ObjectCreated:*", prefix="a", Prefix="b"))[2] == (
        "Cannot specify more than one prefix rule in a filter.")
    assert error_of(key_queue("s3:ObjectCreated:*", suffix="x" * 1025))[2] == (
        "Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation")


def key_queue(event: str, **rules) -> dict:
    found = [{"Name": name, "Value": value} for name, value in rules.items()]
    return queue(event, Filter={"Key": {"FilterRules": found}}) if rules else queue(event)


OVERLAP = "Configurations overlap. Configurations on the same bucket cannot share a common event type."
AMBIGUOUS = ("Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are "
             "overlapping for the same event type.")
CREATED, PUT, REMOVED = "s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectRemoved:*"


@pytest.mark.parametrize("first,second,message", [
    ((CREATED, {}), (PUT, {}), OVERLAP), ((PUT, {}), (CREATED, {}), OVERLAP), ((PUT, {}), (PUT, {}), OVERLAP),
    ((CREATED, {}), (REMOVED, {}), None), ((PUT, {}), ("s3:ObjectCreated:Copy", {}), None),
    ((PUT, {"prefix": "a"}), (PUT, {"prefix": "ab"}), AMBIGUOUS), ((PUT, {}), (PUT, {"prefix": "a"}), AMBIGUOUS),
    ((PUT, {"prefix": "a/"}), (PUT, {"prefix": "b/"}), None),
    ((PUT, {"prefix": "a", "suffix": ".jpg"}), (PUT, {"prefix": "a", "suffix": ".png"}), None),
    ((PUT, {"prefix": "a", "suffix": "g"}), (PUT, {"prefix": "a", "Suffix": ".png"}), AMBIGUOUS),
    ((PUT, {"prefix": "a"}), (PUT, {"suffix": ".png"}), AMBIGUOUS),
])
def test_notifications_that_overlap(s3, bucket, first, second, message):
    """S3 user guide, "Configuring event notifications using object key name filtering": its examples."""
    both = [key_queue(event, **rules)["QueueConfigurations"][0] for event, rules in (first, second)]
    call = {"Bucket": bucket, "SkipDestinationValidation": True,
            "NotificationConfiguration": {"QueueConfigurations": both}}
    if message is None:
        s3.put_bucket_notification_configuration(**call)
        assert len(s3.get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"]) == 2
    else:
        assert brief(refused(s3.put_bucket_notification_configuration, **call)) == (400, "InvalidArgument", message)


# ---- Never there -----------------------------------------------------------------------------------------------------

def test_lists_of_what_no_bucket_has(s3, bucket):
    for what in ("analytics", "inventory", "metrics", "intelligent_tiering"):
        assert getattr(s3, f"list_bucket_{what}_configurations")(Bucket=bucket)["IsTruncated"] is False
        for method in ("get", "delete"):
            error = refused(getattr(s3, f"{method}_bucket_{what}_configuration"), Bucket=bucket, Id="one")
            assert brief(error) == (404, "NoSuchConfiguration", "The specified configuration does not exist.")


def test_websites_and_replication(s3, bucket):
    error = refused(s3.get_bucket_website, Bucket=bucket)
    assert brief(error) == (404, "NoSuchWebsiteConfiguration",
                            "The specified bucket does not have a website configuration")
    error = refused(s3.get_bucket_replication, Bucket=bucket)
    assert brief(error) == (404, "ReplicationConfigurationNotFoundError",
                            "The replication configuration was not found")
    assert s3.delete_bucket_website(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert s3.delete_bucket_replication(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    error = refused(s3.put_bucket_website, Bucket=bucket,
                    WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    assert (error["status"], error["Code"]) == (501, "NotImplemented")
    assert "PutBucketWebsite" in error["Message"]
    error = refused(s3.put_bucket_replication, Bucket=bucket, ReplicationConfiguration={
        "Role": "arn:aws:iam::000000000000:role/r", "Rules": []})
    assert (error["status"], error["Code"]) == (501, "NotImplemented")


@pytest.mark.parametrize("subresource", ["analytics&id=a", "inventory&id=a", "metrics&id=a", "intelligent-tiering&id=a",
                                         "abac", "metadataInventoryTable", "website", "replication"])
def test_what_cannot_be_set(raw_s3, bucket, s3, subresource):
    answer = put(raw_s3, bucket, subresource, "<X/>")
    assert (answer.status, answer.code) == (501, "NotImplemented")
    assert "docs/compatibility.md" in answer.message


# ---- Documents of all kinds ------------------------------------------------------------------------------------------

SUBRESOURCES = ["versioning", "tagging", "encryption", "ownershipControls", "publicAccessBlock",
                "requestPayment", "accelerate", "logging", "notification"]


@pytest.mark.parametrize("subresource", SUBRESOURCES)
@pytest.mark.parametrize("body", [b"text", b"<", b"<a></b>", b"<Other/>", b"\xff\xfe", b"<!DOCTYPE a []><a/>"])
def test_documents_that_are_none(raw_s3, bucket, subresource, body):
    answer = put(raw_s3, bucket, subresource, body)
    assert (answer.status, answer.code, answer.message) == (400, "MalformedXML", MALFORMED)


@pytest.mark.parametrize("subresource", SUBRESOURCES)
def test_documents_that_are_missing(raw_s3, bucket, subresource):
    answer = put(raw_s3, bucket, subresource, b"")
    assert answer.status == 400
    assert answer.code in ("MalformedXML", "MissingRequestBodyError")


def test_documents_that_are_too_large(raw_s3, bucket, s3):
    body = "<VersioningConfiguration><Status>Enabled</Status>" + " " * 70_000 + "</VersioningConfiguration>"
    answer = put(raw_s3, bucket, "versioning", body)
    assert (answer.status, answer.code) == (400, "MalformedXML")
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)


def test_documents_in_any_namespace(raw_s3, bucket, s3):
    put(raw_s3, bucket, "versioning",
        '<x:VersioningConfiguration xmlns:x="http://s3.amazonaws.com/doc/2006-03-01/"><x:Status>Enabled</x:Status>'
        "</x:VersioningConfiguration>")
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
