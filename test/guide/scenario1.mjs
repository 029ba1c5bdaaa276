// The runbook's Scenario 1 with the AWS SDK for JavaScript v3: node scenario1.mjs ENDPOINT INPUT.json TABLE
//
// Credentials come from the environment. INPUT is what sounds.py writes. Ends with 0 and one line when the restored
// table holds every item as it was and its index is complete; any difference is an exception.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  CreateTableCommand, DeleteTableCommand, DescribeTableCommand, DynamoDBClient, ListTablesCommand,
  RestoreTableToPointInTimeCommand, UpdateContinuousBackupsCommand, UpdateTableCommand, paginateQuery, paginateScan,
  waitUntilTableExists, waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import { BatchWriteCommand, DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";

const [endpoint, file, table] = process.argv.slice(2);
const restored = `${table}-restored`;
const client = new DynamoDBClient({ endpoint, region: "eu-west-1", maxAttempts: 1 });
const documents = DynamoDBDocumentClient.from(client);
const waiting = { client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };

// The SDK's attribute values: binaries are bytes. Numbers and sets stay as DynamoDB writes them.
function attributes(item) {
  return JSON.parse(JSON.stringify(item), (name, value) =>
    name === "B" && typeof value === "string" ? new Uint8Array(Buffer.from(value, "base64")) : value);
}

const input = JSON.parse(readFileSync(file, "utf8"));
const originals = new Map(input.items.map((item) => [item.id.S, unmarshall(attributes(item))]));

async function write(requests) {
  for (let start = 0; start < requests.length; start += 25) {
    let left = { [table]: requests.slice(start, start + 25) };
    while (left && Object.keys(left).length) {
      left = (await documents.send(new BatchWriteCommand({ RequestItems: left }))).UnprocessedItems;
    }
  }
}

// The first whole second after everything done so far; returns when it has passed.
async function wholeSecond() {
  const mark = new Date(Math.floor(Date.now() / 1000 + 1) * 1000);
  while (Date.now() <= mark.getTime() + 50) await new Promise((resolve) => setTimeout(resolve, 10));
  return mark;
}

async function all(pages) {
  const found = [];
  for await (const page of pages) found.push(...page.Items);
  return found.map((item) => unmarshall(item));
}

async function create() {
  await client.send(new CreateTableCommand({ TableName: table, DeletionProtectionEnabled: true, ...input.schema }));
  await waitUntilTableExists(waiting, { TableName: table });
  const answer = await client.send(new UpdateContinuousBackupsCommand({
    TableName: table, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 35 } }));
  assert.equal(answer.ContinuousBackupsDescription.PointInTimeRecoveryDescription.RecoveryPeriodInDays, 35);
  await write([...originals.values()].map((Item) => ({ PutRequest: { Item } })));
}

async function damage() {
  await write(input.deleted.map((id) => ({ DeleteRequest: { Key: { id } } })));
  await write(input.overwritten.map((item) => ({ PutRequest: { Item: unmarshall(attributes(item)) } })));
  const gone = await documents.send(new GetCommand({ TableName: table, Key: { id: input.deleted[0] } }));
  assert.equal(gone.Item, undefined);
}

async function restore(instant) {
  assert.ok((await client.send(new ListTablesCommand({}))).TableNames.includes(table));
  const { TableDescription } = await client.send(new RestoreTableToPointInTimeCommand({
    SourceTableName: table, TargetTableName: restored, RestoreDateTime: instant }));
  assert.equal(TableDescription.RestoreSummary.RestoreDateTime.getTime(), instant.getTime());
  await waitUntilTableExists(waiting, { TableName: restored });
}

async function verify() {
  const found = await all(paginateScan({ client }, { TableName: restored, ConsistentRead: true }));
  assert.deepEqual(new Map(found.map((item) => [item.id, item])).size, originals.size);
  for (const item of found) assert.deepEqual(item, originals.get(item.id));
  const { Table } = await client.send(new DescribeTableCommand({ TableName: restored }));
  assert.deepEqual(Table.GlobalSecondaryIndexes.map((index) => index.IndexStatus), ["ACTIVE"]);
  for (const kind of new Set([...originals.values()].map((item) => item.kind))) {
    const entries = await all(paginateQuery({ client }, {
      TableName: restored, IndexName: input.index, KeyConditionExpression: "kind = :k",
      ExpressionAttributeValues: { ":k": { S: kind } } }));
    const expected = [...originals.values()].filter((item) => item.kind === kind);
    assert.equal(entries.length, expected.length);
    for (const item of entries) assert.deepEqual(item, originals.get(item.id));
    const names = entries.map((item) => Buffer.from(item.name));
    assert.deepEqual(names, [...names].sort(Buffer.compare));
  }
  return found;
}

// Option B's first step: the original can only be deleted once its protection is off.
async function remove() {
  await assert.rejects(client.send(new DeleteTableCommand({ TableName: table })), { name: "ValidationException" });
  await client.send(new UpdateTableCommand({ TableName: table, DeletionProtectionEnabled: false }));
  await client.send(new DeleteTableCommand({ TableName: table }));
  await waitUntilTableNotExists(waiting, { TableName: table });
}

await create();
const instant = await wholeSecond();
await damage();
await restore(instant);
const found = await verify();
const live = new Map((await all(paginateScan({ client }, { TableName: table }))).map((item) => [item.id, item]));
const lost = found.filter((item) => {
  try {
    assert.deepEqual(live.get(item.id), item);
    return false;
  } catch {
    return true;
  }
});
assert.equal(lost.length, input.deleted.length + input.overwritten.length);
await write(lost.map((Item) => ({ PutRequest: { Item } })));
const repaired = await all(paginateScan({ client }, { TableName: table, ConsistentRead: true }));
assert.equal(repaired.length, originals.size);
for (const item of repaired) assert.deepEqual(item, originals.get(item.id));
await remove();
await verify(); // the restored table does not need the one it came from
console.log("scenario 1: every item equal, every index complete");
