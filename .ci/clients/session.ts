/**
 * Creates a table, writes rows once and reads all their pages: session.js ADDRESS
 *
 * What is imported from api/ is generated from openapi.yaml.
 */
import assert from "node:assert/strict";
import { createClient } from "./api/client/index.js";
import { act, type Action, type Filter, type Insert, type Inserted, type Queried, type Query } from "./api/index.js";

const client = createClient({ baseUrl: process.argv[2] });

async function send(body: Action, key?: string) {
  const { data, error } = await act({ client, body, headers: { "Idempotency-Key": key } });
  if (data === undefined) {
    throw new Error(error.code);
  }
  return data;
}

async function insert(rows: Insert["rows"], key: string): Promise<Inserted> {
  const inserted = await send({ action: "insert", table: "parcels", rows, returning: ["id"] }, key);
  assert(inserted.action === "insert");
  return inserted;
}

async function* pages(query: Query): AsyncGenerator<Queried> {
  let cursor = query.cursor;
  do {
    const page = await send({ ...query, cursor });
    assert(page.action === "query");
    yield page;
    cursor = page.page.nextCursor;
  } while (cursor !== null);
}

const created = await send({
  action: "create",
  table: "parcels",
  columns: [
    { name: "id", type: "uuid", default: "gen_random_uuid()" },
    { name: "city", type: "varchar(80)", nullable: false },
    { name: "weight", type: "numeric(12,3)", default: { value: "1.000" } },
    { name: "doc", type: "jsonb" },
  ],
  primaryKey: ["id"],
  indexes: [{ name: "parcels_city", columns: ["city"] }],
});
assert(created.action === "create");
assert.equal(created.outcome, "created");

const rows = Array.from({ length: 25 }, (_, i) => ({
  city: i % 5 === 0 ? "Oslo" : "Rome",
  weight: `${i}.500`,
  doc: { i },
}));
const first = await insert(rows, "parcels-1");
assert.deepEqual(first.counts, { received: 25, written: 25, skipped: 0 });
assert.equal(first.replayed, false);
const again = await insert(rows, "parcels-1");
assert.equal(again.replayed, true);
assert.deepEqual(again.rows, first.rows);
await assert.rejects(insert([{ city: "Bern" }], "parcels-1"), { message: "idempotency_key_reused" });

const where: Filter = {
  city: "Rome",
  doc: { at: "/i", type: "integer", gte: 0 },
  or: [{ weight: { lt: "10" } }, { not: { weight: { lte: 14 } } }],
};
const weights: unknown[] = [];
let turns = 0;
for await (const page of pages({ action: "query", table: "parcels", where, orderBy: ["weight"], limit: 4 })) {
  weights.push(...page.rows.map((row) => row["weight"]));
  turns++;
}
const expected = rows.filter((row, i) => row.city === "Rome" && (i < 10 || i >= 14)).map((row) => row.weight);
assert.deepEqual(weights, expected);
assert.equal(turns, Math.ceil(expected.length / 4));
console.log(`TypeScript: 25 rows once, ${weights.length} of them in ${turns} pages`);
