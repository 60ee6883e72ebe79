// @ts-check
/** The terms of a text, the same for what is searched in and for what is sought: what differs from run to run is left out on both sides. */

const ERROR_LINK = /(?:https?:\/\/)?sqlalche\.me\/e\/\w+\/(\w+)/g;
/** What differs from run to run in a message: statements, objects with addresses, links, numbers. */
const VARYING = [
  /\[(?:SQL|parameters): [^\]]*\]?/g,
  /<[^<>]* at 0x[^<>]*>/g,
  /\(?Background on this error at:/g,
  /https?:\/\/\S*/g,
  /\b(?:0x\w+|\d+(?:\.\d+)*)\b/g,
];
const RUN = /[a-z0-9_]+(?:'[a-z]\b)?|[\u3005-\u3007\u3041-\u30ff\u3400-\u9fff]+/g;
/** Two characters that tell nothing by themselves: of an ending, with a particle, or inside of a word in katakana. */
const NO_TERM = /^[\u3041-\u309f]+$|[がをにはのとでもへや]|^[\u30a1-\u30ff]+$/;
const WORD_IN_ONE_SCRIPT = /[\u30a1-\u30ff]{2,}|[\u3005-\u3007\u3400-\u9fff]{3,}/g;

/** @param {string} text */
function withoutVarying(text) {
  const linked = text.normalize("NFKC").replace(ERROR_LINK, " $1 ");
  return VARYING.reduce((rest, varying) => rest.replace(varying, " "), linked);
}

/**
 * The terms of each word of a text, in order. Japanese has no spaces: there each two neighbouring characters are a term, with
 * exceptions, and so is each longer word in katakana or kanji.
 * @param {string} text  @returns {string[][]}
 */
export function runs(text) {
  return (withoutVarying(text).toLowerCase().match(RUN) ?? []).map((run) => {
    if (/^\w/.test(run)) return [run];
    const neighbours = [...run].slice(1).map((character, i) => run[i] + character);
    return [...neighbours.filter((two) => !NO_TERM.test(two)), ...(run.match(WORD_IN_ONE_SCRIPT) ?? [])];
  });
}

/** @param {string} text */
export function terms(text) {
  return runs(text).flat();
}

/**
 * What related words share, marked, so that it is no term: the stem of "loads", "loaded" and "loading", and the parts of words
 * in katakana, which are often composed.
 * @param {string} term
 */
export function roots(term) {
  if (/^[\u30a1-\u30ff]/.test(term)) return [...term].slice(1).map((character, i) => `~${term[i]}${character}`);
  const bare = term.length > 4 ? term.replace(/ies$/, "y").replace(/(?:ing|ed|es|s|e)$/, "") : term;
  return [`~${bare.replace(/([^_])\1$/, "$1")}`];
}

/** Each two terms side by side. @param {string[]} all */
export function pairs(all) {
  return all.slice(1).map((term, i) => `${all[i]} ${term}`);
}

/** The parts of names in snake_case. @param {string[]} all */
export function parts(all) {
  return all.filter((term) => term.includes("_")).flatMap((term) => term.split("_").filter(Boolean));
}

/** Whether a term is one that a text has, no root and no pair. @param {string} term */
export function isWord(term) {
  return !/[~ ]/.test(term);
}

/** @param {string} html */
export function plain(html) {
  const text = html.replace(/<[^>]*>/g, " ");
  return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}
