// The runbook's Scenario 3 with the AWS SDK for JavaScript v3: node scenario3.mjs ENDPOINT FOLDER BUCKET
//
// Credentials come from the environment; FOLDER holds the files. Everything is as the SDK has it by default: CRC32 or
// CRC64NVME on uploads, checked on downloads. Ends with 0 and one line when every file is as it was; any difference is an
// exception.
import assert from "node:assert/strict";
import { createReadStream, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  CopyObjectCommand, CreateBucketCommand, DeleteObjectCommand, DeleteObjectsCommand, GetBucketVersioningCommand,
  GetObjectCommand, HeadObjectCommand, ListObjectVersionsCommand, PutObjectCommand, S3Client, paginateListObjectsV2,
} from "@aws-sdk/client-s3";

const [endpoint, folder, bucket] = process.argv.slice(2);
const client = new S3Client({ endpoint, region: "eu-west-1", forcePathStyle: true, maxAttempts: 1 });
const originals = new Map(readdirSync(folder).map((name) => [`sounds/${name}`, readFileSync(join(folder, name))]));

async function upload() {
  await client.send(new CreateBucketCommand({
    Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: "eu-west-1" } }));
  const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket: bucket }));
  assert.equal(Status, "Enabled");
  let number = 0;
  for (const [key, data] of originals) {
    // Bytes, and streams, whose checksum comes as a trailer.
    const path = join(folder, key.slice("sounds/".length));
    const stream = number++ % 2 === 1;
    const put = { Bucket: bucket, Key: key, Body: stream ? createReadStream(path) : data, ContentType: "audio/ogg" };
    if (stream) put.ContentLength = statSync(path).size;
    const answer = await client.send(new PutObjectCommand(put));
    assert.ok(answer.VersionId && answer.ETag);
  }
}

async function damage() {
  const keys = [...originals.keys()];
  for (const key of keys.filter((_, i) => i % 3 === 0)) {
    for (const text of ["wrong", "wrong again"]) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text }));
    }
  }
  await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: keys[1] }));
  const { Deleted } = await client.send(new DeleteObjectsCommand({
    Bucket: bucket, Delete: { Objects: keys.filter((_, i) => i % 3 === 2).map((Key) => ({ Key })) } }));
  assert.ok(Deleted.every((one) => one.DeleteMarker && one.DeleteMarkerVersionId));
}

async function bytes(parameters) {
  const answer = await client.send(new GetObjectCommand({ Bucket: bucket, ...parameters }));
  return Buffer.from(await answer.Body.transformToByteArray());
}

// The oldest version of a file: list the versions, look at it, and copy it over the current one.
async function restore(key, data) {
  const listed = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key }));
  const versions = listed.Versions.filter((version) => version.Key === key);
  const oldest = versions.at(-1);
  assert.equal(oldest.Size, data.length);
  assert.deepEqual(await bytes({ Key: key, VersionId: oldest.VersionId }), data);
  const copied = await client.send(new CopyObjectCommand({
    Bucket: bucket, Key: key, CopySource: `${bucket}/${encodeURIComponent(key)}?versionId=${oldest.VersionId}` }));
  assert.equal(copied.CopySourceVersionId, oldest.VersionId);
  const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: "ENABLED" }));
  assert.equal(head.VersionId, copied.VersionId);
  assert.equal(head.ContentType, "audio/ogg");
  assert.ok(head.ChecksumCRC32 ?? head.ChecksumCRC64NVME);
}

async function current() {
  const keys = [];
  for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: "sounds/" })) {
    keys.push(...(page.Contents ?? []).map((object) => object.Key));
  }
  return keys;
}

await upload();
await damage();
assert.ok((await current()).length < originals.size);
for (const [key, data] of originals) {
  const now = await bytes({ Key: key }).catch((error) => error.name);
  if (now === "NoSuchKey" || !data.equals(now)) await restore(key, data);
}
assert.deepEqual((await current()).sort(), [...originals.keys()].sort());
for (const [key, data] of originals) assert.deepEqual(await bytes({ Key: key }), data);
console.log(`scenario 3: ${originals.size} files as they were`);
