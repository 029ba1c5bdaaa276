// Dynamoose: models that make, tag and change their own tables, and everything its items, queries and scans do.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { DescribeTableCommand, DescribeTimeToLiveCommand, ListTagsOfResourceCommand } from "@aws-sdk/client-dynamodb";
import dynamoose from "dynamoose";
import { client, options, ownName } from "./application.mjs";

const waiting = { waitForActive: { enabled: true, check: { timeout: 300000, frequency: 100 } } };
const bookTable = ownName("books");
const peopleTable = ownName("people");
const settledTable = ownName("settled");

let Book, Author, People, Cats, Dogs;

before(async () => {
  dynamoose.aws.ddb.set(new dynamoose.aws.ddb.DynamoDB(options));
  Author = dynamoose.model(
    "Author",
    new dynamoose.Schema({ pk: { type: String, hashKey: true }, sk: { type: String, rangeKey: true }, name: String }),
  );
  Book = dynamoose.model(
    "Book",
    new dynamoose.Schema(
      {
        id: { type: String, hashKey: true },
        title: { type: String, required: true },
        author: { type: String, required: true, index: { name: "byAuthor", type: "global", rangeKey: "year" } },
        year: { type: Number },
        genre: { type: String, enum: ["fantasy", "sci-fi", "poetry"], index: { name: "byGenre", project: ["title"] } },
        published: { type: Date },
        tags: { type: Set, schema: [String] },
        sizes: { type: Array, schema: [Number] },
        cover: { type: Buffer },
        details: { type: Object, schema: { pages: Number, publisher: { type: Object, schema: { city: String } } } },
        available: { type: Boolean, default: true },
        stock: { type: Number, default: 0 },
        note: { type: [String, dynamoose.type.NULL] },
      },
      { timestamps: true, saveUnknown: ["extra.*", "extra"] },
    ),
  );
  await new dynamoose.Table(bookTable, [Book], { ...waiting, initialize: false, throughput: "ON_DEMAND" }).initialize();
});

const titles = (items) => [...items].map((b) => b.title);

test("a table with indexes, made by its model", async () => {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: bookTable }));
  assert.equal(Table.TableStatus, "ACTIVE");
  assert.equal(Table.BillingModeSummary.BillingMode, "PAY_PER_REQUEST");
  const indexes = Object.fromEntries(Table.GlobalSecondaryIndexes.map((i) => [i.IndexName, i]));
  assert.deepEqual(
    indexes.byAuthor.KeySchema.map((k) => k.AttributeName),
    ["author", "year"],
  );
  assert.deepEqual(indexes.byGenre.Projection, { ProjectionType: "INCLUDE", NonKeyAttributes: ["title"] });
});

test("create, get, and create refuses what is there", async () => {
  const given = {
    id: "dune",
    title: "Dune",
    author: "Herbert",
    year: 1965,
    genre: "sci-fi",
    published: new Date("1965-08-01T00:00:00Z"),
    tags: new Set(["desert", "spice"]),
    sizes: [1, 2.5, -3],
    cover: Buffer.from([0, 255]),
    note: null,
    details: { pages: 412, publisher: { city: "Philadelphia" } },
    extra: { shelf: "B" },
  };
  await Book.create(given);
  const found = await Book.get("dune", { consistent: true });
  assert.deepEqual(
    {
      ...found.toJSON(),
      createdAt: 0,
      updatedAt: 0,
      published: found.published,
      tags: found.tags,
      cover: [...found.cover],
    },
    { ...given, available: true, stock: 0, createdAt: 0, updatedAt: 0, cover: [0, 255] },
  );
  await assert.rejects(
    Book.create({ id: "dune", title: "Again", author: "Nobody" }),
    (error) => error.name === "ConditionalCheckFailedException" && error.message === "The conditional request failed",
  );
  assert.equal(await Book.get("nothing"), undefined);
  assert.deepEqual((await Book.get({ id: "dune" }, { attributes: ["title", "year"] })).toJSON(), {
    title: "Dune",
    year: 1965,
  });
});

