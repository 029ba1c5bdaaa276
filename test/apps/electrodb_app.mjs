// ElectroDB: several entities in one table, collections across them, and every kind of read and write it builds.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { createConversions, Entity, Service } from "electrodb";
import { client, createTable } from "./application.mjs";

let table;
let employees, tasks, offices, app;

before(async () => {
  table = await createTable(
    "electro",
    { pk: "S", sk: "S" },
    { "gsi1pk-gsi1sk-index": { gsi1pk: "S", gsi1sk: "S" }, "gsi2pk-gsi2sk-index": { gsi2pk: "S", gsi2sk: "S" } },
  );
  const configuration = { client, table };
  employees = new Entity(
    {
      model: { entity: "employee", version: "1", service: "workforce" },
      attributes: {
        employee: { type: "string", default: () => "generated" },
        office: { type: "string", required: true },
        title: { type: "string" },
        team: { type: ["development", "marketing", "finance"] },
        salary: { type: "number" },
        manager: { type: "boolean" },
        hired: { type: "string" },
        skills: { type: "set", items: "string" },
        notes: { type: "list", items: { type: "string" } },
        address: { type: "map", properties: { city: { type: "string" }, zip: { type: "string" } } },
        createdAt: { type: "number", default: () => 1700000000000, readOnly: true },
        updatedAt: { type: "number", watch: "*", set: () => 1700000001000, readOnly: true },
      },
      indexes: {
        employee: { pk: { field: "pk", composite: ["employee"] }, sk: { field: "sk", composite: [] } },
        coworkers: {
          index: "gsi1pk-gsi1sk-index",
          collection: "workplaces",
          pk: { field: "gsi1pk", composite: ["office"] },
          sk: { field: "gsi1sk", composite: ["team", "title", "employee"] },
        },
        teams: {
          index: "gsi2pk-gsi2sk-index",
          pk: { field: "gsi2pk", composite: ["team"] },
          sk: { field: "gsi2sk", composite: ["hired", "title"] },
        },
      },
    },
    configuration,
  );
  tasks = new Entity(
    {
      model: { entity: "task", version: "1", service: "workforce" },
      attributes: {
        task: { type: "string", required: true },
        project: { type: "string", required: true },
        employee: { type: "string", required: true },
        status: { type: ["open", "in-progress", "closed"], default: "open" },
        points: { type: "number" },
        comments: {
          type: "list",
          items: { type: "map", properties: { user: { type: "string" }, body: { type: "string" } } },
        },
      },
      indexes: {
        task: { pk: { field: "pk", composite: ["task"] }, sk: { field: "sk", composite: ["project"] } },
        assigned: {
          index: "gsi1pk-gsi1sk-index",
          collection: "assignments",
          pk: { field: "gsi1pk", composite: ["employee"] },
          sk: { field: "gsi1sk", composite: ["project", "status", "task"] },
        },
      },
    },
    configuration,
  );
  offices = new Entity(
    {
      model: { entity: "office", version: "1", service: "workforce" },
      attributes: {
        office: { type: "string", required: true },
        country: { type: "string" },
        city: { type: "string" },
        desks: { type: "number" },
      },
      indexes: {
        locations: { pk: { field: "pk", composite: ["country"] }, sk: { field: "sk", composite: ["city", "office"] } },
        office: {
          index: "gsi1pk-gsi1sk-index",
          collection: "workplaces",
          pk: { field: "gsi1pk", composite: ["office"] },
          sk: { field: "gsi1sk", composite: [] },
        },
      },
    },
    configuration,
  );
  app = new Service({ employees, tasks, offices }, configuration);
});

test("create, get, and create refuses what is there", async () => {
  const created = await employees
    .create({
      employee: "ada",
      office: "london",
      title: "engineer",
      team: "development",
      salary: 100,
      hired: "2020-01-01",
      skills: ["math", "poetry"],
      notes: ["first"],
      address: { city: "London", zip: "W1" },
    })
    .go();
  assert.equal(created.data.createdAt, 1700000000000);
  const { data } = await employees.get({ employee: "ada" }).go();
  assert.deepEqual(data, { ...created.data, skills: data.skills });
  assert.deepEqual([...data.skills].sort(), ["math", "poetry"]);
  await assert.rejects(
    employees.create({ employee: "ada", office: "paris", team: "finance", title: "spy", hired: "2020-02-02" }).go(),
    (error) =>
      error.cause?.name === "ConditionalCheckFailedException" && /The conditional request failed/.test(error.message),
  );
  assert.equal((await employees.get({ employee: "ada" }).go()).data.office, "london");
  assert.equal((await employees.get({ employee: "nobody" }).go()).data, null);
  const some = await employees.get({ employee: "ada" }).go({ attributes: ["title", "salary"], consistent: true });
  assert.deepEqual(some.data, { title: "engineer", salary: 100 });
});

