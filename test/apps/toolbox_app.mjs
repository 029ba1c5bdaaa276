// dynamodb-toolbox: a table, entities with computed keys, and each of its commands.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import {
  $add,
  $append,
  $delete,
  $get,
  $prepend,
  $remove,
  $set,
  $subtract,
  $sum,
  anyOf,
  BatchDeleteRequest,
  BatchGetCommand,
  BatchGetRequest,
  BatchPutRequest,
  BatchWriteCommand,
  binary,
  boolean,
  ConditionCheck,
  DeleteItemCommand,
  DeletePartitionCommand,
  DeleteTransaction,
  Entity,
  EntityRepository,
  executeBatchGet,
  executeBatchWrite,
  executeTransactGet,
  executeTransactWrite,
  GetItemCommand,
  GetTransaction,
  isConditionCheckFailed,
  isTransactionCancelled,
  item,
  list,
  map,
  nul,
  number,
  prefix,
  PutItemCommand,
  PutTransaction,
  QueryCommand,
  record,
  ScanCommand,
  set,
  string,
  Table,
  UpdateAttributesCommand,
  UpdateItemCommand,
  UpdateTransaction,
} from "dynamodb-toolbox";
import { client, createTable } from "./application.mjs";

let pokedex, pokemons, trainers;

before(async () => {
  const name = await createTable(
    "toolbox",
    { pk: "S", sk: "S" },
    { byTrainerId: { trainerId: "S", level: "N" }, byType: { pokeType: "S" } },
  );
  pokedex = new Table({
    documentClient: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }),
    name,
    partitionKey: { name: "pk", type: "string" },
    sortKey: { name: "sk", type: "string" },
    indexes: {
      byTrainerId: {
        type: "global",
        partitionKey: { name: "trainerId", type: "string" },
        sortKey: { name: "level", type: "number" },
      },
      byType: { type: "global", partitionKey: { name: "pokeType", type: "string" } },
    },
  });
  pokemons = new Entity({
    name: "POKEMON",
    table: pokedex,
    schema: item({
      trainerId: string().key(),
      pokemonId: string().key(),
      name: string(),
      pokeType: string().enum("fire", "water", "grass", "electric").optional(),
      level: number().default(1),
      caught: boolean().optional(),
      moves: list(string()).optional(),
      badges: set(string()).optional(),
      lucky: set(number()).optional(),
      stats: map({ attack: number(), defense: number(), note: anyOf(string(), nul()).optional() }).optional(),
      seen: record(string(), number()).optional(),
      photo: binary().optional(),
      code: string().transform(prefix("CODE")).optional(),
      shout: string().savedAs("s").optional(),
    }),
    computeKey: ({ trainerId, pokemonId }) => ({ pk: `TRAINER#${trainerId}`, sk: `POKEMON#${pokemonId}` }),
  });
  trainers = new Entity({
    name: "TRAINER",
    table: pokedex,
    schema: item({ trainerId: string().key(), name: string(), money: number().default(100) }),
    computeKey: ({ trainerId }) => ({ pk: `TRAINER#${trainerId}`, sk: "PROFILE" }),
  });
});

const pikachu = { trainerId: "ash", pokemonId: "25" };
const get = (entity, key, options = {}) =>
  entity
    .build(GetItemCommand)
    .key(key)
    .options(options)
    .send()
    .then(({ Item }) => Item);

test("put and get every kind of attribute", async () => {
  const photo = Uint8Array.from([0, 1, 254, 255]);
  const given = {
    ...pikachu,
    name: "Pikachu",
    pokeType: "electric",
    caught: true,
    moves: ["thunder"],
    badges: new Set(["boulder", "cascade"]),
    lucky: new Set([7, 0.1, -3e15]),
    stats: { attack: 5.5, defense: 4, note: null },
    seen: { kanto: 3, johto: 0 },
    photo,
    code: "pika",
    shout: "",
  };
  const { ToolboxItem } = await pokemons.build(PutItemCommand).item(given).send();
  assert.equal(ToolboxItem.level, 1);
  const found = await get(pokemons, pikachu, { consistent: true });
  const { created, modified, ...rest } = found;
  assert.deepEqual(rest, { ...given, level: 1 });
  assert.equal(created, ToolboxItem.created);
  assert.equal(await get(pokemons, { ...pikachu, pokemonId: "0" }), undefined);
  assert.deepEqual(await get(pokemons, pikachu, { attributes: ["name", "stats.attack", "moves[0]", "seen.kanto"] }), {
    name: "Pikachu",
    stats: { attack: 5.5 },
    moves: ["thunder"],
    seen: { kanto: 3 },
  });
});

