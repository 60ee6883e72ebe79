// Checks prose as `textlint --config` does, but also in tabs and folded notes, whose indented text Markdown alone takes for code:
// their first line becomes a list item of the same length, so what is reported is where it says.
const fs = require("node:fs");
const path = require("node:path");
const { createLinter, loadLinterFormatter, loadTextlintrc } = require("textlint");

const BLOCK = /^( *)(?:===|\?\?\?) /gm;

async function main(config, ...places) {
  const linter = createLinter({ descriptor: await loadTextlintrc({ configFilePath: config }) });
  const results = [];
  for (const file of places.flatMap(markdown)) {
    results.push(await linter.lintText(fs.readFileSync(file, "utf8").replace(BLOCK, "$1*   "), file));
  }
  const formatter = await loadLinterFormatter({ formatterName: "unix" });
  process.stdout.write(formatter.format(results));
  process.exitCode = results.some((result) => result.messages.length) ? 1 : 0;
}

function markdown(place) {
  if (!fs.statSync(place).isDirectory()) return [place];
  return fs.readdirSync(place, { recursive: true }).filter((name) => name.endsWith(".md")).sort().map((name) => path.join(place, name));
}

main(...process.argv.slice(2));
