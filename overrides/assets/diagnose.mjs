/**
 * The paste box on the command line: reads a traceback from standard input, and says which pages explain it. Needs Node and
 * the files beside it, nothing else. Exits with 0 if it found a cause, and with 1 if it didn't.
 */
import { readFileSync } from "node:fs";
import { diagnose, prepared } from "./diagnose.js";
import { ownLine } from "./traceback.js";

const MOST = 4;
const beside = (file) => JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8"));
const entries = new Map(beside("entries.json").map((entry) => [entry.slug, entry]));
const { state, slugs, segment } = diagnose(readFileSync(0, "utf8"), prepared(beside("paste-index.json")));
const line = segment && ownLine(segment);
console.log(state);
if (line) console.log(`Your line: ${[line.path, line.line, line.name].filter(Boolean).join(", ")}${line.source && `: ${line.source}`}`);
for (const { titles, answers, urls } of slugs.slice(0, MOST).map((slug) => entries.get(slug)))
  console.log(`\n${titles.en}\n${answers.en}\n${urls.short}`);
process.exitCode = state === "found" ? 0 : 1;