test("a put with a condition, and the item that stands in its way", async () => {
  const again = pokemons.build(PutItemCommand).item({ ...pikachu, name: "Raichu" });
  const refused = again
    .options({ condition: { attr: "name", exists: false }, returnValuesOnConditionFalse: "ALL_OLD" })
    .send();
  await assert.rejects(
    refused,
    (error) =>
      isConditionCheckFailed(error, pokemons) &&
      error.FormattedItem.name === "Pikachu" &&
      error.message === "The conditional request failed",
  );
  const conditions = {
    and: [
      { attr: "stats.attack", gte: 5 },
      { attr: "badges", contains: "boulder" },
      { size: "moves", eq: 1 },
      { not: { attr: "level", between: [50, 99] } },
      {
        or: [
          { attr: "name", beginsWith: "Pika" },
          { attr: "caught", eq: false },
        ],
      },
      { attr: "name", type: "S" },
      { attr: "pokeType", in: ["fire", "electric"] },
    ],
  };
  const { Attributes } = await pokemons
    .build(PutItemCommand)
    .item({
      ...pikachu,
      name: "Pikachu",
      moves: ["thunder"],
      badges: new Set(["boulder"]),
      stats: { attack: 1, defense: 1 },
      seen: {},
    })
    .options({ condition: conditions, returnValues: "ALL_OLD" })
    .send();
  assert.equal(Attributes.stats.attack, 5.5);
});

test("update with each of its extensions", async () => {
  const update = (values, options = { returnValues: "ALL_NEW" }) =>
    pokemons
      .build(UpdateItemCommand)
      .item({ ...pikachu, ...values })
      .options(options)
      .send()
      .then(({ Attributes }) => Attributes);
  let now = await update({
    level: $add(4),
    badges: $add(new Set(["thunder"])),
    moves: $append(["tackle"]),
    caught: true,
  });
  assert.equal(now.level, 5);
  assert.deepEqual(now.moves, ["thunder", "tackle"]);
  assert.deepEqual(now.badges, new Set(["boulder", "thunder"]));
  now = await update({ moves: $prepend(["growl"]), badges: $delete(new Set(["boulder"])), stats: { defense: 9 } });
  assert.deepEqual(now.moves, ["growl", "thunder", "tackle"]);
  assert.deepEqual(now.stats, { attack: 1, defense: 9 });
  assert.deepEqual(now.badges, new Set(["thunder"]));
  now = await update({
    level: $sum($get("level"), 10),
    stats: $set({ attack: 2, defense: 2 }),
    caught: $remove(),
    seen: { alola: 1 },
  });
  assert.equal(now.level, 15);
  assert.deepEqual(now.stats, { attack: 2, defense: 2 });
  assert.equal(now.caught, undefined);
  now = await update({ level: $subtract($get("stats.attack", 1), 1), moves: { 1: "spark" } });
  assert.equal(now.level, 1);
  assert.deepEqual(now.moves, ["growl", "spark", "tackle"]);
  const changed = await pokemons
    .build(UpdateAttributesCommand)
    .item({ ...pikachu, stats: { attack: 7, defense: 7 } })
    .options({ returnValues: "UPDATED_OLD" })
    .send();
  assert.deepEqual(changed.Attributes.stats, { attack: 2, defense: 2 });
  await assert.rejects(update({ name: "Nobody" }, { condition: { attr: "level", gt: 1000 } }), (error) =>
    isConditionCheckFailed(error),
  );
});

test("delete answers what was there", async () => {
  await pokemons.build(PutItemCommand).item({ trainerId: "ash", pokemonId: "tmp", name: "Gone" }).send();
  const gone = pokemons
    .build(DeleteItemCommand)
    .key({ trainerId: "ash", pokemonId: "tmp" })
    .options({ returnValues: "ALL_OLD" });
  assert.equal((await gone.send()).Attributes.name, "Gone");
  assert.equal((await gone.send()).Attributes, undefined);
});

