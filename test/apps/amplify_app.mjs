// A table as Amplify Gen 2 makes it for a model, and what its functions do with it through the DocumentClient.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ListTagsOfResourceCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
} from "@aws-sdk/client-dynamodb";
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from "@aws-sdk/client-dynamodb-streams";
import {
  BatchExecuteStatementCommand,
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  ExecuteStatementCommand,
  ExecuteTransactionCommand,
  GetCommand,
  NumberValue,
  paginateQuery,
  paginateScan,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { client, keys, options, ownName, waitForTable } from "./application.mjs";

const TableName = `Sound-${ownName("x")}-NONE`;
const document = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
const streams = new DynamoDBStreamsClient({
  ...options,
  endpoint: options.endpoint.replace("://dynamodb.", "://streams.dynamodb."),
});
const index = (IndexName, attributes) => ({
  IndexName,
  KeySchema: keys(attributes),
  Projection: { ProjectionType: "ALL" },
});
const now = (second) => new Date(Date.UTC(2026, 1, 1, 12, 0, second)).toISOString();
const sound = (n, more = {}) => ({
  __typename: "Sound",
  id: `sound-${String(n).padStart(3, "0")}`,
  name: `Sound ${n}`,
  kind: n % 3 ? "effect" : "music",
  userId: `user-${n % 4}`,
  seconds: n / 2,
  tags: ["short", { name: "x" }],
  owner: "sub::user",
  createdAt: now(n),
  updatedAt: now(n),
  ...more,
});

let arn;

before(async () => {
  const { TableDescription } = await client.send(
    new CreateTableCommand({
      TableName,
      KeySchema: keys({ id: "S" }),
      AttributeDefinitions: ["id", "userId", "kind", "createdAt"].map((AttributeName) => ({
        AttributeName,
        AttributeType: "S",
      })),
      GlobalSecondaryIndexes: [
        index("gsi-User.sounds", { userId: "S" }),
        index("soundsByKindAndCreatedAt", { kind: "S", createdAt: "S" }),
      ],
      BillingMode: "PAY_PER_REQUEST",
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
      SSESpecification: { Enabled: true, SSEType: "KMS" },
      DeletionProtectionEnabled: true,
      Tags: [
        { Key: "amplify:deployment-type", Value: "sandbox" },
        { Key: "created-by", Value: "amplify" },
      ],
    }),
  );
  arn = TableDescription.TableArn;
  await waitForTable(TableName);
});

test("the table is described as it was asked for", async () => {
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  assert.deepEqual(Table.StreamSpecification, { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" });
  assert.match(Table.LatestStreamLabel, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/);
  assert.equal(Table.LatestStreamArn, `${arn}/stream/${Table.LatestStreamLabel}`);
  assert.equal(Table.SSEDescription.Status, "ENABLED");
  assert.equal(Table.SSEDescription.SSEType, "KMS");
  assert.match(Table.SSEDescription.KMSMasterKeyArn, /^arn:aws:kms:[a-z0-9-]+:\d{12}:key\/[0-9a-f-]{36}$/);
  assert.equal(Table.DeletionProtectionEnabled, true);
  assert.equal(Table.BillingModeSummary.BillingMode, "PAY_PER_REQUEST");
  assert.deepEqual(Table.GlobalSecondaryIndexes.map((i) => [i.IndexName, i.IndexStatus]).sort(), [
    ["gsi-User.sounds", "ACTIVE"],
    ["soundsByKindAndCreatedAt", "ACTIVE"],
  ]);
  const { Tags } = await client.send(new ListTagsOfResourceCommand({ ResourceArn: arn }));
  assert.deepEqual(Object.fromEntries(Tags.map((t) => [t.Key, t.Value])), {
    "amplify:deployment-type": "sandbox",
    "created-by": "amplify",
  });
});

test("point-in-time recovery over 35 days", async () => {
  const { ContinuousBackupsDescription } = await client.send(
    new UpdateContinuousBackupsCommand({
      TableName,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 35 },
    }),
  );
  assert.equal(ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus, "ENABLED");
  const found = await client.send(new DescribeContinuousBackupsCommand({ TableName }));
  const recovery = found.ContinuousBackupsDescription.PointInTimeRecoveryDescription;
  assert.equal(recovery.RecoveryPeriodInDays, 35);
  assert.ok(recovery.LatestRestorableDateTime >= recovery.EarliestRestorableDateTime);
});

test("the resolvers' create, update, delete", async () => {
  const create = new PutCommand({
    TableName,
    Item: sound(0),
    ConditionExpression: "attribute_not_exists(#id)",
    ExpressionAttributeNames: { "#id": "id" },
  });
  await document.send(create);
  await assert.rejects(document.send(create), {
    name: "ConditionalCheckFailedException",
    message: "The conditional request failed",
  });
  const update = (id, values) =>
    document.send(
      new UpdateCommand({
        TableName,
        Key: { id },
        ConditionExpression: "attribute_exists(#id)",
        ReturnValues: "ALL_NEW",
        UpdateExpression: `SET ${Object.keys(values)
          .map((k) => `#${k} = :${k}`)
          .join(", ")} REMOVE #gone`,
        ExpressionAttributeNames: Object.fromEntries([...Object.keys(values), "id", "gone"].map((k) => [`#${k}`, k])),
        ExpressionAttributeValues: Object.fromEntries(Object.entries(values).map(([k, v]) => [`:${k}`, v])),
      }),
    );
  const { Attributes } = await update("sound-000", { name: "Bell", updatedAt: now(59) });
  assert.deepEqual(Attributes, { ...sound(0), name: "Bell", updatedAt: now(59) });
  await assert.rejects(update("nothing", { name: "x" }), { name: "ConditionalCheckFailedException" });
  const gone = await document.send(new DeleteCommand({ TableName, Key: { id: "sound-000" }, ReturnValues: "ALL_OLD" }));
  assert.equal(gone.Attributes.name, "Bell");
});

test("seed in batches", async () => {
  const all = Array.from({ length: 90 }, (_, i) => sound(i));
  for (let start = 0; start < all.length; start += 25) {
    let left = { [TableName]: all.slice(start, start + 25).map((Item) => ({ PutRequest: { Item } })) };
    while (Object.keys(left).length > 0)
      left = (await document.send(new BatchWriteCommand({ RequestItems: left }))).UnprocessedItems;
  }
  const { Responses, UnprocessedKeys } = await document.send(
    new BatchGetCommand({
      RequestItems: { [TableName]: { Keys: all.slice(0, 80).map(({ id }) => ({ id })), ConsistentRead: true } },
    }),
  );
  assert.deepEqual(UnprocessedKeys, {});
  assert.deepEqual(
    Responses[TableName].sort((a, b) => (a.id < b.id ? -1 : 1)),
    all.slice(0, 80),
  );
});

test("paginators go to the end", async () => {
  const pages = [];
  for await (const page of paginateScan({ client: document, pageSize: 20 }, { TableName, ConsistentRead: true }))
    pages.push(page.Items);
  assert.equal(pages.flat().length, 90);
  assert.equal(pages.length, 5);
  const newest = [];
  for await (const page of paginateQuery(
    { client: document, pageSize: 7 },
    {
      TableName,
      IndexName: "soundsByKindAndCreatedAt",
      KeyConditionExpression: "kind = :k AND createdAt BETWEEN :from AND :to",
      ExpressionAttributeValues: { ":k": "music", ":from": now(10), ":to": now(50) },
      ScanIndexForward: false,
    },
  ))
    newest.push(...page.Items.map((s) => s.createdAt));
  assert.deepEqual(newest, [48, 45, 42, 39, 36, 33, 30, 27, 24, 21, 18, 15, 12].map(now));
});

test("list as the client sees it: limit, filter, next token", async () => {
  let ExclusiveStartKey;
  const seen = [];
  do {
    const page = await document.send(
      new QueryCommand({
        TableName,
        IndexName: "gsi-User.sounds",
        KeyConditionExpression: "#u = :u",
        FilterExpression: "contains(#n, :n) OR #s < :s",
        ExpressionAttributeNames: { "#u": "userId", "#n": "name", "#s": "seconds" },
        ExpressionAttributeValues: { ":u": "user-1", ":n": "8", ":s": 3 },
        Limit: 10,
        ExclusiveStartKey,
        ReturnConsumedCapacity: "INDEXES",
      }),
    );
    assert.ok(page.ScannedCount <= 10);
    assert.equal(page.ConsumedCapacity.TableName, TableName);
    seen.push(...page.Items.map((s) => s.seconds * 2));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  assert.deepEqual(
    seen.sort((a, b) => a - b),
    Array.from({ length: 90 }, (_, i) => i).filter((i) => i % 4 === 1 && (String(i).includes("8") || i < 6)),
  );
  const count = await document.send(
    new ScanCommand({
      TableName,
      Select: "COUNT",
      FilterExpression: "kind = :k",
      ExpressionAttributeValues: { ":k": "music" },
    }),
  );
  assert.deepEqual([count.Count, count.ScannedCount, count.Items], [30, 90, undefined]);
});

test("every JavaScript value comes back", async () => {
  const Item = {
    id: "values",
    text: "",
    list: [],
    map: {},
    deep: { a: [{ b: { c: [1, "x", null, true] } }] },
    none: null,
    no: false,
    bytes: new Uint8Array([0, 200]),
    strings: new Set(["b", "a"]),
    numbers: new Set([1, -2.5]),
    binaries: new Set([new Uint8Array([1])]),
    big: 12345678901234567890n,
    "a.b #c": 1,
  };
  await document.send(new PutCommand({ TableName, Item }));
  const found = (await document.send(new GetCommand({ TableName, Key: { id: "values" } }))).Item;
  assert.deepEqual({ ...found, strings: new Set([...found.strings].sort().reverse()) }, Item);
  const exact = "1.2345678901234567890123456789012345678e-100";
  const precise = DynamoDBDocumentClient.from(new DynamoDBClient(options), { unmarshallOptions: { wrapNumbers: true } });
  await precise.send(new PutCommand({ TableName, Item: { id: "exact", n: NumberValue.from(exact) } }));
  const { n } = (await precise.send(new GetCommand({ TableName, Key: { id: "exact" } }))).Item;
  assert.equal(
    n.value,
    "0.00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000012345678901234567890123456789012345678",
  );
  for (const id of ["values", "exact"]) await document.send(new DeleteCommand({ TableName, Key: { id } }));
});

test("transactions", async () => {
  const like = (id, more = {}) => ({
    Update: {
      TableName,
      Key: { id },
      UpdateExpression: "ADD likes :one",
      ExpressionAttributeValues: { ":one": 1 },
      ...more,
    },
  });
  await document.send(
    new TransactWriteCommand({
      TransactItems: [
        { Put: { TableName, Item: sound(500), ConditionExpression: "attribute_not_exists(id)" } },
        like("sound-001"),
        { Delete: { TableName, Key: { id: "sound-089" } } },
        {
          ConditionCheck: {
            TableName,
            Key: { id: "sound-002" },
            ConditionExpression: "userId = :u",
            ExpressionAttributeValues: { ":u": "user-2" },
          },
        },
      ],
    }),
  );
  await assert.rejects(
    document.send(
      new TransactWriteCommand({
        TransactItems: [
          like("sound-001"),
          like("sound-002", { ConditionExpression: "likes > :one", ReturnValuesOnConditionCheckFailure: "ALL_OLD" }),
        ],
      }),
    ),
    (error) => {
      assert.equal(error.name, "TransactionCanceledException");
      assert.equal(
        error.message,
        "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]",
      );
      assert.equal(error.CancellationReasons[1].Item.name.S ?? error.CancellationReasons[1].Item.name, "Sound 2");
      return true;
    },
  );
  const { Responses } = await document.send(
    new TransactGetCommand({
      TransactItems: ["sound-500", "sound-001", "sound-089"].map((id) => ({
        Get: { TableName, Key: { id }, ProjectionExpression: "id, likes" },
      })),
    }),
  );
  assert.deepEqual(Responses, [{ Item: { id: "sound-500" } }, { Item: { id: "sound-001", likes: 1 } }, {}]);
});

test("PartiQL through the DocumentClient", async () => {
  const name = `"${TableName}"`;
  const run = (Statement, Parameters, more = {}) =>
    document.send(new ExecuteStatementCommand({ Statement, Parameters, ...more }));
  await run(`INSERT INTO ${name} VALUE {'id': ?, 'caption': ?, 'kind': 'partiql', 'createdAt': ?, 'list': [1, 'x']}`, [
    "pq-1",
    "Ping",
    now(1),
  ]);
  await assert.rejects(run(`INSERT INTO ${name} VALUE {'id': ?}`, ["pq-1"]), {
    name: "DuplicateItemException",
    message: "Duplicate primary key exists in table",
  });
  const updated = await run(`UPDATE ${name} SET caption = ? SET plays = 3 WHERE id = ? RETURNING ALL NEW *`, [
    "Pong",
    "pq-1",
  ]);
  assert.deepEqual(updated.Items, [
    { id: "pq-1", caption: "Pong", kind: "partiql", createdAt: now(1), list: [1, "x"], plays: 3 },
  ]);
  const found = await run(
    `SELECT id, seconds FROM ${name}."soundsByKindAndCreatedAt" WHERE kind = ? AND createdAt > ? ORDER BY createdAt DESC`,
    ["music", now(80)],
  );
  assert.deepEqual(
    found.Items.map((i) => i.id),
    ["sound-087", "sound-084", "sound-081"],
  );
  const first = await run(`SELECT id FROM ${name} WHERE userId = ?`, ["user-3"], { Limit: 30 });
  assert.ok(first.NextToken && first.Items.length < 23);
  let all = first.Items;
  for (let { NextToken } = first; NextToken;) {
    const page = await run(`SELECT id FROM ${name} WHERE userId = ?`, ["user-3"], { Limit: 30, NextToken });
    all = all.concat(page.Items);
    NextToken = page.NextToken;
  }
  assert.equal(all.length, 22);
  const { Responses } = await document.send(
    new BatchExecuteStatementCommand({
      Statements: ["sound-003", "nothing", "pq-1"].map((id) => ({
        Statement: `SELECT id FROM ${name} WHERE id = ?`,
        Parameters: [id],
      })),
    }),
  );
  assert.deepEqual(
    Responses.map((r) => r.Item?.id),
    ["sound-003", undefined, "pq-1"],
  );
  assert.deepEqual(
    Responses.map((r) => r.TableName),
    [TableName, TableName, TableName],
  );
  await document.send(
    new ExecuteTransactionCommand({
      TransactStatements: [
        { Statement: `DELETE FROM ${name} WHERE id = ?`, Parameters: ["pq-1"] },
        { Statement: `UPDATE ${name} SET plays = 1 WHERE id = ? AND kind = ?`, Parameters: ["sound-003", "music"] },
      ],
    }),
  );
  assert.equal((await document.send(new GetCommand({ TableName, Key: { id: "pq-1" } }))).Item, undefined);
  assert.equal((await document.send(new GetCommand({ TableName, Key: { id: "sound-003" } }))).Item.plays, 1);
});

test("a function reads the table's stream", async () => {
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  const { Streams } = await streams.send(new ListStreamsCommand({ TableName }));
  assert.deepEqual(Streams, [{ StreamArn: Table.LatestStreamArn, StreamLabel: Table.LatestStreamLabel, TableName }]);
  await document.send(new PutCommand({ TableName, Item: { id: "streamed", v: 1 } }));
  await document.send(new PutCommand({ TableName, Item: { id: "streamed", v: 1 } })); // changes nothing: no record
  await document.send(
    new UpdateCommand({
      TableName,
      Key: { id: "streamed" },
      UpdateExpression: "SET v = :v",
      ExpressionAttributeValues: { ":v": 2 },
    }),
  );
  await document.send(new DeleteCommand({ TableName, Key: { id: "streamed" } }));
  const StreamArn = Table.LatestStreamArn;
  const mine = [];
  for (let tries = 0; tries < 200 && mine.length < 3; tries += 1) {
    mine.length = 0;
    const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
    assert.equal(StreamDescription.StreamViewType, "NEW_AND_OLD_IMAGES");
    for (const { ShardId } of StreamDescription.Shards) {
      let { ShardIterator } = await streams.send(
        new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" }),
      );
      for (let empty = 0; ShardIterator && empty < 3;) {
        const page = await streams.send(new GetRecordsCommand({ ShardIterator, Limit: 50 }));
        mine.push(...page.Records.filter((r) => r.dynamodb.Keys.id.S === "streamed"));
        empty = page.Records.length === 0 ? empty + 1 : 0;
        ShardIterator = page.NextShardIterator;
      }
    }
  }
  assert.deepEqual(
    mine.map((r) => r.eventName),
    ["INSERT", "MODIFY", "REMOVE"],
  );
  assert.deepEqual(
    mine.map((r) => [r.dynamodb.OldImage?.v?.N, r.dynamodb.NewImage?.v?.N]),
    [
      [undefined, "1"],
      ["1", "2"],
      ["2", undefined],
    ],
  );
  for (const record of mine) {
    assert.equal(record.eventSource, "aws:dynamodb");
    assert.equal(record.eventVersion, "1.1");
    assert.match(record.dynamodb.SequenceNumber, /^\d{21,40}$/);
    assert.equal(record.dynamodb.StreamViewType, "NEW_AND_OLD_IMAGES");
    assert.equal(record.userIdentity, undefined);
    assert.ok(record.dynamodb.SizeBytes > 0 && record.dynamodb.ApproximateCreationDateTime instanceof Date);
  }
  assert.equal(new Set(mine.map((r) => r.eventID)).size, 3);
  assert.ok(BigInt(mine[0].dynamodb.SequenceNumber) < BigInt(mine[1].dynamodb.SequenceNumber));
});

test("deletion protection holds until it is taken off", async () => {
  await assert.rejects(client.send(new DeleteTableCommand({ TableName })), {
    name: "ValidationException",
    message:
      /^Resource cannot be deleted as it is currently protected against deletion\. Disable deletion protection first\.$/,
  });
  const { TableDescription } = await client.send(
    new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }),
  );
  assert.equal(TableDescription.TableName, TableName);
  await waitForTable(TableName);
  const deleted = await client.send(new DeleteTableCommand({ TableName }));
  assert.equal(deleted.TableDescription.TableStatus, "DELETING");
});