test("patch composes set, add, append, delete, remove and data", async () => {
  const composites = { office: "london", team: "development", title: "engineer", hired: "2020-01-01" };
  const patched = await employees
    .patch({ employee: "ada" })
    .set({ salary: 120 })
    .append({ notes: ["second"] })
    .add({ skills: ["chess"] })
    .remove(["manager"])
    .composite(composites)
    .data(({ address, salary }, { set, add }) => {
      set(address.city, "Bath");
    })
    .where(({ salary }, { eq }) => eq(salary, 100))
    .go({ response: "all_new" });
  assert.equal(patched.data.salary, 120);
  assert.deepEqual(patched.data.notes, ["first", "second"]);
  assert.deepEqual([...patched.data.skills].sort(), ["chess", "math", "poetry"]);
  const fewer = await employees
    .patch({ employee: "ada" })
    .delete({ skills: ["math", "singing"] })
    .go({ response: "all_new" });
  assert.deepEqual([...fewer.data.skills].sort(), ["chess", "poetry"]);
  assert.deepEqual(patched.data.address, { city: "Bath", zip: "W1" });
  const numbers = await employees.update({ employee: "ada" }).add({ salary: 5 }).go({ response: "updated_old" });
  assert.equal(numbers.data.salary, 120);
  const less = await employees.update({ employee: "ada" }).subtract({ salary: 25 }).go({ response: "updated_new" });
  assert.equal(less.data.salary, 100);
  await assert.rejects(
    employees.patch({ employee: "nobody" }).set({ salary: 1 }).go(),
    (error) => error.cause?.name === "ConditionalCheckFailedException",
  );
  assert.equal((await employees.get({ employee: "nobody" }).go()).data, null);
});

test("update moves an item to its new place in the indexes", async () => {
  await employees
    .put({ employee: "bob", office: "london", title: "analyst", team: "finance", hired: "2021-05-01" })
    .go();
  await employees
    .update({ employee: "bob" })
    .set({ office: "paris", team: "marketing", title: "lead", hired: "2021-05-01" })
    .go();
  assert.deepEqual(
    (await employees.query.coworkers({ office: "paris" }).go()).data.map((e) => e.employee),
    ["bob"],
  );
  assert.deepEqual((await employees.query.teams({ team: "finance" }).go()).data, []);
  assert.deepEqual(
    (await employees.query.teams({ team: "marketing", hired: "2021-05-01" }).go()).data.map((e) => e.title),
    ["lead"],
  );
});

test("upsert creates, then changes", async () => {
  const first = await employees
    .upsert({ employee: "eve", office: "oslo", team: "finance", title: "cfo", hired: "2019-01-01" })
    .add({ salary: 10 })
    .go({ response: "all_new" });
  assert.equal(first.data.salary, 10);
  const second = await employees
    .upsert({ employee: "eve", office: "oslo", team: "finance", title: "cfo", hired: "2019-01-01" })
    .add({ salary: 10 })
    .ifNotExists({ manager: true })
    .go({ response: "all_new" });
  assert.equal(second.data.salary, 20);
  assert.equal(second.data.manager, true);
});

test("queries by sort key, with filters", async () => {
  await tasks
    .put(
      Array.from({ length: 12 }, (_, i) => ({
        task: `t${String(i).padStart(2, "0")}`,
        project: i < 6 ? "alpha" : "beta",
        employee: "ada",
        status: ["open", "in-progress", "closed"][i % 3],
        points: i,
      })),
    )
    .go();
  const of = (query, how) => query.go(how).then(({ data }) => data.map((t) => t.task));
  assert.equal((await of(tasks.query.assigned({ employee: "ada" }))).length, 12);
  assert.deepEqual(await of(tasks.query.assigned({ employee: "ada", project: "alpha", status: "open" })), [
    "t00",
    "t03",
  ]);
  assert.deepEqual(await of(tasks.query.assigned({ employee: "ada" }).begins({ project: "be" })), [
    "t08",
    "t11",
    "t07",
    "t10",
    "t06",
    "t09",
  ]);
  assert.deepEqual(
    await of(
      tasks.query
        .assigned({ employee: "ada", project: "alpha" })
        .between({ status: "closed" }, { status: "in-progress", task: "t01" }),
    ),
    ["t02", "t05", "t01"],
  );
  assert.equal(
    (await of(tasks.query.assigned({ employee: "ada" }).gt({ project: "alpha" }), { compare: "attributes" })).length,
    6,
  );
  assert.equal((await of(tasks.query.assigned({ employee: "ada" }).lt({ project: "beta" }))).length, 6);
  assert.deepEqual(
    await of(
      tasks.query
        .assigned({ employee: "ada" })
        .where(
          ({ points, status }, { between, eq, notExists, contains }) =>
            `${between(points, 3, 9)} AND (${eq(status, "open")} OR ${eq(status, "closed")})`,
        ),
    ),
    ["t05", "t03", "t08", "t06", "t09"],
  );
  assert.deepEqual(
    await tasks.query
      .assigned({ employee: "ada", project: "alpha" })
      .go({ order: "desc", limit: 2 })
      .then(({ data }) => data.map((t) => t.task)),
    ["t03", "t00"],
  );
});

