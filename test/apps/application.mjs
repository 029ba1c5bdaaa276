// What each application of this folder is given: where the tables are, names of its own, and tables that go again.
import { after } from "node:test";
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";

export const endpoint = process.env.REPRISE_ENDPOINT;
if (!endpoint) throw new Error("REPRISE_ENDPOINT names the endpoint");

/** Options of every AWS client. One attempt: a refusal that a second try would hide is one to be seen. */
export const options = { endpoint, region: process.env.AWS_REGION, maxAttempts: 1 };

export const client = new DynamoDBClient(options);

const made = new Set();
let numbers = 0;

/** A table name that no other run has; the table of that name is deleted at the end, should there be one. */
export function ownName(prefix) {
  const name = `${prefix}-${Date.now().toString(36)}-${process.pid}-${++numbers}`;
  made.add(name);
  return name;
}

const waiter = { client, minDelay: 1, maxDelay: 5, maxWaitTime: 300 };

export async function waitForTable(name) {
  await waitUntilTableExists(waiter, { TableName: name });
}

export async function waitUntilGone(name) {
  await waitUntilTableNotExists(waiter, { TableName: name });
}

/** Key schema and attribute definitions: keys({ pk: "S", sk: "S" }) of a table, the same for each index. */
export function keys(attributes) {
  return Object.keys(attributes).map((AttributeName, i) => ({ AttributeName, KeyType: i === 0 ? "HASH" : "RANGE" }));
}

/** Creates a table with `indexes` {name: {attribute: type}} that project everything, waits for it; its name. */
export async function createTable(prefix, attributes, indexes = {}, more = {}) {
  const TableName = ownName(prefix);
  const definitions = Object.assign({}, attributes, ...Object.values(indexes));
  await client.send(
    new CreateTableCommand({
      TableName,
      KeySchema: keys(attributes),
      AttributeDefinitions: Object.entries(definitions).map(([AttributeName, AttributeType]) => ({
        AttributeName,
        AttributeType,
      })),
      GlobalSecondaryIndexes:
        Object.entries(indexes).length === 0
          ? undefined
          : Object.entries(indexes).map(([IndexName, own]) => ({
              IndexName,
              KeySchema: keys(own),
              Projection: { ProjectionType: "ALL" },
            })),
      BillingMode: "PAY_PER_REQUEST",
      ...more,
    }),
  );
  await waitForTable(TableName);
  return TableName;
}

after(async () => {
  for (const TableName of made) {
    try {
      await client.send(new DeleteTableCommand({ TableName }));
    } catch (error) {
      if (error.name !== "ResourceNotFoundException") throw error;
    }
  }
});