test("update with $SET, $ADD, $REMOVE, $DELETE and a condition", async () => {
  let book = await Book.update(
    { id: "dune" },
    {
      $SET: { genre: "fantasy" },
      $ADD: { stock: 5, tags: new Set(["worm"]), sizes: [4] },
      $REMOVE: ["note"],
    },
  );
  assert.equal(book.stock, 5);
  assert.deepEqual([...book.tags].sort(), ["desert", "spice", "worm"]);
  assert.deepEqual(book.sizes, [1, 2.5, -3, 4]);
  assert.equal("note" in book, false);
  book = await Book.update({ id: "dune" }, { $DELETE: { tags: new Set(["spice"]) } });
  assert.deepEqual([...book.tags].sort(), ["desert", "worm"]);
  const onlyIf = new dynamoose.Condition().where("stock").gt(100);
  await assert.rejects(
    Book.update({ id: "dune" }, { title: "Sold out" }, { condition: onlyIf }),
    (error) => error.name === "ConditionalCheckFailedException",
  );
  const old = await Book.update(
    { id: "dune" },
    { $ADD: { stock: -1 } },
    { returnValues: "UPDATED_OLD", condition: new dynamoose.Condition("stock").eq(5) },
  );
  assert.equal(old.stock, 5);
  assert.equal((await Book.get("dune")).stock, 4);
});

test("save, change, save again, delete with a condition", async () => {
  const book = new Book({ id: "ulysses", title: "Ulysses", author: "Joyce", year: 1922 });
  await book.save();
  book.year = 1923;
  await book.save({ condition: new dynamoose.Condition().where("year").eq(1922) });
  assert.equal((await Book.get("ulysses")).year, 1923);
  await assert.rejects(book.save({ overwrite: false }), (error) => error.name === "ConditionalCheckFailedException");
  await assert.rejects(
    Book.delete("ulysses", { condition: new dynamoose.Condition().where("year").lt(1900) }),
    (error) => error.name === "ConditionalCheckFailedException",
  );
  await book.delete();
  assert.equal(await Book.get("ulysses"), undefined);
});

test("batches beyond what one page shows", async () => {
  const many = Array.from({ length: 25 }, (_, i) => ({
    id: `b${String(i).padStart(2, "0")}`,
    title: `Volume ${String(i).padStart(2, "0")}`,
    author: i < 20 ? "Many" : "Few",
    year: 1900 + i,
    genre: ["fantasy", "poetry"][i % 2],
    stock: i,
  }));
  assert.deepEqual((await Book.batchPut(many)).unprocessedItems, []);
  const got = await Book.batchGet([...many.slice(0, 12).map((b) => b.id), "missing"]);
  assert.equal(got.length, 12);
  assert.deepEqual(got.unprocessedKeys, []);
  assert.deepEqual((await Book.batchGet(["b03"], { attributes: ["id", "title"] }))[0].toJSON(), {
    id: "b03",
    title: "Volume 03",
  });
  assert.deepEqual((await Book.batchDelete(["b24", "b23"])).unprocessedItems, []);
  assert.equal(await Book.get("b24"), undefined);
});

test("query an index, sorted, limited, filtered, counted", async () => {
  const many = () => Book.query("author").eq("Many");
  const all = await many().exec();
  assert.equal(all.count, 20);
  assert.deepEqual(titles(all).slice(0, 2), ["Volume 00", "Volume 01"]);
  assert.deepEqual(titles(await many().sort("descending").limit(2).exec()), ["Volume 19", "Volume 18"]);
  assert.deepEqual(titles(await many().where("year").between(1903, 1905).exec()), [
    "Volume 03",
    "Volume 04",
    "Volume 05",
  ]);
  assert.deepEqual(titles(await many().where("year").ge(1918).attributes(["title"]).exec()), [
    "Volume 18",
    "Volume 19",
  ]);
  const filtered = await many().filter("stock").gt(15).and().filter("genre").not().eq("poetry").exec();
  assert.deepEqual(titles(filtered), ["Volume 16", "Volume 18"]);
  assert.equal(filtered.count, 2);
  assert.equal((await many().count().exec()).count, 20);
  const either = await many()
    .parenthesis((c) => c.where("stock").eq(1).or().where("title").beginsWith("Volume 17"))
    .exec();
  assert.deepEqual(titles(either), ["Volume 01", "Volume 17"]);
  const genre = await Book.query("genre").eq("poetry").using("byGenre").exec();
  assert.ok(genre.count >= 10 && [...genre].every((b) => b.title && b.author === undefined));
});

