"""Multipart uploads: made, listed, completed, aborted; what AWS refuses is refused with its words."""
import base64
import concurrent.futures
import hashlib
import io
import os
import zlib
from urllib.parse import quote

import boto3.s3.transfer
import pytest

from harness.s3 import keys_of, refused
from harness.users import make_user, statement  # noqa: F401 (fixture)

MIB = 1 << 20
FIVE = b"a" * (5 * MIB)


def begin(s3, bucket, key="key", **more):
    return s3.create_multipart_upload(Bucket=bucket, Key=key, **more)["UploadId"]


def put(s3, bucket, upload, number, body, key="key", **more):
    answer = s3.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=number, Body=body, **more)
    return {"PartNumber": number, "ETag": answer["ETag"]}


def complete(s3, bucket, upload, parts, key="key", **more):
    return s3.complete_multipart_upload(Bucket=bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": parts}, **more)


def etag_of(*bodies):
    digests = b"".join(hashlib.md5(body).digest() for body in bodies)
    return f'"{hashlib.md5(digests).hexdigest()}-{len(bodies)}"'


def test_an_object_of_parts_has_all_that_its_creation_said(s3, bucket):
    upload = begin(s3, bucket, "dir/a b", ContentType="audio/ogg", CacheControl="max-age=1", Metadata={"who": "me"},
                   Tagging="kind=sound")
    parts = [put(s3, bucket, upload, 1, FIVE, "dir/a b"), put(s3, bucket, upload, 2, b"end", "dir/a b")]
    answer = complete(s3, bucket, upload, parts, "dir/a b")
    assert answer["ETag"] == etag_of(FIVE, b"end")
    assert (answer["Bucket"], answer["Key"]) == (bucket, "dir/a b")
    assert answer["Location"].startswith("http")
    found = s3.get_object(Bucket=bucket, Key="dir/a b")
    assert found["Body"].read() == FIVE + b"end"
    assert found["ETag"] == answer["ETag"]
    assert (found["ContentType"], found["CacheControl"], found["Metadata"]) == ("audio/ogg", "max-age=1", {"who": "me"})
    assert found["TagCount"] == 1
    assert s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []


def test_part_numbers_need_not_follow_each_other(s3, bucket):
    upload = begin(s3, bucket)
    parts = [put(s3, bucket, upload, 3, FIVE), put(s3, bucket, upload, 10_000, b"last")]
    complete(s3, bucket, upload, parts)
    assert s3.get_object(Bucket=bucket, Key="key", Range="bytes=5242879-5242881")["Body"].read() == b"ala"


def test_parts_can_be_read_one_by_one(s3, bucket):
    upload = begin(s3, bucket)
    complete(s3, bucket, upload, [put(s3, bucket, upload, 1, FIVE), put(s3, bucket, upload, 2, b"last")])
    head = s3.head_object(Bucket=bucket, Key="key", PartNumber=2)
    assert (head["PartsCount"], head["ContentLength"]) == (2, 4)
    assert s3.get_object(Bucket=bucket, Key="key", PartNumber=2)["Body"].read() == b"last"


def test_checksums_of_parts_are_told_where_the_objects_is_made_of_them(raw_s3, s3, bucket):
    """A checksum of the whole object leaves its parts without one, but for a part that is the whole."""
    def attributes(key):
        return raw_s3.request("GET", f"/{bucket}/{key}", "attributes",
                              {"x-amz-object-attributes": "Checksum,ObjectParts"})

    def of_part(key, number):
        found = raw_s3.request("HEAD", f"/{bucket}/{key}", f"partNumber={number}", {"x-amz-checksum-mode": "ENABLED"}).headers
        return {name: value for name, value in found.items() if name.startswith("x-amz-checksum-")}

    upload = begin(s3, bucket, "whole")
    complete(s3, bucket, upload, [put(s3, bucket, upload, n, body, "whole") for n, body in ((1, FIVE), (2, b"last"))], "whole")
    told = attributes("whole")
    assert (told.element("ChecksumType"), told.element("PartsCount"), told.element("PartNumber")) == ("FULL_OBJECT", "2", None)
    assert told.element("IsTruncated") is None
    assert of_part("whole", 1) == of_part("whole", 2) == {}

    upload = begin(s3, bucket, "one")
    complete(s3, bucket, upload, [put(s3, bucket, upload, 1, b"last", "one")], "one")
    assert of_part("one", 1)["x-amz-checksum-type"] == "FULL_OBJECT"

    upload = begin(s3, bucket, "composite", ChecksumAlgorithm="CRC32")
    parts = [put(s3, bucket, upload, n, body, "composite", ChecksumCRC32=crc32(body)) | {"ChecksumCRC32": crc32(body)}
             for n, body in ((1, FIVE), (2, b"last"))]
    complete(s3, bucket, upload, parts, "composite")
    told = attributes("composite")
    assert [e.text for e in told.xml.iter() if e.tag.endswith("}ChecksumCRC32")][1:] == [crc32(FIVE), crc32(b"last")]
    assert of_part("composite", 2) == {"x-amz-checksum-crc32": crc32(b"last"), "x-amz-checksum-type": "COMPOSITE"}
    none = raw_s3.request("GET", f"/{bucket}/composite", "attributes",
                          {"x-amz-object-attributes": "ObjectParts", "x-amz-max-parts": "0"})
    assert (none.element("IsTruncated"), none.element("PartNumber"), none.element("PartsCount")) == ("false", None, "2")


def test_a_part_that_is_sent_again_replaces_the_earlier_one(s3, bucket):
    upload = begin(s3, bucket)
    old = put(s3, bucket, upload, 1, b"old")
    new = put(s3, bucket, upload, 1, b"new")
    listed = s3.list_parts(Bucket=bucket, Key="key", UploadId=upload)["Parts"]
    assert [(p["PartNumber"], p["ETag"], p["Size"]) for p in listed] == [(1, new["ETag"], 3)]
    error = refused(complete, s3, bucket, upload, [old])
    assert (error["Code"], error["status"]) == ("InvalidPart", 400)
    complete(s3, bucket, upload, [new])
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"new"


def test_parts_that_are_not_named_are_left_out(s3, bucket):
    upload = begin(s3, bucket)
    put(s3, bucket, upload, 1, b"one")
    two = put(s3, bucket, upload, 2, b"two")
    complete(s3, bucket, upload, [two])
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"two"


def test_completions_that_are_refused_change_nothing(s3, bucket):
    upload = begin(s3, bucket)
    one, two = put(s3, bucket, upload, 1, b"one"), put(s3, bucket, upload, 2, b"two")

    def refusal(parts):
        error = refused(complete, s3, bucket, upload, parts)
        return error["Code"], error["status"]

    small = refused(complete, s3, bucket, upload, [one, two])
    assert (small["Code"], small["status"], small["Message"]) == (
        "EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed size")
    assert (small["ProposedSize"], small["MinSizeAllowed"], small["PartNumber"], small["ETag"].strip('"')) == (
        "3", "5242880", "1", one["ETag"].strip('"'))
    assert refusal([two, one]) == ("InvalidPartOrder", 400)
    assert refusal([one, one]) == ("InvalidPartOrder", 400)
    assert refusal([{"PartNumber": 9, "ETag": one["ETag"]}]) == ("InvalidPart", 400)
    assert refusal([{"PartNumber": 1, "ETag": '"0"'}]) == ("InvalidPart", 400)
    assert refusal([]) == ("MalformedXML", 400)
    assert keys_of(s3, bucket) == []
    complete(s3, bucket, upload, [{"PartNumber": 1, "ETag": one["ETag"].strip('"')}])  # quotes are optional


@pytest.mark.parametrize("document, code", [
    (b"", "InvalidRequest"), (b"<a", "MalformedXML"), (b"<Other/>", "MalformedXML"),
    (b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>", "MalformedXML"),
    (b"<CompleteMultipartUpload><Part><ETag>a</ETag><PartNumber>x</PartNumber></Part></CompleteMultipartUpload>",
     "MalformedXML"),
    (b'<!DOCTYPE x [<!ENTITY a "b">]><CompleteMultipartUpload/>', "MalformedXML"),
])
def test_documents_that_are_none(s3, raw_s3, bucket, document, code):
    upload = begin(s3, bucket)
    answer = raw_s3.request("POST", f"/{bucket}/key", f"uploadId={upload}", body=document)
    assert (answer.status, answer.code) == (400, code)


def test_uploads_that_are_not_there(s3, bucket):
    upload = begin(s3, bucket)
    gone = begin(s3, bucket)
    s3.abort_multipart_upload(Bucket=bucket, Key="key", UploadId=gone)
    part = {"Parts": [{"PartNumber": 1, "ETag": "a"}]}
    for key, name in [("key", gone), ("key", "nonsense"), ("other", upload), ("key", upload[:-1] + "%")]:
        where = {"Bucket": bucket, "Key": key, "UploadId": name}
        for call, more in [(s3.upload_part, {"PartNumber": 1, "Body": b"x"}), (s3.list_parts, {}),
                           (s3.abort_multipart_upload, {}), (s3.complete_multipart_upload, {"MultipartUpload": part})]:
            error = refused(call, **where, **more)
            assert (error["Code"], error["status"]) == ("NoSuchUpload", 404)
            assert error["Message"] == ("The specified upload does not exist. The upload ID may be invalid, or the upload "
                                        "may have been aborted or completed.")


@pytest.mark.parametrize("number", [0, -1, 10_001, "x"])
def test_part_numbers_out_of_range(raw_s3, s3, bucket, number):
    upload = begin(s3, bucket)
    answer = raw_s3.request("PUT", f"/{bucket}/key", f"partNumber={number}&uploadId={upload}", body=b"x")
    assert (answer.status, answer.code) == (400, "InvalidArgument")
    assert answer.message == "Part number must be an integer between 1 and 10000, inclusive"
    assert answer.element("ArgumentName") == "partNumber"


def test_a_completion_may_be_repeated(s3, versioned):
    upload = begin(s3, versioned)
    part = put(s3, versioned, upload, 1, b"bytes")
    first = complete(s3, versioned, upload, [part])
    again = complete(s3, versioned, upload, [part])
    assert (first["ETag"], first["VersionId"]) == (again["ETag"], again["VersionId"])
    assert len(s3.list_object_versions(Bucket=versioned)["Versions"]) == 1


def test_conditions_of_a_completion(s3, raw_s3, bucket):
    uploads = [begin(s3, bucket) for _ in range(3)]
    parts = [put(s3, bucket, upload, 1, upload.encode()) for upload in uploads]

    def finish(index, header, value):
        document = (f"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{parts[index]['ETag']}</ETag></Part>"
                    "</CompleteMultipartUpload>").encode()
        answer = raw_s3.request("POST", f"/{bucket}/key", f"uploadId={uploads[index]}", {header: value}, document)
        return answer.status, answer.code

    assert finish(0, "if-match", '"x"') == (404, "NoSuchKey")
    assert finish(0, "if-none-match", "*") == (200, "")
    assert finish(1, "if-none-match", "*") == (412, "PreconditionFailed")
    assert finish(1, "if-match", '"x"') == (412, "PreconditionFailed")
    assert finish(1, "if-match", s3.head_object(Bucket=bucket, Key="key")["ETag"]) == (200, "")
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == uploads[1].encode()


def test_the_size_that_a_completion_announces(s3, raw_s3, bucket):
    upload = begin(s3, bucket)
    part = put(s3, bucket, upload, 1, b"12345")
    document = (f"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{part['ETag']}</ETag></Part>"
                "</CompleteMultipartUpload>").encode()
    wrong = raw_s3.request("POST", f"/{bucket}/key", f"uploadId={upload}", {"x-amz-mp-object-size": "4"}, document)
    assert (wrong.status, wrong.code) == (400, "InvalidRequest")
    right = raw_s3.request("POST", f"/{bucket}/key", f"uploadId={upload}", {"x-amz-mp-object-size": "5"}, document)
    assert right.status == 200


def test_content_md5_of_a_part(s3, bucket):
    upload = begin(s3, bucket)
    right = base64.b64encode(hashlib.md5(b"part").digest()).decode()
    wrong = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    assert refused(put, s3, bucket, upload, 1, b"part", ContentMD5=wrong)["Code"] == "BadDigest"
    assert s3.list_parts(Bucket=bucket, Key="key", UploadId=upload).get("Parts", []) == []
    put(s3, bucket, upload, 1, b"part", ContentMD5=right)


def crc32(body):
    return base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()


def sha256(body):
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def test_composite_checksums(s3, bucket):
    upload = begin(s3, bucket, ChecksumAlgorithm="SHA256")
    parts = []
    for number, body in [(1, FIVE), (2, b"end")]:
        answer = s3.upload_part(Bucket=bucket, Key="key", UploadId=upload, PartNumber=number, Body=body,
                                ChecksumSHA256=sha256(body))
        assert answer["ChecksumSHA256"] == sha256(body)
        parts.append({"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": sha256(body)})
    listed = s3.list_parts(Bucket=bucket, Key="key", UploadId=upload)
    assert [p["ChecksumSHA256"] for p in listed["Parts"]] == [sha256(FIVE), sha256(b"end")]
    assert listed["ChecksumAlgorithm"] == "SHA256"
    missing = refused(complete, s3, bucket, upload, [{k: p[k] for k in ("PartNumber", "ETag")} for p in parts])
    assert (missing["Code"], missing["Message"]) == (
        "InvalidRequest", "The upload was created using a sha256 checksum. The complete request must include the checksum "
        "for each part. It was missing for part 1 in the request.")
    wrong = refused(complete, s3, bucket, upload, [parts[0], parts[1] | {"ChecksumSHA256": sha256(b"other")}])
    assert wrong["Code"] == "InvalidPart"
    digests = hashlib.sha256(FIVE).digest() + hashlib.sha256(b"end").digest()
    assert complete(s3, bucket, upload, parts)["ChecksumSHA256"] == sha256(digests) + "-2"
    head = s3.head_object(Bucket=bucket, Key="key", ChecksumMode="ENABLED")
    assert head["ChecksumSHA256"] == sha256(digests) + "-2"


def test_parts_must_have_the_algorithm_of_their_upload(s3, bucket):
    upload = begin(s3, bucket, ChecksumAlgorithm="CRC32")
    other = refused(put, s3, bucket, upload, 1, b"x", ChecksumSHA256=sha256(b"x"))
    assert (other["Code"], other["Message"]) == (
        "InvalidRequest", "Checksum Type mismatch occurred, expected checksum Type: crc32, actual checksum Type: sha256")
    wrong = refused(put, s3, bucket, upload, 1, b"x", ChecksumCRC32=crc32(b"y"))
    assert (wrong["Code"], wrong["Message"]) == (
        "BadDigest", "The CRC32 you specified did not match the calculated checksum.")


def test_full_object_checksums(raw_s3, s3, bucket):
    answer = raw_s3.request("POST", f"/{bucket}/key", "uploads=", {"x-amz-checksum-algorithm": "CRC32",
                                                                  "x-amz-checksum-type": "FULL_OBJECT"})
    assert (answer.headers["x-amz-checksum-algorithm"], answer.headers["x-amz-checksum-type"]) == ("CRC32", "FULL_OBJECT")
    upload = answer.element("UploadId")
    parts = [put(s3, bucket, upload, 1, FIVE), put(s3, bucket, upload, 2, b"end")]
    document = ("<CompleteMultipartUpload>" + "".join(
        f"<Part><PartNumber>{p['PartNumber']}</PartNumber><ETag>{p['ETag']}</ETag></Part>" for p in parts) +
        "</CompleteMultipartUpload>").encode()
    wrong = raw_s3.request("POST", f"/{bucket}/key", f"uploadId={upload}", {"x-amz-checksum-crc32": crc32(b"no")}, document)
    assert (wrong.status, wrong.code) == (400, "BadDigest")
    mode = raw_s3.request("POST", f"/{bucket}/key", f"uploadId={upload}", {"x-amz-checksum-type": "COMPOSITE"}, document)
    assert (mode.code, mode.message) == ("InvalidRequest", "The upload was created using the FULL_OBJECT checksum mode. "
                                         "The complete request must use the same checksum mode.")
    other = raw_s3.request("POST", f"/{bucket}/key", f"uploadId={upload}", {"x-amz-checksum-crc32c": "AAAAAA=="}, document)
    assert (other.code, other.message) == ("InvalidRequest", "Checksum Type mismatch occurred, expected checksum Type: "
                                           "crc32, actual checksum Type: crc32c")
    right = raw_s3.request("POST", f"/{bucket}/key", f"uploadId={upload}",
                           {"x-amz-checksum-crc32": crc32(FIVE + b"end"), "x-amz-checksum-type": "FULL_OBJECT"}, document)
    assert (right.status, right.element("ChecksumCRC32"), right.element("ChecksumType")) == (
        200, crc32(FIVE + b"end"), "FULL_OBJECT")


def test_without_an_algorithm_the_object_gets_crc64nvme(raw_s3, s3, bucket):
    upload = begin(s3, bucket)
    complete(s3, bucket, upload, [put(s3, bucket, upload, 1, FIVE), put(s3, bucket, upload, 2, b"end")])
    head = raw_s3.request("HEAD", f"/{bucket}/key", headers={"x-amz-checksum-mode": "ENABLED"})
    assert head.headers["x-amz-checksum-type"] == "FULL_OBJECT"
    whole = s3.put_object(Bucket=bucket, Key="whole", Body=FIVE + b"end")
    assert whole["ETag"] != s3.head_object(Bucket=bucket, Key="key")["ETag"]
    other = raw_s3.request("HEAD", f"/{bucket}/whole", headers={"x-amz-checksum-mode": "ENABLED"})
    assert head.headers["x-amz-checksum-crc64nvme"] == other.headers["x-amz-checksum-crc64nvme"]


@pytest.mark.parametrize("headers, message", [
    ({"x-amz-checksum-algorithm": "CRC64NVME", "x-amz-checksum-type": "COMPOSITE"},
     "The COMPOSITE checksum type cannot be used with the crc64nvme checksum algorithm."),
    ({"x-amz-checksum-algorithm": "SHA1", "x-amz-checksum-type": "FULL_OBJECT"},
     "The FULL_OBJECT checksum type cannot be used with the sha1 checksum algorithm."),
    ({"x-amz-checksum-type": "FULL_OBJECT"},
     "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."),
])
def test_checksum_types_that_do_not_exist(raw_s3, bucket, headers, message):
    answer = raw_s3.request("POST", f"/{bucket}/key", "uploads=", headers)
    assert (answer.status, answer.code, answer.message) == (400, "InvalidRequest", message)


def test_parts_copied_from_objects(s3, bucket):
    s3.put_object(Bucket=bucket, Key="source/ä", Body=FIVE + b"0123456789")
    upload = begin(s3, bucket)
    source = {"Bucket": bucket, "Key": "source/ä"}
    where = {"Bucket": bucket, "Key": "key", "UploadId": upload, "CopySource": source}
    whole = s3.upload_part_copy(PartNumber=1, **where)["CopyPartResult"]
    assert whole["ETag"] == '"' + hashlib.md5(FIVE + b"0123456789").hexdigest() + '"'
    some = s3.upload_part_copy(PartNumber=2, CopySourceRange="bytes=5242881-5242883", **where)["CopyPartResult"]
    for bad in ("bytes=0-99999999", "bytes=5-1", "bytes=-5", "bytes=1-", "0-5"):
        assert refused(s3.upload_part_copy, PartNumber=3, CopySourceRange=bad, **where)["Code"] == "InvalidArgument"
    assert refused(s3.upload_part_copy, PartNumber=3, **where | {"CopySource": {"Bucket": bucket, "Key": "no"}})[
        "Code"] == "NoSuchKey"
    assert refused(s3.upload_part_copy, PartNumber=3, CopySourceIfMatch='"x"', **where)["Code"] == "PreconditionFailed"
    complete(s3, bucket, upload, [{"PartNumber": 1, "ETag": whole["ETag"]}, {"PartNumber": 2, "ETag": some["ETag"]}])
    s3.delete_object(Bucket=bucket, Key="source/ä")
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == FIVE + b"0123456789123"


def test_parts_copied_from_a_version(s3, versioned):
    old = s3.put_object(Bucket=versioned, Key="source", Body=b"old")["VersionId"]
    s3.put_object(Bucket=versioned, Key="source", Body=b"new")
    upload = begin(s3, versioned)
    answer = s3.upload_part_copy(Bucket=versioned, Key="key", UploadId=upload, PartNumber=1,
                                 CopySource={"Bucket": versioned, "Key": "source", "VersionId": old})
    assert answer["CopySourceVersionId"] == old
    complete(s3, versioned, upload, [{"PartNumber": 1, "ETag": answer["CopyPartResult"]["ETag"]}])
    assert s3.get_object(Bucket=versioned, Key="key")["Body"].read() == b"old"


def copied_in_ranges(s3, bucket, source, size, step, key, **more):
    """The ETags of the parts."""
    upload = begin(s3, bucket, key, **more)
    where = {"Bucket": bucket, "Key": key, "UploadId": upload, "CopySource": {"Bucket": bucket, "Key": source}}
    ranges = [f"bytes={at}-{min(at + step, size) - 1}" for at in range(0, size, step)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        parts = list(pool.map(lambda number: {"PartNumber": number, "ETag": s3.upload_part_copy(
            PartNumber=number, CopySourceRange=ranges[number - 1], **where)["CopyPartResult"]["ETag"]},
            range(1, len(ranges) + 1)))
    complete(s3, bucket, upload, parts, key)
    return [part["ETag"].strip('"') for part in parts]


def test_ranges_are_copied_without_room_on_the_disk(s3, bucket, endpoint):
    size, step = 100 * MIB + 12_345, 8 * MIB + 1
    data = os.urandom(size)
    config = boto3.s3.transfer.TransferConfig(multipart_chunksize=7 * MIB)
    s3.upload_fileobj(io.BytesIO(data), bucket, "source", Config=config)
    before = disk_bytes(endpoint)
    etags = copied_in_ranges(s3, bucket, "source", size, step, "copy")
    assert etags == [hashlib.md5(data[at:at + step]).hexdigest() for at in range(0, size, step)]
    copied_in_ranges(s3, bucket, "copy", size, 9 * MIB, "again", ServerSideEncryption="aws:kms")
    assert disk_bytes(endpoint) - before < 8 * MIB
    s3.delete_object(Bucket=bucket, Key="source")
    for key in ("copy", "again"):
        assert hashlib.sha256(s3.get_object(Bucket=bucket, Key=key)["Body"].read()).digest() == hashlib.sha256(data).digest()
    s3.delete_object(Bucket=bucket, Key="copy")
    part = s3.get_object(Bucket=bucket, Key="again", PartNumber=2)
    assert part["PartsCount"] == 12 and part["Body"].read() == data[9 * MIB:18 * MIB]


def disk_bytes(endpoint) -> int:
    """What the payloads take on the disk; 0 where that cannot be seen."""
    if endpoint.server is None:
        return 0
    return sum(file.stat().st_blocks * 512 for file in (endpoint.server.data / "blobs").rglob("*") if file.is_file())


def test_parts_are_listed_in_pages(s3, bucket):
    upload = begin(s3, bucket, StorageClass="STANDARD")
    for number in (5, 1, 300, 2):
        put(s3, bucket, upload, number, str(number).encode())
    page = s3.list_parts(Bucket=bucket, Key="key", UploadId=upload, MaxParts=3)
    assert [p["PartNumber"] for p in page["Parts"]] == [1, 2, 5]
    assert (page["IsTruncated"], page["NextPartNumberMarker"], page["MaxParts"]) == (True, 5, 3)
    assert page["StorageClass"] == "STANDARD" and len(page["Owner"]["ID"]) == 64
    rest = s3.list_parts(Bucket=bucket, Key="key", UploadId=upload, PartNumberMarker=5)
    assert [p["PartNumber"] for p in rest["Parts"]] == [300] and not rest["IsTruncated"]
    assert refused(s3.list_parts, Bucket=bucket, Key="key", UploadId=upload, MaxParts=-1)["Code"] == "InvalidArgument"
    none = s3.list_parts(Bucket=bucket, Key="key", UploadId=upload, MaxParts=0)
    assert (none["IsTruncated"], none.get("Parts", [])) == (False, [])


def test_uploads_are_listed_by_key_and_beginning(s3, bucket):
    made = [(key, begin(s3, bucket, key)) for key in ("b", "a", "dir/2", "a", "dir/sub/1")]
    expected = [made[1], made[3], made[0], made[2], made[4]]

    def found(page):
        return [(u["Key"], u["UploadId"]) for u in page.get("Uploads", [])]

    assert found(s3.list_multipart_uploads(Bucket=bucket)) == expected
    assert found(s3.list_multipart_uploads(Bucket=bucket, Prefix="dir/")) == expected[3:]
    grouped = s3.list_multipart_uploads(Bucket=bucket, Delimiter="/")
    assert found(grouped) == expected[:3]
    assert [p["Prefix"] for p in grouped["CommonPrefixes"]] == ["dir/"]
    after = s3.list_multipart_uploads(Bucket=bucket, KeyMarker="a", UploadIdMarker=made[1][1])
    assert found(after) == expected[1:]
    assert found(s3.list_multipart_uploads(Bucket=bucket, KeyMarker="a")) == expected[2:]
    paged, key, upload = [], "", ""
    for _ in range(10):
        page = s3.list_multipart_uploads(Bucket=bucket, MaxUploads=1, KeyMarker=key, UploadIdMarker=upload)
        paged += found(page)
        if not page["IsTruncated"]:
            break
        key, upload = page["NextKeyMarker"], page["NextUploadIdMarker"]
    assert paged == expected
    assert len(s3.list_multipart_uploads(Bucket=bucket)["Uploads"][0]["Initiator"]["ID"]) > 0


def test_listings_tell_who_began_an_upload(s3, bucket, make_user):
    """S3 API reference, Initiator: "If the principal is an AWS account, it provides the Canonical User ID. If the
    principal is an IAM User, it provides a user ARN value"; the owner stays the account."""
    user = make_user(statement("s3:PutObject", f"arn:aws:s3:::{bucket}/*"))
    for who, name in ((s3, user.canonical_id), (user.s3, user.arn)):
        upload = begin(who, bucket)
        [listed] = s3.list_multipart_uploads(Bucket=bucket)["Uploads"]
        for told in (listed, s3.list_parts(Bucket=bucket, Key="key", UploadId=upload)):
            assert (told["Initiator"]["ID"], told["Owner"]["ID"]) == (name, user.canonical_id)
        s3.abort_multipart_upload(Bucket=bucket, Key="key", UploadId=upload)


def test_an_abort_has_no_condition(s3, raw_s3, bucket):
    """x-amz-if-match-initiated-time is directory buckets': whoever sends it must not lose an upload all the same."""
    upload = begin(s3, bucket)
    answer = raw_s3.request("DELETE", f"/{bucket}/key", f"uploadId={upload}",
                            {"x-amz-if-match-initiated-time": "Sun, 06 Nov 1994 08:49:37 GMT"})
    assert (answer.status, answer.code) == (501, "NotImplemented")
    assert s3.list_parts(Bucket=bucket, Key="key", UploadId=upload)["UploadId"] == upload


def test_keys_that_need_encoding_are_listed(s3, raw_s3, bucket):
    key = "a\nü &<b>/+"
    begin(s3, bucket, key)
    assert s3.list_multipart_uploads(Bucket=bucket)["Uploads"][0]["Key"] == key
    raw = raw_s3.request("GET", f"/{bucket}", "encoding-type=url&uploads=")
    assert raw.element("Key") == quote(key, safe="/-._~*").replace("%20", "+")


def test_a_bucket_with_uploads_can_be_deleted_and_they_are_gone(s3, make_bucket, endpoint):
    name = make_bucket()
    put(s3, name, begin(s3, name), 1, b"part")
    s3.delete_bucket(Bucket=name)
    make_bucket(name)
    assert s3.list_multipart_uploads(Bucket=name).get("Uploads", []) == []


def test_an_upload_may_be_aborted_while_parts_come(s3, bucket):
    for _ in range(5):
        upload = begin(s3, bucket)
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            parts = [pool.submit(put, s3, bucket, upload, n, os.urandom(200_000)) for n in range(1, 6)]
            abort = pool.submit(s3.abort_multipart_upload, Bucket=bucket, Key="key", UploadId=upload)
        abort.result()
        for part in parts:
            if part.exception():
                assert part.exception().response["Error"]["Code"] == "NoSuchUpload"
        assert refused(s3.list_parts, Bucket=bucket, Key="key", UploadId=upload)["Code"] == "NoSuchUpload"


def test_boto3s_own_transfer(s3, bucket):
    body = os.urandom(20 * MIB + 12345)
    config = boto3.s3.transfer.TransferConfig(multipart_threshold=8 * MIB, multipart_chunksize=6 * MIB)
    s3.upload_fileobj(io.BytesIO(body), bucket, "large", Config=config)
    found = io.BytesIO()
    s3.download_fileobj(bucket, "large", found, Config=config)
    assert found.getvalue() == body
    assert s3.head_object(Bucket=bucket, Key="large")["ETag"].endswith('-4"')
    s3.copy({"Bucket": bucket, "Key": "large"}, bucket, "copy", Config=config)
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == body


def test_encrypted_uploads(s3, bucket):
    key = os.urandom(32)
    customer = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key}
    upload = begin(s3, bucket, **customer)
    error = refused(put, s3, bucket, upload, 1, b"x")
    assert error["Code"] == "InvalidRequest" and "Subsequent part requests" in error["Message"]
    assert refused(put, s3, bucket, upload, 1, b"x", SSECustomerAlgorithm="AES256", SSECustomerKey=os.urandom(32))[
        "Code"] == "InvalidRequest"
    parts = [put(s3, bucket, upload, 1, FIVE, **customer), put(s3, bucket, upload, 2, b"end", **customer)]
    complete(s3, bucket, upload, parts)
    assert s3.get_object(Bucket=bucket, Key="key", **customer)["Body"].read() == FIVE + b"end"
    assert refused(s3.get_object, Bucket=bucket, Key="key")["Code"] == "InvalidRequest"
    server_side = s3.create_multipart_upload(Bucket=bucket, Key="sse", ServerSideEncryption="AES256")
    assert server_side["ServerSideEncryption"] == "AES256"
    part = s3.upload_part(Bucket=bucket, Key="sse", UploadId=server_side["UploadId"], PartNumber=1, Body=b"x")
    assert part["ServerSideEncryption"] == "AES256"


def test_when_a_rule_aborts_an_upload(s3, bucket):
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [
        {"ID": "tidy", "Status": "Enabled", "Filter": {"Prefix": "tmp/"},
         "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3}}]})
    created = s3.create_multipart_upload(Bucket=bucket, Key="tmp/x")
    assert created["AbortRuleId"] == "tidy"
    assert (created["AbortDate"].hour, created["AbortDate"].minute) == (0, 0)
    listed = s3.list_parts(Bucket=bucket, Key="tmp/x", UploadId=created["UploadId"])
    assert (listed["AbortRuleId"], listed["AbortDate"]) == ("tidy", created["AbortDate"])
    assert "AbortDate" not in s3.create_multipart_upload(Bucket=bucket, Key="other")


def test_a_part_that_lost_its_upload_replaces_nothing(s3, raw_s3, bucket):
    s3.put_object(Bucket=bucket, Key="key", Body=b"whole")
    for query in ("partNumber=1", "uploadId=abc"):
        assert raw_s3.request("PUT", f"/{bucket}/key", query, body=b"a part").status == 400
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"whole"