test("batch write and batch get of two entities", async () => {
  const fire = Array.from({ length: 22 }, (_, i) => ({
    trainerId: "misty",
    pokemonId: String(i).padStart(3, "0"),
    name: `Fish ${i}`,
    level: i,
    pokeType: i % 2 ? "water" : "grass",
  }));
  const written = await executeBatchWrite(
    { capacity: "TOTAL", maxAttempts: 3 },
    pokedex
      .build(BatchWriteCommand)
      .requests(
        ...fire.map((f) => pokemons.build(BatchPutRequest).item(f)),
        trainers.build(BatchPutRequest).item({ trainerId: "misty", name: "Misty" }),
        trainers.build(BatchPutRequest).item({ trainerId: "ash", name: "Ash" }),
        pokemons.build(BatchDeleteRequest).key({ trainerId: "brock", pokemonId: "none" }),
      ),
  );
  assert.deepEqual(written.UnprocessedItems, {});
  assert.ok(written.ConsumedCapacity[0].CapacityUnits >= 25);
  const { Responses } = await executeBatchGet(
    pokedex
      .build(BatchGetCommand)
      .requests(
        pokemons.build(BatchGetRequest).key({ trainerId: "misty", pokemonId: "003" }),
        trainers.build(BatchGetRequest).key({ trainerId: "nobody" }),
        trainers.build(BatchGetRequest).key({ trainerId: "misty" }),
      )
      .options({ consistent: true, attributes: ["name"] }),
  );
  assert.deepEqual(Responses, [[{ name: "Fish 3" }, undefined, { name: "Misty" }]]);
});

test("query a partition, a range and an index", async () => {
  const all = await pokedex
    .build(QueryCommand)
    .query({ partition: "TRAINER#misty" })
    .entities(pokemons, trainers)
    .options({ showEntityAttr: true })
    .send();
  assert.equal(all.Count, 23);
  assert.deepEqual([all.Items.at(-1).entity, all.Items.at(-1).name], ["TRAINER", "Misty"]);
  const range = await pokedex
    .build(QueryCommand)
    .entities(pokemons)
    .query({
      partition: "TRAINER#misty",
      range: { between: ["POKEMON#005", "POKEMON#008"] },
    })
    .options({ reverse: true, attributes: ["name"] })
    .send();
  assert.deepEqual(
    range.Items,
    [8, 7, 6, 5].map((i) => ({ name: `Fish ${i}` })),
  );
  const index = await pokedex
    .build(QueryCommand)
    .entities(pokemons)
    .query({ index: "byTrainerId", partition: "misty", range: { gte: 18 } })
    .send();
  assert.deepEqual(
    index.Items.map((p) => p.level),
    [18, 19, 20, 21],
  );
  const filtered = await pokedex
    .build(QueryCommand)
    .entities(pokemons)
    .query({ index: "byType", partition: "water" })
    .options({ filters: { POKEMON: { attr: "level", lt: 4 } }, capacity: "INDEXES" })
    .send();
  assert.deepEqual(filtered.Items.map((p) => p.level).sort(), [1, 3]);
  assert.equal(filtered.ScannedCount, 11);
  assert.ok(filtered.ConsumedCapacity.GlobalSecondaryIndexes.byType.CapacityUnits > 0);
  const count = await pokedex
    .build(QueryCommand)
    .query({ partition: "TRAINER#misty", range: { beginsWith: "POKEMON#" } })
    .options({ select: "COUNT" })
    .send();
  assert.equal(count.Count, 22);
});

test("pages by hand and by itself", async () => {
  const command = pokedex.build(QueryCommand).entities(pokemons).query({ index: "byTrainerId", partition: "misty" });
  let exclusiveStartKey;
  const seen = [];
  do {
    const page = await command.options({ limit: 5, exclusiveStartKey }).send();
    seen.push(...page.Items.map((p) => p.level));
    exclusiveStartKey = page.LastEvaluatedKey;
  } while (exclusiveStartKey);
  assert.deepEqual(
    seen,
    Array.from({ length: 22 }, (_, i) => i),
  );
  assert.equal((await command.options({ limit: 5, maxPages: Infinity }).send()).Items.length, 22);
});

test("scan in segments, with a filter for each entity", async () => {
  const found = await Promise.all(
    [0, 1, 2].map((segment) =>
      pokedex
        .build(ScanCommand)
        .entities(pokemons, trainers)
        .options({
          segment,
          totalSegments: 3,
          maxPages: Infinity,
          consistent: true,
          filters: { POKEMON: { attr: "level", gte: 20 }, TRAINER: { attr: "name", eq: "Ash" } },
        })
        .send(),
    ),
  );
  assert.deepEqual(found.flatMap(({ Items }) => Items.map((i) => i.name)).sort(), ["Ash", "Fish 20", "Fish 21"]);
  assert.equal(
    found.reduce((sum, { ScannedCount }) => sum + ScannedCount, 0),
    25,
  );
});