test("pages with cursors, to the end and by count", async () => {
  const seen = [];
  let cursor = null;
  let pages = 0;
  do {
    const page = await tasks.query.assigned({ employee: "ada" }).go({ cursor, limit: 5 });
    assert.ok(page.data.length <= 5);
    seen.push(...page.data.map((t) => t.task));
    cursor = page.cursor;
    pages += 1;
  } while (cursor !== null);
  assert.equal(pages, 3);
  assert.equal(new Set(seen).size, 12);
  const all = await tasks.query.assigned({ employee: "ada" }).go({ pages: "all", limit: 4 });
  assert.deepEqual(
    all.data.map((t) => t.task),
    seen,
  );
  const counted = await tasks.query.assigned({ employee: "ada" }).go({ count: 7 });
  assert.equal(counted.data.length, 7);
  const rest = await tasks.query.assigned({ employee: "ada" }).go({ cursor: counted.cursor, pages: "all" });
  assert.deepEqual(
    rest.data.map((t) => t.task),
    seen.slice(7),
  );
});

test("collections return each entity by itself", async () => {
  await offices
    .put([
      { office: "london", country: "uk", city: "london", desks: 20 },
      { office: "oslo", country: "no", city: "oslo", desks: 5 },
    ])
    .go();
  const { data } = await app.collections.workplaces({ office: "london" }).go();
  assert.deepEqual(
    data.offices.map((o) => o.desks),
    [20],
  );
  assert.deepEqual(
    data.employees.map((e) => e.employee),
    ["ada"],
  );
  const filtered = await app.collections
    .workplaces({ office: "london" })
    .where(({ desks }, { gt }) => gt(desks, 100))
    .go();
  assert.deepEqual(filtered.data, { employees: [], offices: [] });
  const assigned = await app.collections.assignments({ employee: "ada" }).go();
  assert.equal(assigned.data.tasks.length, 12);
});

test("batch get and batch delete beyond one request", async () => {
  const many = Array.from({ length: 130 }, (_, i) => ({
    task: `many${i}`,
    project: "bulk",
    employee: "bulk",
    points: i,
  }));
  assert.deepEqual((await tasks.put(many).go({ concurrency: 2 })).unprocessed, []);
  const keys = many.map(({ task, project }) => ({ task, project }));
  const got = await tasks.get([...keys, { task: "absent", project: "bulk" }]).go({ concurrent: 2 });
  assert.equal(got.data.length, 130);
  assert.deepEqual(got.unprocessed, []);
  const ordered = await tasks.get(keys.slice(0, 3)).go({ preserveBatchOrder: true });
  assert.deepEqual(
    ordered.data.map((t) => t.points),
    [0, 1, 2],
  );
  assert.deepEqual((await tasks.delete(keys).go()).unprocessed, []);
  assert.equal((await tasks.query.assigned({ employee: "bulk" }).go()).data.length, 0);
});

test("scan, match and find", async () => {
  const scanned = await tasks.scan.where(({ points }, { gte }) => gte(points, 10)).go({ pages: "all" });
  assert.deepEqual(scanned.data.map((t) => t.task).sort(), ["t10", "t11"]);
  assert.equal((await employees.scan.go({ pages: "all" })).data.length, 3);
  const matched = await tasks.match({ employee: "ada", project: "beta", points: 7 }).go();
  assert.deepEqual(
    matched.data.map((t) => t.task),
    ["t07"],
  );
  const found = await offices.find({ country: "no", city: "oslo" }).go();
  assert.deepEqual(
    found.data.map((o) => o.office),
    ["oslo"],
  );
});

