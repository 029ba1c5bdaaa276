// A reporter for node:test: one line of JSON for each test, {name, ok, error}, which test_libraries.py reads.
import { inspect } from "node:util";

const kinds = { "test:pass": true, "test:fail": false };

export default async function* results(events) {
  for await (const { type, data } of events) {
    if (type in kinds && data.details?.type !== "suite") {
      const cause = data.details?.error?.cause ?? data.details?.error;
      yield JSON.stringify({ name: data.name, ok: kinds[type], error: cause && inspect(cause, { depth: 6 }) }) + "\n";
    }
  }
}