test("transaction: put, update, delete and check together", async () => {
  const { ToolboxItems, ConsumedCapacity } = await executeTransactWrite(
    { capacity: "TOTAL", clientRequestToken: `token${Date.now()}` },
    pokemons
      .build(PutTransaction)
      .item({ trainerId: "ash", pokemonId: "1", name: "Bulbasaur", pokeType: "grass" })
      .options({ condition: { attr: "pokemonId", exists: false } }),
    trainers
      .build(UpdateTransaction)
      .item({ trainerId: "ash", money: $add(-30) })
      .options({ condition: { attr: "money", gte: 30 } }),
    pokemons
      .build(DeleteTransaction)
      .key({ trainerId: "misty", pokemonId: "021" })
      .options({ condition: { attr: "level", eq: 21 } }),
    trainers.build(ConditionCheck).key({ trainerId: "misty" }).condition({ attr: "name", exists: true }),
  );
  assert.equal(ToolboxItems.length, 4);
  assert.ok(ConsumedCapacity[0].CapacityUnits >= 8);
  assert.equal((await get(trainers, { trainerId: "ash" })).money, 70);
  assert.equal(await get(pokemons, { trainerId: "misty", pokemonId: "021" }), undefined);
});

test("transaction refused: each reason in its place", async () => {
  const actions = [
    trainers.build(UpdateTransaction).item({ trainerId: "ash", money: $add(-1) }),
    pokemons
      .build(PutTransaction)
      .item({ trainerId: "ash", pokemonId: "1", name: "Again" })
      .options({ condition: { attr: "pokemonId", exists: false }, returnValuesOnConditionFalse: "ALL_OLD" }),
    trainers.build(ConditionCheck).key({ trainerId: "nobody" }).condition({ attr: "name", exists: true }),
  ];
  await assert.rejects(executeTransactWrite(...actions), (error) => {
    assert.ok(isTransactionCancelled(error, ...actions));
    assert.equal(
      error.message,
      "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, ConditionalCheckFailed]",
    );
    assert.deepEqual(
      error.CancellationReasons.map((r) => [r.Code, r.Message]),
      [
        ["None", undefined],
        ["ConditionalCheckFailed", "The conditional request failed"],
        ["ConditionalCheckFailed", "The conditional request failed"],
      ],
    );
    assert.equal(error.CancellationReasons[1].FormattedItem.name, "Bulbasaur");
    return true;
  });
  assert.equal((await get(trainers, { trainerId: "ash" })).money, 70);
});

test("transaction get keeps the order", async () => {
  const { Responses } = await executeTransactGet(
    trainers.build(GetTransaction).key({ trainerId: "misty" }),
    pokemons.build(GetTransaction).key({ trainerId: "misty", pokemonId: "999" }),
    pokemons
      .build(GetTransaction)
      .key({ trainerId: "ash", pokemonId: "1" })
      .options({ attributes: ["name", "pokeType"] }),
  );
  assert.deepEqual(
    Responses.map(({ Item }) => Item?.name),
    ["Misty", undefined, "Bulbasaur"],
  );
  assert.deepEqual(Responses[2].Item, { name: "Bulbasaur", pokeType: "grass" });
});

test("repository and deletion of a whole partition", async () => {
  const repository = pokemons.build(EntityRepository);
  await repository.put({ trainerId: "gary", pokemonId: "7", name: "Squirtle", level: 8 });
  assert.equal((await repository.get({ trainerId: "gary", pokemonId: "7" })).Item.name, "Squirtle");
  assert.equal(
    (await repository.scan({ filters: { POKEMON: { attr: "trainerId", eq: "gary" } }, maxPages: Infinity })).Items
      .length,
    1,
  );
  const deleted = await pokedex
    .build(DeletePartitionCommand)
    .entities(pokemons, trainers)
    .query({ partition: "TRAINER#misty" })
    .options({ capacity: "TOTAL" })
    .send();
  assert.equal(deleted.Count, 22);
  const left = await pokedex.build(QueryCommand).query({ partition: "TRAINER#misty" }).send();
  assert.equal(left.Count, 0);
  assert.equal((await get(pokemons, pikachu)).name, "Pikachu");
});
