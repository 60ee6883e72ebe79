// @ts-check
/** What a query seeks: each term that a page may have, and how much it is to tell. There is no query language: a quote means nothing. */
import { isWord, pairs, parts, roots, runs, terms } from "./search-terms.js";

/**
 * @typedef {Map<string, number>} Known  On how many pages each term is.
 * @typedef {{names: string[], pages: string[]}} Concept  What a term of the glossary is called, and the pages that it leads to.
 */

/** How much a match tells: of a term, of a part of it, of one spelt almost like it, of what the glossary calls the same, of its roots. */
const [TERM, PART, LIKE, ALIAS, ROOT] = [1, 0.5, 0.7, 0.3, 0.15];
/** The same of two terms side by side; in a question less, where one of them is common, as in "not loaded". */
const [PAIR, LOOSE_PAIR] = [1, 0.3];
const LONGEST_QUERY = 4000;
/** What is longer is no question but a message, whose words are meant as they are. */
const LONGEST_QUESTION = 200;
const COMMON = new Set(
  `a an and are as at be been but by can could did do does for from get getting had has have how i if in is it its me my no not of
  on or so than that the then there this to was were what when where which while why will with you your`.split(/\s+/),
);
const CAMEL_CASE = /\b[A-Z]\w*[a-z][A-Z]\w*/g;

/** @param {string} term  @param {number} weight  @returns {[string, number]} */
function weighed(term, weight) {
  return [term, weight];
}

/** Each sought term with how much it tells: the most, where it is sought twice. @param {[string, number][]} all */
function strongest(all) {
  const weights = new Map();
  for (const [term, weight] of all) weights.set(term, Math.max(weight, weights.get(term) ?? 0));
  return weights;
}

/**
 * How many characters have to be left out, put in, changed or swapped between two words, at most; a number above `most` if more.
 * @param {string} one  @param {string} other  @param {number} most
 */
function distance(one, other, most) {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  /** @type {number[]} */
  let before = [];
  let last = [...Array(other.length + 1).keys()];
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + Number(one[i - 1] !== other[j - 1]));
      const isSwapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      if (isSwapped) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    [before, last] = [last, row];
  }
  return last[other.length];
}

/**
 * What a term that no page has may stand for: what begins like it, or else what is spelt almost like it.
 * @param {string} term  @param {Known} known  @returns {[string, number][]}
 */
function meant(term, known) {
  const words = [...known.keys()].filter(isWord);
  const begun = words.filter((word) => word.startsWith(term));
  if (begun.length || !/^[a-z_]{5,}$/.test(term)) return begun.map((word) => weighed(word, ROOT));
  const most = term.length > 7 ? 2 : 1;
  const near = words.filter((word) => word[0] === term[0] && distance(term, word, most) <= most);
  return near.map((word) => weighed(word, LIKE));
}

/** Whether a text has a name, as a whole word where words have spaces. @param {string} name  @param {string} text */
function has(name, text) {
  if (!text.includes(name)) return false;
  const literal = name.replace(/[^\w ]/g, "\\$&");
  return !/^\w/.test(name) || new RegExp(`(?<![a-z0-9_])${literal}(?![a-z0-9_])`).test(text);
}

/**
 * The terms of what the glossary calls the same as something in a text, in either language.
 * @param {string} text  @param {Concept[]} glossary
 */
function called(text, glossary) {
  const lower = text.normalize("NFKC").toLowerCase();
  // The first two are the term itself and its translation; of what it is called as well, much has other meanings, too.
  return glossary
    .map(({ names }) => names.map((name) => name.toLowerCase()))
    .filter((names) => names.some((name) => has(name, lower)))
    .flatMap((names) => names.slice(0, 2).filter((name) => !has(name, lower)).flatMap(terms));
}

/** The terms side by side in a text, as a name may join them. @param {string[]} all  @param {number} n  @param {string} by */
function joined(all, n, by) {
  return all.map((_, i) => all.slice(i, i + n).join(by));
}

/** Names in CamelCase that no page has, as the words that they are made of. @param {string} text  @param {Known} known */
function spaced(text, known) {
  return text.replace(CAMEL_CASE, (name) => (known.has(name.toLowerCase()) ? name : name.replace(/(?<=[a-z])(?=[A-Z])/g, " ")));
}

/**
 * @param {string} query  @param {Known} known  @param {Concept[]} glossary
 * @returns {Map<string, number>}  Each term that a page has, and how much it tells.
 */
export function sought(query, known, glossary) {
  const text = spaced(query.slice(-LONGEST_QUERY), known);
  const isQuestion = text.length <= LONGEST_QUESTION;
  const words = runs(text);
  const typed = words.flat();
  // A long word without spaces has many terms, and is not to tell more by that.
  const shares = new Map(words.flatMap((run) => run.map((term) => [term, 1 / Math.sqrt(run.length)])));
  const share = (/** @type {string} */ term) => shares.get(term) ?? 1;
  const isKnown = (/** @type {string} */ term) => known.has(term);
  const names = [2, 3].flatMap((n) => joined(typed, n, "")).filter((name) => /^\w+$/.test(name) && !typed.includes(name) && isKnown(name));
  const isOfName = (/** @type {string} */ term) => names.some((name) => name.startsWith(term) || name.endsWith(term));
  const telling = typed.filter((term) => !COMMON.has(term) && !term.includes("'") && !isOfName(term));
  const unknown = telling.filter((term) => !isKnown(term));
  const unspelt = unknown.filter((term) => !roots(term).some(isKnown) && (/^\w{4,}$/.test(term) || term === typed.at(-1)));
  const pairWeight = (/** @type {string} */ pair) => (isQuestion && pair.split(" ").some((term) => COMMON.has(term)) ? LOOSE_PAIR : PAIR);
  const rootsOf = (/** @type {string} */ term) => roots(term).map((root, _, { length }) => weighed(root, (ROOT / length) * share(term)));
  const all = [
    telling.flatMap(rootsOf),
    isQuestion ? called(text, glossary).filter((term) => !COMMON.has(term)).map((term) => weighed(term, ALIAS)) : [],
    parts(unknown).map((part) => weighed(part, PART)),
    unspelt.flatMap((term) => meant(term, known)),
    pairs(typed).map((pair) => weighed(pair, pairWeight(pair) * share(pair.split(" ")[0]))),
    telling.map((term) => weighed(term, TERM * share(term))),
    [...names, ...[2, 3, 4].flatMap((n) => joined(typed, n, "_"))].map((name) => weighed(name, TERM)),
  ];
  return strongest(all.flat().filter(([term]) => isKnown(term)));
}
