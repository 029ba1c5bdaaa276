"""User metadata that is not ASCII: ISO-8859-1 in header lines, RFC 2047 in answers (S3 user guide, "Working with object
metadata"), UTF-8 in queries and forms."""
import email.header
from urllib.parse import quote

import pytest

from harness.users import policy, statement


def decoded(header: str) -> str:
    return "".join(part if isinstance(part, str) else part.decode(charset or "ascii")
                   for part, charset in email.header.decode_header(header))


def told(raw_s3, bucket, key="k") -> str:
    """x-amz-meta-m of a HEAD's answer, which must be that of a GET's."""
    head = raw_s3.request("HEAD", f"/{bucket}/{key}")
    assert head.headers["x-amz-meta-m"] == raw_s3.request("GET", f"/{bucket}/{key}").headers["x-amz-meta-m"]
    return head.headers["x-amz-meta-m"]


@pytest.fixture
def writable(s3, bucket):
    """A bucket that everybody may write to: no signature has to cover what no SDK would send."""
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(statement("s3:PutObject", f"arn:aws:s3:::{bucket}/*", Principal="*")))
    return bucket


@pytest.mark.parametrize("value,header", [
    ("ÄMÄZÕÑ S3".encode(), "=?UTF-8?B?w4PChE3Dg8KEWsODwpXDg8KRIFMz?="),  # the user guide's own example
    ("AMAZON S3".encode(), "AMAZON S3"),
    ("café noir".encode("latin-1"), "=?UTF-8?Q?caf=C3=A9_noir?="),
    (b"=?UTF-8?B?w4RNw4Ra?=", "=?UTF-8?B?w4RNw4Ra?="),
    (b"=?utf-8?q?plain?=", "plain"), (b"=?UTF-8?X?what?=", "=?UTF-8?X?what?="),
])
def test_metadata_in_header_lines(raw_s3, writable, value, header):
    head = f"PUT /{writable}/k HTTP/1.1\r\nHost: {raw_s3.host}\r\nContent-Length: 1\r\nx-amz-meta-m: ".encode()
    answer = raw_s3.send_bytes(head + value + b"\r\n\r\nx")
    assert answer.status == 200, answer.body
    assert told(raw_s3, writable) == header


def test_metadata_of_all_of_unicode(raw_s3, s3, bucket):
    for text in ("日本語", "naïve café in a longer line of text", "🚀" * 60, "é" * 200, "a\u0001b"):
        target = raw_s3.presigned("PUT", f"/{bucket}/k", f"x-amz-meta-m={quote(text)}")
        assert raw_s3.exchange("PUT", target, b"x", {"host": raw_s3.host}).status == 200
        header = told(raw_s3, bucket)
        assert header.isascii() and decoded(header) == text
        assert decoded(s3.head_object(Bucket=bucket, Key="k")["Metadata"]["m"]) == text
        # As it is told it can be sent again.
        s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k")
        s3.put_object(Bucket=bucket, Key="again", Body=b"", Metadata={"m": header})
        assert told(raw_s3, bucket, "copy") == told(raw_s3, bucket, "again") == header


def test_the_limit_is_of_the_text_in_utf8(raw_s3, bucket):
    for size, status in ((682, 200), (683, 400)):  # 3 bytes each, and one for the name: 2,047 and 2,050
        target = raw_s3.presigned("PUT", f"/{bucket}/k", f"x-amz-meta-m={quote('語' * size)}")
        answer = raw_s3.exchange("PUT", target, b"x", {"host": raw_s3.host})
        assert (answer.status, answer.code) == (status, "" if status == 200 else "MetadataTooLarge")
