// The current AWS SDK for JavaScript with its defaults, one step after the other, against the endpoint in argv[2] and
// the bucket in argv[3]. Prints "step: ok" for each; a step that fails ends the run with its error.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import * as s3sdk from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const [, , endpoint, Bucket] = process.argv;
const s3 = new s3sdk.S3Client({ endpoint, region: "eu-west-1", forcePathStyle: true, maxAttempts: 1 });
const seen = []; // header fields as they go out
s3.middlewareStack.add((next) => async (args) => {
  seen.push(args.request.headers);
  return next(args);
}, { step: "finalizeRequest", priority: "low", name: "see" });
const send = (name, input) => s3.send(new s3sdk[name + "Command"]({ Bucket, ...input }));
const bytes = async (output) => Buffer.from(await output.Body.transformToByteArray());
const refused = async (promise) => {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: "was not refused" });
};

const steps = {
  async defaultChecksum() {
    const put = await send("PutObject", { Key: "default", Body: "hello" });
    assert.equal(put.ChecksumCRC32, "NhCmhg==");
    assert.equal(put.ChecksumType, "FULL_OBJECT");
    const got = await send("GetObject", { Key: "default" });
    assert.equal(got.ChecksumCRC32, "NhCmhg=="); // the SDK asks for it, and has compared it
    assert.equal((await bytes(got)).toString(), "hello");
  },

  async streamWithTrailer() {
    const data = randomBytes(3_000_000);
    const put = await send("PutObject", { Key: "stream", Body: Readable.from([data.subarray(0, 1_000_000), data.subarray(1_000_000)]),
      ContentLength: data.length });
    const headers = seen.at(-1);
    assert.equal(headers["x-amz-content-sha256"], "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    assert.equal(headers["x-amz-trailer"], "x-amz-checksum-crc32");
    assert.ok(put.ChecksumCRC32);
    const got = await send("GetObject", { Key: "stream" });
    assert.equal(got.ContentEncoding, undefined);
    assert.ok((await bytes(got)).equals(data));
  },

  async everyAlgorithm() {
    for (const algorithm of ["CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME"]) {
      const Key = "sum-" + algorithm;
      const put = await send("PutObject", { Key, Body: "The quick brown fox", ChecksumAlgorithm: algorithm });
      assert.ok(put["Checksum" + algorithm], algorithm);
      const head = await send("HeadObject", { Key, ChecksumMode: "ENABLED" });
      assert.equal(head["Checksum" + algorithm], put["Checksum" + algorithm]);
      assert.equal((await bytes(await send("GetObject", { Key }))).toString(), "The quick brown fox");
    }
    const error = await refused(send("PutObject", { Key: "wrong", Body: "x", ChecksumCRC32: "AAAAAA==" }));
    assert.equal(error.name, "BadDigest");
    assert.equal((await refused(send("HeadObject", { Key: "wrong" }))).name, "NotFound");
  },

  async presigned() {
    const put = await getSignedUrl(s3, new s3sdk.PutObjectCommand({ Bucket, Key: "presigned" }), { expiresIn: 60 });
    const stored = await fetch(put, { method: "PUT", body: "from fetch" });
    assert.equal(stored.status, 200, await stored.text());
    const get = await getSignedUrl(s3, new s3sdk.GetObjectCommand({ Bucket, Key: "presigned",
      ResponseContentDisposition: "attachment; filename=\"a b.txt\"" }), { expiresIn: 60 });
    const got = await fetch(get);
    assert.equal(await got.text(), "from fetch");
    assert.equal(got.headers.get("content-disposition"), "attachment; filename=\"a b.txt\"");
    const ranged = await fetch(get, { headers: { range: "bytes=5-8" } });
    assert.equal(ranged.status, 206);
    assert.equal(await ranged.text(), "fetc");
    const typed = await getSignedUrl(s3, new s3sdk.PutObjectCommand({ Bucket, Key: "typed", ContentType: "text/plain" }),
      { expiresIn: 60, signableHeaders: new Set(["content-type"]) });
    assert.equal((await fetch(typed, { method: "PUT", body: "x", headers: { "content-type": "text/html" } })).status, 403);
    assert.equal((await fetch(typed, { method: "PUT", body: "x", headers: { "content-type": "text/plain" } })).status, 200);
  },

  async presignedPost() {
    const { url, fields } = await createPresignedPost(s3, { Bucket, Key: "form/${filename}", Expires: 60,
      Conditions: [["content-length-range", 1, 1000], ["starts-with", "$Content-Type", "text/"]],
      Fields: { "Content-Type": "text/csv", success_action_status: "201" } });
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append("file", new Blob(["a,b\r\n1,2\r\n"]), "table.csv");
    const answer = await fetch(url, { method: "POST", body: form });
    assert.equal(answer.status, 201, await answer.clone().text());
    assert.match(await answer.text(), /<Key>form\/table\.csv<\/Key>/);
    const got = await send("GetObject", { Key: "form/table.csv" });
    assert.equal(got.ContentType, "text/csv");
    assert.equal((await bytes(got)).toString(), "a,b\r\n1,2\r\n");
  },

  async libStorage() {
    const data = randomBytes(17 * 1024 * 1024 + 123);
    const upload = new Upload({ client: s3, partSize: 5 * 1024 * 1024, queueSize: 3,
      params: { Bucket, Key: "parts", Body: Readable.from(chunksOf(data, 777_777)), ContentType: "audio/ogg" } });
    const progress = [];
    upload.on("httpUploadProgress", (event) => progress.push(event.loaded));
    const done = await upload.done();
    assert.match(done.ETag, /^"[0-9a-f]{32}-4"$/);
    assert.equal(Math.max(...progress), data.length);
    const got = await send("GetObject", { Key: "parts" });
    assert.equal(got.ContentType, "audio/ogg");
    assert.equal(sha256(await bytes(got)), sha256(data));
    const small = new Upload({ client: s3, params: { Bucket, Key: "small", Body: "few" } });
    assert.ok((await small.done()).ETag);
  },

  async abortedUpload() {
    const upload = new Upload({ client: s3, params: { Bucket, Key: "aborted", Body: Readable.from(chunksOf(randomBytes(12_000_000), 1_000_000)) } });
    upload.on("httpUploadProgress", () => upload.abort());
    assert.equal((await refused(upload.done())).name, "AbortError");
    assert.equal((await refused(send("HeadObject", { Key: "aborted" }))).name, "NotFound");
  },

  async deleteAndList() {
    for (let i = 0; i < 25; ++i) await send("PutObject", { Key: `many/${String(i).padStart(2, "0")} ü+&`, Body: "" });
    const keys = [];
    for await (const page of s3sdk.paginateListObjectsV2({ client: s3, pageSize: 10 }, { Bucket, Prefix: "many/" })) {
      keys.push(...page.Contents.map((found) => found.Key));
    }
    assert.equal(keys.length, 25);
    assert.equal(keys[7], "many/07 ü+&");
    const gone = await send("DeleteObjects", { Delete: { Objects: keys.map((Key) => ({ Key })) } });
    assert.equal(gone.Deleted.length, 25);
    assert.equal((await send("ListObjectsV2", { Prefix: "many/" })).KeyCount, 0);
  },

  async conditionsAndErrors() {
    await send("PutObject", { Key: "once", Body: "1", IfNoneMatch: "*" });
    const twice = await refused(send("PutObject", { Key: "once", Body: "2", IfNoneMatch: "*" }));
    assert.equal(twice.name, "PreconditionFailed");
    assert.equal(twice.$metadata.httpStatusCode, 412);
    const none = await refused(send("GetObject", { Key: "none" }));
    assert.ok(none instanceof s3sdk.NoSuchKey);
    assert.ok(none.$metadata.requestId);
    assert.ok(none.$metadata.extendedRequestId);
    assert.ok((await refused(send("HeadObject", { Key: "none" }))) instanceof s3sdk.NotFound);
    assert.ok((await refused(s3.send(new s3sdk.ListObjectsV2Command({ Bucket: Bucket + "-none" })))) instanceof s3sdk.NoSuchBucket);
    const unchanged = await refused(send("GetObject", { Key: "once", IfNoneMatch: (await send("HeadObject", { Key: "once" })).ETag }));
    assert.equal(unchanged.$metadata.httpStatusCode, 304);
  },

  async copyAndAttributes() {
    await send("PutObject", { Key: "source ü", Body: "copied", Metadata: { a: "b" } });
    const copy = await send("CopyObject", { Key: "copy", CopySource: encodeURIComponent(`${Bucket}/source ü`) });
    assert.ok(copy.CopyObjectResult.ETag);
    const head = await send("HeadObject", { Key: "copy" });
    assert.deepEqual(head.Metadata, { a: "b" });
    const attributes = await send("GetObjectAttributes", { Key: "copy", ObjectAttributes: ["ETag", "ObjectSize", "Checksum"] });
    assert.equal(attributes.ObjectSize, 6);
    assert.ok(attributes.Checksum.ChecksumCRC32);
  },

  async waiters() {
    await s3sdk.waitUntilBucketExists({ client: s3, maxWaitTime: 10 }, { Bucket });
    await s3sdk.waitUntilObjectExists({ client: s3, maxWaitTime: 10 }, { Bucket, Key: "copy" });
    await s3sdk.waitUntilObjectNotExists({ client: s3, maxWaitTime: 10 }, { Bucket, Key: "none" });
  },
};

function* chunksOf(data, size) {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
}
function sha256(data) {
  return createHash("sha256").update(data).digest("hex");
}

for (const [name, step] of Object.entries(steps)) {
  try {
    await step();
    console.log(`${name}: ok`);
  } catch (error) {
    console.log(`${name}: ${error.stack ?? error} ${JSON.stringify(error.$response?.body ?? "")}`);
    process.exitCode = 1;
  }
}
