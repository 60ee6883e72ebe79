/**
 * Writes the rules of a style sheet that some pages need, made small.
 *
 *     node theme/styles.mjs [--first] < {"css": "…", "pages": ["<html>…"], "scripts": ["…"]}  > small.css
 *
 * `scripts` are those that add elements to the pages. The first styles are for what is seen before the whole sheet has come: see
 * overrides/styles/waiting.css.
 */
import { text } from "node:stream/consumers";
import { transform } from "lightningcss";
import postcss from "postcss";
import { PurgeCSS } from "purgecss";
import fromHtml from "purgecss-from-html";

// The oldest browsers that know what the site's own styles use, as lightningcss writes versions.
const BROWSERS = { chrome: 123 << 16, firefox: 125 << 16, safari: (17 << 16) | (5 << 8) };
// The site's colours by the theme's names, and where the theme has its own.
const COLOURS = "[data-md-color-scheme]";
const SCHEME = /^(:root|\[data-md-color-scheme=[^\]]+\])$/;
const LATER = {
  states: /:(active|checked|focus|hover|target)|::(marker|-webkit-)/,
  elements: /\.md-(footer|overlay|sidebar|skip)[^ >+~]*$/,
  properties: /^(-webkit-|-moz-|cursor|outline|color-adjust|print-|resize|scroll|touch-|transition)/,
};
const rulesOf = (sheet) => {
  const rules = [];
  sheet.walkRules((rule) => void rules.push(rule));
  return rules;
};
const { css, pages, scripts } = JSON.parse(await text(process.stdin));

function withoutSelectors(sheet, isNeedless) {
  for (const rule of rulesOf(sheet)) {
    const selectors = rule.selectors.filter((selector) => !isNeedless(selector));
    if (selectors.length) rule.selectors = selectors;
    else rule.remove();
  }
}

/** Leaves out what a later rule for the same elements replaces: the site's rules come after the theme's. */
function withoutReplaced(sheet) {
  const replaced = new Map();
  const always = ({ parent }) => parent.type === "root" || parent.params === "screen";
  for (const rule of rulesOf(sheet).filter(always).reverse()) {
    // Each page has one of the colour schemes, so that what the site has for all of them replaces what the theme has for one.
    const selectors = rule.selectors.map((selector) => (SCHEME.test(selector) ? COLOURS : selector));
    const own = rule.nodes.filter(({ type }) => type === "decl");
    for (const one of own)
      if (!one.important && selectors.every((selector) => replaced.get(selector)?.has(one.prop))) one.remove();
    if (rule.parent === sheet)
      for (const selector of rule.selectors)
        replaced.set(selector, new Set([...(replaced.get(selector) ?? []), ...own.map(({ prop }) => prop)]));
  }
}

/** Leaves out what the theme has for more tabs than any page. */
function withoutMoreTabs(sheet) {
  const most = Math.max(0, ...pages.flatMap((page) => [...page.matchAll(/id="__tabbed_\d+_(\d+)"/g)]).map(([, n]) => Number(n)));
  withoutSelectors(sheet, (selector) => Number(/input:nth-child\((\d+)\)/.exec(selector)?.[1]) > most);
}

/** Leaves out what is for paper, for somebody who does something, or for what waits. */
function withoutLater(sheet) {
  sheet.walkAtRules((rule) => {
    if (rule.name === "page" || rule.params === "print") rule.remove();
  });
  withoutSelectors(sheet, (selector) => LATER.states.test(selector) || LATER.elements.test(selector));
  sheet.walkDecls((one) => {
    if (LATER.properties.test(one.prop)) one.remove();
  });
}

const names = (script) => {
  const found = [...new Set(script.match(/\b[a-z]+(?:-[a-z]+)*-[\w-]+/g))];
  const values = [...new Set(script.match(/[\w-]+/g))];
  return { attributes: { names: found, values }, classes: found, ids: found, tags: [], undetermined: [] };
};
// The theme waits for a script to tell whether the focus is to be seen. Browsers know.
const sheet = postcss.parse(css.replace(/\.focus-visible/g, ":focus-visible"));
withoutReplaced(sheet);
withoutMoreTabs(sheet);
if (process.argv.includes("--first")) withoutLater(sheet);
const [purged] = await new PurgeCSS().purge({
  css: [{ raw: sheet.toString() }],
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
const { code } = transform({ filename: "small.css", code: Buffer.from(purged.css), minify: true, targets: BROWSERS });
// Some are included in a template, where {# begins a comment.
process.stdout.write(code.toString().replaceAll("{#", "{ #"));
