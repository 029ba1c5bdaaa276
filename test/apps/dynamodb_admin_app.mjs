// dynamodb-admin: its web server on loopback, asked for the pages and calls a person's clicks make.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { DescribeTableCommand, GetItemCommand, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { client, endpoint, waitForTable } from "./application.mjs";

const program = createRequire(import.meta.url)
  .resolve("dynamodb-admin")
  .replace(/backend\.js$/, "dynamodb-admin.js");
let admin, origin;

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  return port;
}

before(async () => {
  const port = await freePort();
  origin = `http://127.0.0.1:${port}`;
  admin = spawn(
    process.execPath,
    [
      program,
      "--host",
      "127.0.0.1",
      "--port",
      String(port),
      "--dynamo-endpoint",
      endpoint,
      "--skip-default-credentials",
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  await new Promise((resolve, reject) => {
    admin.on("exit", (code) => reject(new Error(`dynamodb-admin ended with ${code}`)));
    admin.stdout.on("data", (text) => {
      if (String(text).includes("listening on")) resolve();
    });
  });
});

after(() => admin.kill());

async function ask(method, path, body, status = 200) {
  const answer = await fetch(origin + path, {
    method,
    redirect: "manual",
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  const text = await answer.text();
  assert.equal(answer.status, status, `${method} ${path}: ${text}`);
  return text;
}

const json = async (...values) => JSON.parse(await ask(...values));

const definition = {
  TableDefinition: {
    TableName: "Sound",
    HashAttributeName: "id",
    HashAttributeType: "S",
    RangeAttributeName: "take",
    RangeAttributeType: "N",
    ReadCapacityUnits: 3,
    WriteCapacityUnits: 3,
  },
  SecondaryIndexes: [
    {
      IndexName: "byKind",
      IndexType: "global",
      HashAttributeName: "kind",
      HashAttributeType: "S",
      RangeAttributeName: "take",
      RangeAttributeType: "N",
      ReadCapacityUnits: 1,
      WriteCapacityUnits: 1,
    },
    {
      IndexName: "byLength",
      IndexType: "local",
      HashAttributeName: "id",
      HashAttributeType: "S",
      RangeAttributeName: "length",
      RangeAttributeType: "N",
    },
  ],
};

test("an empty list of tables", async () => {
  assert.match(await ask("GET", "/"), /<html/i);
  assert.deepEqual(await json("GET", "/api/tables"), []);
});

test("create tables", async () => {
  assert.match(await ask("GET", "/create-table"), /Create/);
  await ask("POST", "/create-table", definition, 204);
  await ask(
    "POST",
    "/create-table",
    {
      TableDefinition: {
        TableName: "Simple",
        HashAttributeName: "key",
        HashAttributeType: "N",
        ReadCapacityUnits: 1,
        WriteCapacityUnits: 1,
      },
    },
    204,
  );
  await waitForTable("Sound");
  await waitForTable("Simple");
  const tables = await json("GET", "/api/tables");
  assert.deepEqual(
    tables.map((t) => t.TableName),
    ["Simple", "Sound"],
  );
  const page = await ask("GET", "/");
  assert.ok(page.includes("Sound") && page.includes("Simple"));
  const { Table } = await client.send(new DescribeTableCommand({ TableName: "Sound" }));
  assert.deepEqual(
    Table.GlobalSecondaryIndexes.map((i) => i.IndexName),
    ["byKind"],
  );
  assert.deepEqual(
    Table.LocalSecondaryIndexes.map((i) => i.IndexName),
    ["byLength"],
  );
});

test("a table that is there already is refused with the service's words", async () => {
  const { message } = await json("POST", "/create-table", definition, 500);
  assert.equal(message, "Table already exists: Sound");
});

test("add items and look at them", async () => {
  assert.match(await ask("GET", "/tables/Sound/add-item"), /take/);
  for (let take = 0; take < 60; take += 1) {
    const item = {
      id: take < 50 ? "bell" : "phone",
      take,
      kind: take % 2 ? "odd" : "even",
      length: 100 - take,
      tags: ["a", { b: null }],
      on: true,
    };
    assert.deepEqual(await json("PUT", "/tables/Sound/add-item", item), { id: item.id, take });
  }
  assert.ok((await ask("GET", "/tables/Sound/items/bell%2C7")).includes("odd"));
  assert.equal(await ask("GET", "/tables/Sound/items/bell%2C77", undefined, 404), "Not found");
  await ask("GET", "/tables/Sound/get?hash=bell&range=7", undefined, 302);
  const { Item } = await client.send(
    new GetItemCommand({ TableName: "Sound", Key: { id: { S: "bell" }, take: { N: "7" } } }),
  );
  assert.deepEqual(Item.tags, { L: [{ S: "a" }, { M: { b: { NULL: true } } }] });
});

test("change an item", async () => {
  const changed = await json("PUT", "/tables/Sound/items/bell%2C7", { id: "bell", take: 7, kind: "odd", comment: "" });
  assert.deepEqual(changed, { id: "bell", take: 7, kind: "odd", comment: "" });
});

test("scan page by page", async () => {
  assert.match(await ask("GET", "/tables/Sound"), /Sound/);
  const seen = [];
  let startKey = "";
  do {
    const page = await json("GET", `/tables/Sound/items?pageSize=25&startKey=${startKey}`);
    assert.equal(page.uniqueKeys[0], "id");
    seen.push(...page.Items.map((i) => `${i.id}${i.take}`));
    startKey = page.nextKey;
  } while (startKey);
  assert.equal(seen.length, 60);
  assert.equal(new Set(seen).size, 60);
});

const items = (parameters) =>
  json(
    "GET",
    `/tables/Sound/items?${new URLSearchParams(
      Object.entries(parameters).map(([k, v]) => [k, typeof v === "string" ? v : JSON.stringify(v)]),
    )}`,
  ).then((page) => page.Items);

test("query the table and an index, with filters", async () => {
  const query = { operationType: "query", pageSize: "100" };
  const range = await items({
    ...query,
    queryableSelection: "table",
    filters: {
      id: { type: "S", operator: "=", value: "bell" },
      take: { type: "N", operator: ">=", value: "45" },
    },
  });
  assert.deepEqual(
    range.map((i) => i.take),
    [45, 46, 47, 48, 49],
  );
  const index = await items({
    ...query,
    queryableSelection: "byKind",
    filters: {
      kind: { type: "S", operator: "=", value: "even" },
      length: { type: "N", operator: "<", value: "48" },
    },
  });
  assert.deepEqual(
    index.map((i) => i.take),
    [54, 56, 58],
  );
  const begins = await items({
    operationType: "scan",
    pageSize: "100",
    filters: { id: { type: "S", operator: "begins_with", value: "ph" } },
  });
  assert.equal(begins.length, 10);
  const not = await items({
    operationType: "scan",
    pageSize: "100",
    filters: { id: { type: "S", operator: "<>", value: "bell" }, take: { type: "N", operator: "=", value: "51" } },
  });
  assert.deepEqual(
    not.map((i) => i.take),
    [51],
  );
});

test("the meta page counts, the time-to-live page tells", async () => {
  assert.match(await ask("GET", "/tables/Sound/meta"), /"?ItemCount"?/);
  assert.match(await ask("GET", "/tables/Simple/ttl"), /DISABLED/);
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: "Simple",
      TimeToLiveSpecification: { AttributeName: "until", Enabled: true },
    }),
  );
  const page = await ask("GET", "/tables/Simple/ttl");
  assert.match(page, /ENABL(ED|ING)/);
  assert.ok(page.includes("until"));
});

test("delete an item, purge a table", async () => {
  await ask("DELETE", "/tables/Sound/items/bell%2C7", undefined, 204);
  await ask("GET", "/tables/Sound/items/bell%2C7", undefined, 404);
  await ask("DELETE", "/tables/Sound/all");
  assert.deepEqual(await items({ operationType: "scan" }), []);
});

test("numbers as keys, and a key of the wrong type", async () => {
  assert.deepEqual(await json("PUT", "/tables/Simple/add-item", { key: 1.5, v: "x" }), { key: 1.5 });
  const { message } = await json("PUT", "/tables/Simple/add-item", { key: "text" }, 500);
  assert.equal(message, "One or more parameter values were invalid: Type mismatch for key key expected: N actual: S");
});

test("purge every table, delete one, delete all", async () => {
  assert.equal(await ask("DELETE", "/tables-purge"), "Tables purged");
  assert.equal((await json("GET", "/tables/Simple/items")).Items.length, 0);
  await ask("DELETE", "/tables/Simple", undefined, 204);
  assert.equal(await ask("DELETE", "/tables"), "Tables deleted");
  assert.deepEqual(await json("GET", "/api/tables"), []);
});

test("a table that is not there", async () => {
  const { message } = await json("GET", "/tables/Nothing", undefined, 500);
  assert.equal(message, "Requested resource not found: Table: Nothing not found");
});