test("delete answers the old item, remove asks that it exists", async () => {
  const { data } = await tasks.delete({ task: "t11", project: "beta" }).go({ response: "all_old" });
  assert.equal(data.points, 11);
  assert.equal((await tasks.delete({ task: "t11", project: "beta" }).go({ response: "all_old" })).data, null);
  await assert.rejects(
    tasks.remove({ task: "t11", project: "beta" }).go(),
    (error) => error.cause?.name === "ConditionalCheckFailedException",
  );
  await assert.rejects(
    tasks
      .delete({ task: "t10", project: "beta" })
      .where(({ status }, { eq }) => eq(status, "open"))
      .where(({ points }, { gt }) => gt(points, 50))
      .go(),
    (error) => error.cause?.name === "ConditionalCheckFailedException",
  );
});

test("transaction writes all or nothing", async () => {
  const done = await app.transaction
    .write(({ employees, tasks, offices }) => [
      employees
        .create({ employee: "mia", office: "oslo", team: "finance", title: "auditor", hired: "2022-01-01" })
        .commit(),
      tasks.create({ task: "audit", project: "books", employee: "mia", points: 8 }).commit(),
      offices
        .patch({ country: "no", city: "oslo", office: "oslo" })
        .subtract({ desks: 1 })
        .where(({ desks }, { gt }) => gt(desks, 0))
        .commit(),
      tasks.delete({ task: "t10", project: "beta" }).commit(),
      employees
        .check({ employee: "ada" })
        .where(({ salary }, { gt }) => gt(salary, 0))
        .commit(),
    ])
    .go();
  assert.equal(done.canceled, false);
  assert.deepEqual(
    done.data.map((d) => d.rejected),
    [false, false, false, false, false],
  );
  assert.equal((await offices.get({ country: "no", city: "oslo", office: "oslo" }).go()).data.desks, 4);
  assert.equal((await tasks.get({ task: "t10", project: "beta" }).go()).data, null);
});

test("transaction canceled: reasons in order, with the item asked for", async () => {
  const canceled = await app.transaction
    .write(({ employees, tasks }) => [
      tasks.create({ task: "second", project: "books", employee: "mia" }).commit(),
      employees
        .create({ employee: "mia", office: "rome", team: "finance", title: "spy", hired: "2022-02-02" })
        .commit({ response: "all_old" }),
      tasks.patch({ task: "nowhere", project: "books" }).set({ points: 1 }).commit(),
    ])
    .go();
  assert.equal(canceled.canceled, true);
  assert.deepEqual(
    canceled.data.map((d) => [d.rejected, d.code]),
    [
      [false, "None"],
      [true, "ConditionalCheckFailed"],
      [true, "ConditionalCheckFailed"],
    ],
  );
  assert.equal(canceled.data[1].message, "The conditional request failed");
  assert.equal(canceled.data[1].item.office, "oslo");
  assert.equal(canceled.data[2].item, null);
  assert.equal((await tasks.get({ task: "second", project: "books" }).go()).data, null);
});

test("transaction token: a repetition changes nothing", async () => {
  const token = `token-${Date.now()}`;
  const again = () =>
    app.transaction
      .write(({ offices }) => [
        offices.update({ country: "no", city: "oslo", office: "oslo" }).add({ desks: 100 }).commit(),
      ])
      .go({ token });
  await again();
  await again();
  assert.equal((await offices.get({ country: "no", city: "oslo", office: "oslo" }).go()).data.desks, 104);
  await assert.rejects(
    app.transaction
      .write(({ offices }) => [
        offices.update({ country: "no", city: "oslo", office: "oslo" }).add({ desks: 1 }).commit(),
      ])
      .go({ token }),
    (error) => (error.cause ?? error).name === "IdempotentParameterMismatchException",
  );
});

test("transaction get, in order, with what is absent", async () => {
  const { data } = await app.transaction
    .get(({ employees, tasks }) => [
      employees.get({ employee: "mia" }).commit(),
      tasks.get({ task: "absent", project: "books" }).commit(),
      tasks.get({ task: "audit", project: "books" }).commit(),
    ])
    .go();
  assert.equal(data[0].item.office, "oslo");
  assert.equal(data[1].item, null);
  assert.deepEqual(data[2].item, { task: "audit", project: "books", employee: "mia", status: "open", points: 8 });
});

test("conversions between composites, keys and cursors", async () => {
  const conversions = createConversions(tasks);
  const page = await tasks.query.assigned({ employee: "ada" }).go({ limit: 3 });
  const key = conversions.fromCursor.toKeys(page.cursor);
  assert.equal(key.pk, "$workforce#task_t01");
  assert.ok(key.gsi1pk && key.gsi1sk && key.sk);
  const raw = await tasks.query.assigned({ employee: "ada" }).go({ limit: 3, data: "raw" });
  assert.deepEqual(raw.data.LastEvaluatedKey, key);
});