test("pages: startAt, and all", async () => {
  const first = await Book.query("author").eq("Many").limit(8).exec();
  assert.equal(first.length, 8);
  const second = await Book.query("author").eq("Many").limit(8).startAt(first.lastKey).exec();
  const third = await Book.query("author").eq("Many").limit(8).startAt(second.lastKey).exec();
  assert.deepEqual([second.length, third.length, third.lastKey], [8, 4, undefined]);
  const all = await Book.query("author").eq("Many").limit(8).all().exec();
  assert.equal(all.length, 20);
  assert.equal(all.timesQueried, 3);
});

test("scan, in parallel, with each comparison", async () => {
  assert.equal((await Book.scan().exec()).count, 24);
  const all = await Book.scan().parallel(4).all().exec();
  assert.equal(all.length, 24);
  const of = (scan) => scan.exec().then((found) => titles(found).sort());
  assert.deepEqual(await of(Book.scan("stock").in([3, 5, 900])), ["Volume 03", "Volume 05"]);
  assert.deepEqual(await of(Book.scan("tags").contains("worm")), ["Dune"]);
  assert.deepEqual(await of(Book.scan("details").exists()), ["Dune"]);
  assert.equal((await of(Book.scan("details").not().exists())).length, 23);
  assert.deepEqual(await of(Book.scan("details.publisher.city").eq("Philadelphia")), ["Dune"]);
  assert.deepEqual(await of(Book.scan("year").le(1900)), ["Volume 00"]);
  assert.deepEqual(await of(Book.scan({ author: { contains: "Herb" } })), ["Dune"]);
  assert.deepEqual(await of(Book.scan("published").lt(0)), ["Dune"]);
  const page = await Book.scan().limit(10).exec();
  assert.equal(page.length, 10);
  assert.equal((await Book.scan().startAt(page.lastKey).exec()).length, 14);
});

test("transactions: create, update, delete, condition", async () => {
  await dynamoose.transaction([
    Book.transaction.create({ id: "emma", title: "Emma", author: "Austen", year: 1815 }),
    Book.transaction.update({ id: "dune" }, { $ADD: { stock: 10 } }),
    Book.transaction.delete("b22"),
    Book.transaction.condition("b21", new dynamoose.Condition("stock").eq(21)),
  ]);
  assert.equal((await Book.get("dune")).stock, 14);
  assert.equal((await Book.get("emma")).title, "Emma");
  assert.equal(await Book.get("b22"), undefined);
  await assert.rejects(
    dynamoose.transaction([
      Book.transaction.update({ id: "dune" }, { $ADD: { stock: 10 } }),
      Book.transaction.create({ id: "emma", title: "Emma again", author: "Nobody" }),
    ]),
    (error) => {
      assert.equal(error.name, "TransactionCanceledException");
      assert.deepEqual(
        error.CancellationReasons.map((r) => r.Code),
        ["None", "ConditionalCheckFailed"],
      );
      return true;
    },
  );
  assert.equal((await Book.get("dune")).stock, 14);
  const got = await dynamoose.transaction([Book.transaction.get("emma"), Book.transaction.get("dune")]);
  assert.deepEqual(titles(got), ["Emma", "Dune"]);
});

test("populate follows a reference", async () => {
  const tableName = peopleTable;
  People = dynamoose.model("People", {
    id: { type: String, hashKey: true },
    name: String,
    parent: dynamoose.type.THIS,
  });
  await new dynamoose.Table(tableName, [People], { ...waiting, initialize: false }).initialize();
  await People.create({ id: "grandmother", name: "Ada" });
  await People.create({ id: "mother", name: "Mia", parent: "grandmother" });
  const child = await People.create({ id: "child", name: "Zoe", parent: "mother" });
  assert.equal(child.parent, "mother");
  const family = await (await People.get("child")).populate();
  assert.deepEqual([family.name, family.parent.name, family.parent.parent.name], ["Zoe", "Mia", "Ada"]);
});

