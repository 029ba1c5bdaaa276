// One stream from beginning to end with the AWS SDK for JavaScript v3: node streams.mjs ENDPOINT.
// Prints {"events": [...], "last": "none"} when the closed shard has been drained.
import { CreateTableCommand, DeleteItemCommand, DynamoDBClient, PutItemCommand, UpdateTableCommand,
         waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import { DescribeStreamCommand, DynamoDBStreamsClient, GetRecordsCommand, GetShardIteratorCommand,
         ListStreamsCommand } from "@aws-sdk/client-dynamodb-streams";

const endpoint = process.argv[2];
const db = new DynamoDBClient({ endpoint });
const streams = new DynamoDBStreamsClient({ endpoint });
const TableName = `javascript-${Date.now().toString(36)}`;

await db.send(new CreateTableCommand({
  TableName,
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
  KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
  StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
}));
await waitUntilTableExists({ client: db, maxWaitTime: 30 }, { TableName });
await db.send(new PutItemCommand({ TableName, Item: { pk: { S: "a" } } }));
await db.send(new PutItemCommand({ TableName, Item: { pk: { S: "a" }, v: { N: "1" } } }));
await db.send(new DeleteItemCommand({ TableName, Key: { pk: { S: "a" } } }));

const { Streams: [{ StreamArn }] } = await streams.send(new ListStreamsCommand({ TableName }));
await db.send(new UpdateTableCommand({ TableName, StreamSpecification: { StreamEnabled: false } }));
const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
if (!(StreamDescription.CreationRequestDateTime instanceof Date)) throw new Error("no creation time");
const [{ ShardId }] = StreamDescription.Shards;
let { ShardIterator } = await streams.send(
  new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" }));
const events = [];
while (ShardIterator) {
  const page = await streams.send(new GetRecordsCommand({ ShardIterator }));
  events.push(...page.Records.map((record) => record.eventName));
  ShardIterator = page.NextShardIterator;
}
console.log(JSON.stringify({ events, last: ShardIterator ?? "none" }));
