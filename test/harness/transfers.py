"""Exports and imports of tests: started, waited for, and what an export has left in its bucket."""
import base64
import gzip
import hashlib
import json
from pathlib import Path

from harness.waiting import wait_for


def ended_export(client, arn, seconds=60):
    def ended():
        found = client.describe_export(ExportArn=arn)["ExportDescription"]
        return found if found["ExportStatus"] != "IN_PROGRESS" else None
    return wait_for(f"export {arn}", ended, seconds)


def ended_import(client, arn, seconds=60):
    def ended():
        found = client.describe_import(ImportArn=arn)["ImportTableDescription"]
        return found if found["ImportStatus"] != "IN_PROGRESS" else None
    return wait_for(f"import {arn}", ended, seconds)


def export(client, **parameters):
    """The description of an export that has ended."""
    return ended_export(client, client.export_table_to_point_in_time(**parameters)["ExportDescription"]["ExportArn"])


def import_into(client, table, bucket, prefix, fmt="DYNAMODB_JSON", key="pk", kind="S", **more):
    """The description of an import that has ended."""
    parameters = {"TableName": table, "BillingMode": "PAY_PER_REQUEST",
                  "AttributeDefinitions": [{"AttributeName": key, "AttributeType": kind}],
                  "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}]} | more.pop("parameters", {})
    arn = client.import_table(S3BucketSource={"S3Bucket": bucket, "S3KeyPrefix": prefix}, InputFormat=fmt,
                              TableCreationParameters=parameters, **more)["ImportTableDescription"]["ImportArn"]
    return ended_import(client, arn)


def objects(folder: Path) -> dict[str, bytes]:
    """A bucket that is a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def exported_lines(found: dict[str, bytes], manifest_key: str) -> list[str]:
    """Every line of an export's data files, its checksums verified on the way."""
    def checked(key):
        body = found[key]
        assert found[key.removesuffix(".json") + ".md5"] == base64.b64encode(hashlib.md5(body).digest())
        return body

    summary = json.loads(checked(manifest_key))
    lines = []
    for line in checked(summary["manifestFilesS3Key"]).decode().splitlines():
        file = json.loads(line)
        body = found[file["dataFileS3Key"]]
        assert file["md5Checksum"] == base64.b64encode(hashlib.md5(body).digest()).decode()
        text = gzip.decompress(body).decode().splitlines()
        assert len(text) == file["itemCount"]
        lines += text
    assert len(lines) == summary["itemCount"]
    return lines
