// Judges what the suite found: takes the folder of its results, and the list of exceptions.
import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const [results, list] = process.argv.slice(2);
const listed = readFileSync(list, "utf8").match(/`[a-z0-9-]+:[a-z0-9-]+`/g) ?? [];
const excepted = new Set(listed.map((name) => name.slice(1, -1)));
const met = new Set();
const wrong = [];
let passed = 0;

for (const revision of ["2025-11-25", "2026-07-28"]) {
  const files = globSync(join(results, revision, "*", "checks.json"));
  const counts = {};
  for (const file of files) {
    const scenario = basename(dirname(file)).replace(/^server-/, "").replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, "");
    for (const check of JSON.parse(readFileSync(file, "utf8"))) {
      counts[check.status] = (counts[check.status] ?? 0) + 1;
      if (!["FAILURE", "WARNING"].includes(check.status)) continue;
      const name = `${scenario}:${check.id}`;
      met.add(name);
      if (!excepted.has(name)) wrong.push(`${revision} ${name}: ${check.errorMessage ?? check.status}`);
    }
  }
  passed += counts.SUCCESS ?? 0;
  const told = Object.entries(counts).map(([status, count]) => `${count} ${status.toLowerCase()}`);
  console.log(`${revision}: ${files.length} scenarios, ${told.join(", ")}`);
  // A suite that did not run finds nothing wrong.
  const few = `${revision}: only ${files.length} scenarios ran; see target/conformance/${revision}.log`;
  if (files.length < 30) wrong.push(few);
}
for (const name of excepted) if (!met.has(name)) wrong.push(`${name} is listed as an exception, and does not fail`);
for (const line of wrong) console.log(`  ✗ ${line}`);
console.log(wrong.length ? `${wrong.length} wrong` : `${passed} checks passed, ${met.size} exceptions`);
process.exit(wrong.length ? 1 : 0);
