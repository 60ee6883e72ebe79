/**
 * Writes the rules of a style sheet that some pages need, made small.
 *
 *     node theme/styles.mjs < {"css": "…", "pages": ["<html>…"], "scripts": ["…"]}  > small.css
 *
 * `scripts` are those that add elements to the pages.
 */
import { text } from "node:stream/consumers";
import { transform } from "lightningcss";
import { PurgeCSS } from "purgecss";
import fromHtml from "purgecss-from-html";

const { css, pages, scripts } = JSON.parse(await text(process.stdin));
const names = (script) => {
  const found = [...new Set(script.match(/\b[a-z]+(?:-[a-z]+)*-[\w-]+/g))];
  const values = [...new Set(script.match(/[\w-]+/g))];
  return { attributes: { names: found, values }, classes: found, ids: found, tags: [], undetermined: [] };
};
const [purged] = await new PurgeCSS().purge({
  // The theme waits for a script to tell whether the focus is to be seen. Browsers know.
  css: [{ raw: css.replace(/\.focus-visible/g, ":focus-visible") }],
  content: [
    ...pages.map((raw) => ({ raw, extension: "html" })),
    ...scripts.map((raw) => ({ raw, extension: "js" })),
  ],
  extractors: [
    { extractor: fromHtml, extensions: ["html"] },
    { extractor: names, extensions: ["js"] },
  ],
  // The kinds of tokens in code: which of them a page has changes with each example.
  safelist: pages.some((page) => page.includes("highlight")) ? [/^[a-z]{1,2}\d?$/] : [],
  variables: true,
  keyframes: true,
});
const { code } = transform({ filename: "small.css", code: Buffer.from(purged.css), minify: true });
// Some are included in a template, where {# begins a comment.
process.stdout.write(code.toString().replaceAll("{#", "{ #"));
