// PartiQL with the AWS SDK for JavaScript v3: node partiql.mjs ENDPOINT.
// Prints {"pages": [...], "batch": [...], "reasons": [...], "kept": [...], "item": {...}}.
import { BatchExecuteStatementCommand, CreateTableCommand, DeleteTableCommand, DynamoDBClient, ExecuteStatementCommand,
         ExecuteTransactionCommand, waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, ExecuteStatementCommand as ExecuteDocument } from "@aws-sdk/lib-dynamodb";

const db = new DynamoDBClient({ endpoint: process.argv[2], maxAttempts: 1 });
const TableName = `javascript-${Date.now().toString(36)}`;
await db.send(new CreateTableCommand({
  TableName,
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }, { AttributeName: "sk", AttributeType: "N" }],
  KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "sk", KeyType: "RANGE" }],
}));
await waitUntilTableExists({ client: db, maxWaitTime: 30 }, { TableName });

for (let sk = 1; sk <= 5; sk++) {
  await db.send(new ExecuteStatementCommand({
    Statement: `INSERT INTO "${TableName}" VALUE {'pk': ?, 'sk': ?, 'odd': ?}`,
    Parameters: [{ S: "a" }, { N: String(sk) }, { BOOL: sk % 2 === 1 }],
  }));
}

const pages = [];
let NextToken;
do {
  const page = await db.send(new ExecuteStatementCommand({
    Statement: `SELECT sk FROM "${TableName}" WHERE pk = 'a' ORDER BY sk DESC`, Limit: 2, NextToken,
  }));
  pages.push(page.Items.map((item) => Number(item.sk.N)));
  NextToken = page.NextToken;
} while (NextToken);

const { Responses } = await db.send(new BatchExecuteStatementCommand({ Statements: [
  { Statement: `UPDATE "${TableName}" SET n = 1 WHERE pk = 'a' AND sk = 1` },
  { Statement: `UPDATE "${TableName}" SET n = 1 WHERE pk = 'a' AND sk = 2 AND odd = true`,
    ReturnValuesOnConditionCheckFailure: "ALL_OLD" },
] }));
const batch = Responses.map((answer) => answer.Error ? [answer.Error.Code, answer.Error.Item?.sk.N] : "done");

let reasons;
try {
  await db.send(new ExecuteTransactionCommand({ TransactStatements: [
    { Statement: `UPDATE "${TableName}" SET n = 9 WHERE pk = 'a' AND sk = 1` },
    { Statement: `DELETE FROM "${TableName}" WHERE pk = 'a' AND sk = 3 AND odd = false`,
      ReturnValuesOnConditionCheckFailure: "ALL_OLD" },
  ] }));
} catch (error) {
  reasons = [error.name, ...error.CancellationReasons.map((reason) => [reason.Code, reason.Item?.sk.N])];
}

let kept;
try {
  await db.send(new ExecuteStatementCommand({
    Statement: `DELETE FROM "${TableName}" WHERE pk = 'a' AND sk = 2 AND odd = true`,
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  }));
} catch (error) {
  kept = [error.name, error.Item.sk.N];
}

const documents = DynamoDBDocumentClient.from(db);
const { Items: [item] } = await documents.send(new ExecuteDocument({
  Statement: `UPDATE "${TableName}" SET tags = ? WHERE pk = 'a' AND sk = ? RETURNING ALL NEW *`,
  Parameters: [["x", { deep: [1, null] }], 1],
}));
await db.send(new DeleteTableCommand({ TableName }));
console.log(JSON.stringify({ pages, batch, reasons, kept, item }));
