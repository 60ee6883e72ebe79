// @ts-check
/**
 * Ranks pages for what is typed or pasted into the search box, in place of the theme's worker, whose protocol it speaks.
 * There is no query language: in a pasted message, a colon, a quote or a minus means nothing. What is pasted matches by its
 * words and their order; what differs from run to run is left out on both sides.
 *
 * @typedef {{location: string, title: string, text: string, tags?: string[], name?: string}} Section  As in
 *   search_index.json, where title and text are HTML, and the name that the page has in the navigation.
 * @typedef {{counted: Map<string, number>, length: number}} Bag  How often it has each term, and how long it is.
 * @typedef {{prominence: number, usual: number, texts: Bag[]}[]} Index  For each field its text on each page, and their length.
 */

/** The types of the theme's messages: what to search in, that the worker is ready, a query, its result. */
const [SETUP, READY, QUERY, RESULT] = [0, 1, 2, 3];
/** How prominent a term is in a field. */
const FIELDS = { title: 3, name: 2, address: 1, tags: 6, heading: 0.7, prose: 1, message: 1, code: 0.3 };
/** How much a match tells: of a term, of its roots, and of two terms side by side. */
const [TERM, ROOT, PAIR] = [1, 0.4, 2];
/** Okapi BM25: how soon more of the same term tells nothing new, and how much a long page has to be discounted. */
const [SATURATION, DISCOUNT] = [1.2, 0.75];
const LONGEST_QUERY = 4000;
const [MOST_PAGES, LEAST_SCORE] = [10, 0.1];
const [MOST_SECTIONS, LONGEST_TEASER] = [2, 160];

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
const COMMON = new Set(
  `a an and are as at be been but by can could did do does for from get getting had has have how i if in is it its me my no not of
  on or so than that the then there this to was were what when where which while why will with you your`.split(/\s+/),
);
const BLOCK = /<pre><code>([^]*?)<\/code><\/pre>/g;
const FRAME = /^[ |+]*File "[^\n]*(?:\n {4}[^\n]*)*/gm;
const RECORDING = /^(?:Traceback \(most recent|[\w.: ]*(?:Error|Exception|Warning)\b)/m;

/** @param {string} text */
function withoutVarying(text) {
  const linked = text.normalize("NFKC").replace(ERROR_LINK, " $1 ");
  return VARYING.reduce((rest, varying) => rest.replace(varying, " "), linked);
}

/**
 * The terms of a text, in order. Japanese has no spaces: there each two neighbouring characters are a term, with exceptions,
 * and so is each longer word in katakana or kanji.
 * @param {string} text
 */
function terms(text) {
  return (withoutVarying(text).toLowerCase().match(RUN) ?? []).flatMap((run) => {
    if (/^\w/.test(run)) return [run];
    const neighbours = [...run].slice(1).map((character, i) => run[i] + character);
    return [...neighbours.filter((two) => !NO_TERM.test(two)), ...(run.match(WORD_IN_ONE_SCRIPT) ?? [])];
  });
}

/**
 * What related words share, marked, so that it is no term: the stem of "loads", "loaded" and "loading", and the parts of words
 * in katakana, which are often composed.
 * @param {string} term
 */
function roots(term) {
  if (/^[\u30a1-\u30ff]/.test(term)) return [...term].slice(1).map((character, i) => `~${term[i]}${character}`);
  const bare = term.length > 4 ? term.replace(/ies$/, "y").replace(/(?:ing|ed|es|s|e)$/, "") : term;
  return [`~${bare.replace(/([^_])\1$/, "$1")}`];
}

/** @param {string[]} all */
function pairs(all) {
  return all.slice(1).map((term, i) => `${all[i]} ${term}`);
}

/** The parts of names in snake_case. @param {string[]} all */
function parts(all) {
  return all.filter((term) => term.includes("_")).flatMap((term) => term.split("_").filter(Boolean));
}

/** @param {string} html */
function plain(html) {
  const text = html.replace(/<[^>]*>/g, " ");
  return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

/** Each line once: recordings of both series, and examples before and after, have most in common. @param {string[]} blocks */
function lines(blocks) {
  return [...new Set(blocks.join("\n").split("\n"))].join("\n");
}

/** @param {Section[]} sections  Of one page, the page itself first.  @returns {Record<string, string>} */
function fields([page, ...others]) {
  const html = [page, ...others].map(({ text }) => text).join("\n");
  const blocks = [...html.matchAll(BLOCK)].map(([, block]) => plain(block));
  const messages = blocks.filter((block) => RECORDING.test(block)).map((block) => block.replace(FRAME, ""));
  return {
    title: plain(page.title),
    name: page.name ?? "",
    address: page.location,
    tags: (page.tags ?? []).join("\n"),
    heading: others.map(({ title }) => plain(title)).join("\n"),
    prose: plain(html.replace(BLOCK, " ")),
    message: lines(messages),
    code: lines(blocks),
  };
}

/** @param {string} text  @param {boolean} paired  @returns {Bag} */
function counts(text, paired) {
  const whole = terms(text);
  const all = [...whole, ...parts(whole)];
  const counted = new Map();
  for (const term of [...all, ...all.flatMap(roots), ...(paired ? pairs(whole) : [])])
    counted.set(term, (counted.get(term) ?? 0) + 1);
  return { counted, length: all.length };
}

/** @param {Section[][]} pages  @returns {Index} */
function indexOf(pages) {
  const all = pages.map(fields);
  return Object.entries(FIELDS).map(([field, prominence]) => {
    const texts = all.map((page) => counts(page[field], field !== "code"));
    return { prominence, usual: texts.reduce((sum, { length }) => sum + length, 0) / texts.length, texts };
  });
}

/**
 * How much a term tells for each page. It is Okapi BM25, field by field: what is common in the texts may be rare in the titles.
 * @param {string} term  @param {Index} index
 */
function values(term, index) {
  const sums = index[0].texts.map(() => 0);
  for (const { prominence, usual, texts } of index) {
    const having = texts.filter(({ counted }) => counted.has(term)).length;
    const rarity = Math.log(1 + (texts.length - having + 0.5) / (having + 0.5));
    texts.forEach(({ counted, length }, i) => {
      const count = counted.get(term) ?? 0;
      const enough = SATURATION * (1 - DISCOUNT + (DISCOUNT * length) / (usual || 1));
      sums[i] += (prominence * rarity * count) / (count + enough);
    });
  }
  return sums;
}

/** @param {string} term  @param {Index} index */
function isKnown(term, index) {
  return index.some(({ texts }) => texts.some(({ counted }) => counted.has(term)));
}

/** The terms that begin like this. @param {string} start  @param {Index} index */
function begun(start, index) {
  const all = new Set(index.flatMap(({ texts }) => texts.flatMap(({ counted }) => [...counted.keys()])));
  return [...all].filter((term) => term.startsWith(start));
}

/**
 * How much each term of a query is to tell. One that no page has tells nothing, unless it is still being typed.
 * @param {string} query  @param {Index} index
 */
function weighed(query, index) {
  const typed = terms(query.slice(-LONGEST_QUERY));
  const unfinished = typed.slice(-1).filter((term) => !isKnown(term, index));
  const names = typed.slice(1).map((term, i) => typed[i] + term).filter((name) => isKnown(name, index));
  const snakes = typed.flatMap((_, i) => [2, 3, 4].map((n) => typed.slice(i, i + n).join("_")));
  const isOfName = (/** @type {string} */ term) => names.some((name) => name.startsWith(term) || name.endsWith(term));
  const telling = typed.filter((term) => !COMMON.has(term) && !term.includes("'") && !isOfName(term));
  /** @type {[string[], number][]} */
  const kinds = [
    ...telling.map(roots).map((all) => /** @type {[string[], number]} */ ([all, ROOT / all.length])),
    [unfinished.flatMap((start) => begun(start, index)), ROOT],
    [pairs(typed), PAIR],
    [[...names, ...snakes, ...telling], TERM],
  ];
  return new Map(kinds.flatMap(([all, weight]) => all.map((term) => [term, weight])));
}

/** @param {Map<string, number>} weights  @param {Section[][]} pages  @param {Index} index */
function ranked(weights, pages, index) {
  const scores = pages.map(() => 0);
  for (const [term, weight] of weights) values(term, index).forEach((value, i) => (scores[i] += weight * value));
  const scored = pages.map((page, i) => ({ page, score: scores[i] }));
  return scored.filter(({ score }) => score).sort((a, b) => b.score - a.score);
}

/** How much of what is sought a text contains. @param {string} text  @param {Map<string, number>} weights */
function worth(text, weights) {
  const whole = terms(text);
  const all = new Set([...whole, ...parts(whole), ...whole.flatMap(roots)]);
  return [...all].reduce((sum, term) => sum + (weights.get(term) ?? 0), 0);
}

/** A text as HTML, with the sought terms marked. @param {string} text  @param {Map<string, number>} weights */
function marked(text, weights) {
  const sought = [...weights.keys()].filter((term) => !/[~ ]/.test(term));
  if (!sought.length) return escaped(text);
  const starts = sought.map((term) => (/^\w/.test(term) ? `\\b${term}` : term));
  const pieces = text.split(new RegExp(`((?:${starts.join("|")})+)`, "i"));
  return pieces.map((piece, i) => (i % 2 ? `<mark>${escaped(piece)}</mark>` : escaped(piece))).join("");
}

/** The line of a section that has most of what is sought. @param {Section} section  @param {Map<string, number>} weights */
function teaser(section, weights) {
  const all = plain(section.text.replace(/<\/(?:p|li)>/g, "\n")).split("\n");
  const [best] = all
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => ({ line, value: worth(line, weights) }))
    .sort((a, b) => b.value - a.value);
  return best ? marked(best.line.slice(0, LONGEST_TEASER), weights) : "";
}

/**
 * A page and its best sections, as the theme shows them.
 * @param {Section[]} sections  @param {number} score  @param {Map<string, number>} weights
 */
function shown([page, ...others], score, weights) {
  const valued = others.map((section) => ({ section, value: worth(plain(`${section.title} ${section.text}`), weights) }));
  const best = valued.filter(({ value }) => value).sort((a, b) => b.value - a.value).slice(0, MOST_SECTIONS);
  return [page, ...best.map(({ section }) => section)].map((section) => ({
    location: section.location,
    title: marked(plain(section.title), weights),
    text: teaser(section, weights),
    terms: {},
    score,
  }));
}

/** @param {Section[]} docs  @returns {(query: string) => object[][]}  What finds the pages for a query, best first. */
function searchIn(docs) {
  /** @type {Map<string, Section[]>} */
  const pages = new Map();
  for (const doc of docs) {
    const [page] = doc.location.split("#");
    pages.set(page, [...(pages.get(page) ?? []), doc]);
  }
  const all = [...pages.values()];
  const index = indexOf(all);
  return (query) => {
    const weights = weighed(query, index);
    const found = ranked(weights, all, index).slice(0, MOST_PAGES);
    return found
      .filter(({ score }) => score > found[0].score * LEAST_SCORE)
      .map(({ page, score }) => shown(page, score, weights));
  };
}

/** @param {string} file  One of those that the build puts beside the index.  @returns {Promise<any>} */
async function fetched(file) {
  return (await fetch(new URL(`../search/${file}`, location.href))).json();
}

async function load() {
  const [index, names] = await Promise.all(["search_index.json", "names.json"].map(fetched));
  const docs = /** @type {Section[]} */ (index.docs);
  return searchIn(docs.map((doc) => ({ ...doc, name: names[doc.location] })));
}

/** @type {ReturnType<typeof load>} */
let search;
addEventListener("message", async ({ data: { type, data } }) => {
  if (type === SETUP) {
    search = load();
    await search;
    postMessage({ type: READY });
  } else if (type === QUERY) {
    postMessage({ type: RESULT, data: { items: (await search)(data) } });
  }
});
