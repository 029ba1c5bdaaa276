// connect-dynamodb: the session store of an express application that is asked over HTTP, and the store by itself.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DescribeTableCommand, GetItemCommand, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import connectDynamodb from "connect-dynamodb";
import express from "express";
import session from "express-session";
import { client, ownName, waitForTable } from "./application.mjs";

const DynamoDBStore = connectDynamodb({ session });
const table = ownName("sessions");
let store, listener, origin;

/** The store calls back; this makes a promise of it. */
const call = (method, ...values) =>
  new Promise((resolve, reject) => {
    store[method](...values, (error, answer) => (error ? reject(error) : resolve(answer)));
  });

before(async () => {
  store = new DynamoDBStore({
    table,
    client,
    readCapacityUnits: 3,
    writeCapacityUnits: 4,
    specialKeys: [{ name: "userId", type: "S" }],
    skipThrowMissingSpecialKeys: true,
  });
  await store.initialize();
  await waitForTable(table);
  const app = express();
  app.use(express.json());
  app.use(
    session({
      store,
      secret: "keyboard cat",
      resave: false,
      saveUninitialized: false,
      rolling: true,
      cookie: { maxAge: 3600000 },
    }),
  );
  app.get("/", (request, response) => {
    request.session.views = (request.session.views ?? 0) + 1;
    response.json({ views: request.session.views, user: request.session.userId ?? null });
  });
  app.get("/look", (request, response) => response.json({ views: request.session.views ?? null }));
  app.post("/login", (request, response, next) =>
    request.session.regenerate((error) => {
      if (error) return next(error);
      request.session.userId = request.body.user;
      request.session.cart = request.body.cart;
      return request.session.save((failed) =>
        failed ? next(failed) : response.json({ user: request.session.userId }),
      );
    }),
  );
  app.get("/cart", (request, response) => response.json(request.session.cart ?? null));
  app.post("/logout", (request, response, next) =>
    request.session.destroy((error) => (error ? next(error) : response.json({}))),
  );
  await new Promise((resolve) => {
    listener = app.listen(0, "127.0.0.1", resolve);
  });
  origin = `http://127.0.0.1:${listener.address().port}`;
});

after(() => {
  store.clearInterval();
  listener.closeAllConnections();
  listener.close();
});

/** A browser with one cookie jar. */
function browser() {
  let cookie;
  return async (path, body) => {
    const answer = await fetch(origin + path, {
      method: body === undefined ? "GET" : "POST",
      body: body && JSON.stringify(body),
      headers: { "content-type": "application/json", ...(cookie ? { cookie } : {}) },
    });
    const set = answer.headers.get("set-cookie");
    if (set) cookie = set.split(";")[0];
    assert.equal(answer.status, 200, await answer.clone().text());
    return {
      body: await answer.json(),
      id: cookie && decodeURIComponent(cookie).match(/^connect\.sid=s:([^.]+)\./)?.[1],
    };
  };
}

const stored = (id) =>
  client
    .send(new GetItemCommand({ TableName: table, Key: { id: { S: `sess:${id}` } }, ConsistentRead: true }))
    .then(({ Item }) => Item);

test("the store makes its table", async () => {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
  assert.deepEqual(Table.KeySchema, [{ AttributeName: "id", KeyType: "HASH" }]);
  assert.deepEqual(
    [Table.ProvisionedThroughput.ReadCapacityUnits, Table.ProvisionedThroughput.WriteCapacityUnits],
    [3, 4],
  );
  const second = new DynamoDBStore({ table, client });
  await second.initialize();
  assert.equal(second.initialized, true);
});

test("requests with the same cookie share a session", async () => {
  const alice = browser();
  const bob = browser();
  assert.equal((await alice("/")).body.views, 1);
  assert.equal((await alice("/")).body.views, 2);
  assert.equal((await bob("/")).body.views, 1);
  const { body, id } = await alice("/");
  assert.equal(body.views, 3);
  const item = await stored(id);
  assert.equal(item.type.S, "connect-session");
  assert.equal(JSON.parse(item.sess.S).views, 3);
  const left = Number(item.expires.N) - Date.now() / 1000;
  assert.ok(left > 3500 && left <= 3601, `expires in ${left} s`);
});

test("login gives a new session, logout removes it", async () => {
  const alice = browser();
  const anonymous = (await alice("/")).id;
  const cart = [
    { product: "été ☀", count: 2 },
    { product: "", count: 0.5 },
  ];
  const { id } = await alice("/login", { user: "alice", cart });
  assert.notEqual(id, anonymous);
  assert.equal(await stored(anonymous), undefined);
  const item = await stored(id);
  assert.equal(item.userId.S, "alice");
  assert.deepEqual((await alice("/cart")).body, cart);
  await alice("/logout", {});
  assert.equal(await stored(id), undefined);
  assert.equal((await alice("/cart")).body, null);
});

test("a request that changes nothing touches the session", async () => {
  const alice = browser();
  const { id } = await alice("/");
  const was = await stored(id);
  await new Promise((resolve) => {
    setTimeout(resolve, 20);
  });
  assert.equal((await alice("/look")).body.views, 1);
  const now = await stored(id);
  assert.ok(Number(now.expires.N) > Number(was.expires.N) - 1); // the library cuts its clock to seconds
  assert.equal(JSON.parse(now.sess.S).views, 1);
});

test("the store by itself: set, get, touch, destroy", async () => {
  const sess = { cookie: { maxAge: 2000.5 }, name: "Ada", userId: "u1" };
  await call("set", "own", sess);
  assert.deepEqual(await call("get", "own"), sess);
  const { expires } = await call("touch", "own", { cookie: { maxAge: 7200 * 1000 } });
  assert.ok(Number(expires) > Date.now() / 1000 + 7000);
  assert.deepEqual(await call("get", "own"), sess);
  await call("destroy", "own");
  assert.equal(await call("get", "own"), null);
  await call("destroy", "own");
});

test("an expired session is not returned", async () => {
  await call("set", "old", { cookie: { maxAge: -10000 }, name: "late" });
  assert.equal(await call("get", "old"), null);
  assert.equal((await stored("old")).type.S, "connect-session");
});

test("reap removes what has expired and nothing else", async () => {
  for (let i = 0; i < 30; i += 1) {
    await call("set", `reaped${i}`, { cookie: { maxAge: -5000 }, i });
    await call("set", `kept${i}`, { cookie: { maxAge: 60000 }, i });
  }
  await call("reap");
  for (let i = 0; i < 30; i += 1) {
    assert.equal(await stored(`reaped${i}`), undefined);
    assert.equal((await call("get", `kept${i}`)).i, i);
  }
});

test("time to live on expires, as the README advises", async () => {
  const answer = await client.send(
    new UpdateTimeToLiveCommand({
      TableName: table,
      TimeToLiveSpecification: { AttributeName: "expires", Enabled: true },
    }),
  );
  assert.deepEqual(answer.TimeToLiveSpecification, { AttributeName: "expires", Enabled: true });
});