test("tags, time to live, stream and class are set when the table is made", async () => {
  Cats = dynamoose.model("Cats", { id: { type: Number, hashKey: true }, breed: String });
  await new dynamoose.Table(settledTable, [Cats], {
    ...waiting,
    initialize: false,
    throughput: { read: 5, write: 6 },
    tags: { Owner: "zoo", Empty: "" },
    tableClass: "infrequentAccess",
    expires: { ttl: 3600 * 1000, attribute: "until" },
    streamOptions: { enabled: true, type: "NEW_AND_OLD_IMAGES" },
  }).initialize();
  const { Table } = await client.send(new DescribeTableCommand({ TableName: settledTable }));
  assert.deepEqual(
    [Table.ProvisionedThroughput.ReadCapacityUnits, Table.ProvisionedThroughput.WriteCapacityUnits],
    [5, 6],
  );
  assert.equal(Table.TableClassSummary.TableClass, "STANDARD_INFREQUENT_ACCESS");
  assert.deepEqual(Table.StreamSpecification, { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" });
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: settledTable }));
  assert.equal(TimeToLiveDescription.AttributeName, "until");
  assert.match(TimeToLiveDescription.TimeToLiveStatus, /^ENABL(ED|ING)$/);
  const { Tags } = await client.send(new ListTagsOfResourceCommand({ ResourceArn: Table.TableArn }));
  assert.deepEqual(
    Tags.sort((a, b) => (a.Key < b.Key ? -1 : 1)),
    [
      { Key: "Empty", Value: "" },
      { Key: "Owner", Value: "zoo" },
    ],
  );
  const cat = await Cats.create({ id: 1, breed: "Tabby" });
  const raw = await Cats.get(1);
  const seconds = raw.until.getTime() / 1000 - Date.now() / 1000;
  assert.ok(seconds > 3500 && seconds < 3700, String(cat.until));
});

test("an update brings the table to what the model says now", async () => {
  const Newer = dynamoose.model("CatsNewer", {
    id: { type: Number, hashKey: true },
    breed: { type: String, index: { name: "byBreed", type: "global" } },
  });
  await new dynamoose.Table(settledTable, [Newer], {
    ...waiting,
    initialize: false,
    update: true,
    throughput: "ON_DEMAND",
    tags: { Owner: "farm", Colour: "black" },
    tableClass: "standard",
    streamOptions: { enabled: false },
  }).initialize();
  const { Table } = await client.send(new DescribeTableCommand({ TableName: settledTable }));
  assert.equal(Table.BillingModeSummary.BillingMode, "PAY_PER_REQUEST");
  assert.equal(Table.TableClassSummary.TableClass, "STANDARD");
  assert.equal(Table.StreamSpecification, undefined);
  assert.deepEqual(
    Table.GlobalSecondaryIndexes.map((i) => [i.IndexName, i.IndexStatus]),
    [["byBreed", "ACTIVE"]],
  );
  const { Tags } = await client.send(new ListTagsOfResourceCommand({ ResourceArn: Table.TableArn }));
  assert.deepEqual(Object.fromEntries(Tags.map((t) => [t.Key, t.Value])), { Owner: "farm", Colour: "black" });
  assert.deepEqual(
    (await Newer.query("breed").eq("Tabby").exec()).map((c) => c.id),
    [1],
  );
});

test("two models in one table, told apart by schema", async () => {
  const shared = ownName("shared");
  const key = { pk: { type: String, hashKey: true }, sk: { type: String, rangeKey: true } };
  Dogs = dynamoose.model("Dogs", new dynamoose.Schema({ ...key, bark: String }));
  await new dynamoose.Table(shared, [Author, Dogs], { ...waiting, initialize: false }).initialize();
  await Author.create({ pk: "AUTHOR#1", sk: "PROFILE", name: "Woolf" });
  await Dogs.create({ pk: "AUTHOR#1", sk: "DOG#1", bark: "wuff" });
  assert.equal((await Author.query("pk").eq("AUTHOR#1").exec()).count, 2);
  assert.deepEqual(
    (await Dogs.query("pk").eq("AUTHOR#1").where("sk").beginsWith("DOG#").exec()).map((d) => d.bark),
    ["wuff"],
  );
  await Author.delete({ pk: "AUTHOR#1", sk: "PROFILE" });
  assert.equal((await Author.query("pk").eq("AUTHOR#1").exec()).count, 1);
});
