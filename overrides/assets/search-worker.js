// @ts-check
/**
 * Ranks pages for what is typed or pasted into the search box, in place of the theme's worker, whose protocol it speaks.
 *
 * @typedef {{location: string, title: string, text: string, tags?: string[]}} Section  As in search_index.json, where title and
 *   text are HTML.
 * @typedef {{name: string, kind: string, isAside: boolean, isOfError: boolean, told: string, answer: string}} About  What the build
 *   says of a page: its name in the navigation, what its kind is called, whether it is about no error, or about one code, what the home
 *   page says of it, its answer.
 * @typedef {{about: About, sections: Section[]}} Page
 * @typedef {import("./search-query.js").Known} Known
 * @typedef {import("./search-query.js").Concept} Concept
 */
import MiniSearch from "./minisearch.js";
import { sought } from "./search-query.js";
import { isWord, pairs, parts, plain, roots, terms } from "./search-terms.js";

/** The types of the theme's messages: what to search in, that the worker is ready, a query, its result. */
const [SETUP, READY, QUERY, RESULT] = [0, 1, 2, 3];
/** How much a term tells by the field that has it. */
const FIELDS = { title: 3.5, name: 6, address: 2, tags: 12, glossary: 1, told: 3.5, heading: 0.6, prose: 0.7, message: 5, code: 0.5 };
/** Where two terms side by side tell nothing more. */
const LOOSE = ["prose", "code"];
/** BM25+: how soon more of the same term tells nothing new, how much a long field is discounted, what any match is worth. */
const BM25 = { k: 2.3, b: 0.85, d: 0.2 };
/** What a page that is about no error is worth beside one that is. */
const ASIDE = 0.5;
/** A page about a code is among so many, if its error is named; it is the first, unless there is a term that fewer pages have. */
const [NAMED, RARE] = [3, 1 / 3];
const [MOST_PAGES, LEAST_SCORE] = [10, 0.03];
const [MOST_SECTIONS, LONGEST_TEASER] = [2, 160];

const BLOCK = /<pre><code>([^]*?)<\/code><\/pre>/g;
const FRAME = /^[ |+]*File "[^\n]*(?:\n {4}[^\n]*)*/gm;
const RECORDING = /^(?:Traceback \(most recent|[\w.: ]*(?:Error|Exception|Warning)\b)/m;
const PARAGRAPH = /<(p|li)>([^]*?)<\/\1>/g;
const NAME_IN_CODE = /\b(?:[a-z]+_\w+|[A-Z]\w*[a-z][A-Z]\w*)\b/g;
const WORDS = new Intl.Segmenter(undefined, { granularity: "word" });

/** @param {string} text */
function escaped(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

/** Each line once: recordings of both series, and examples before and after, have most in common. @param {string[]} blocks */
function lines(blocks) {
  return [...new Set(blocks.join("\n").split("\n"))].join("\n");
}

/** @param {Page} page  @param {Concept[]} glossary  @returns {Record<string, string>} */
function fields({ about, sections }, glossary) {
  const [page, ...others] = sections;
  const html = sections.map(({ text }) => text).join("\n");
  const blocks = [...html.matchAll(BLOCK)].map(([, block]) => plain(block));
  const messages = blocks.filter((block) => RECORDING.test(block)).map((block) => block.replace(FRAME, ""));
  return {
    title: plain(page.title),
    name: about.name,
    address: page.location,
    tags: (page.tags ?? []).join("\n"),
    glossary: glossary.filter(({ pages }) => pages.includes(page.location)).flatMap(({ names }) => names).join("\n"),
    told: plain(about.told),
    heading: others.map(({ title }) => plain(title)).join("\n"),
    prose: plain(html.replace(BLOCK, " ")),
    message: lines(messages),
    code: lines(blocks),
  };
}

/** All that a query may seek in a text. @param {string} text  @param {boolean} paired */
function tokens(text, paired) {
  const whole = terms(text);
  const all = [...whole, ...parts(whole)];
  return [...all, ...all.flatMap(roots), ...(paired ? pairs(whole) : [])];
}

/** @param {Record<string, string[]>[]} pages  The tokens of each field.  @returns {Known} */
function known(pages) {
  const counts = new Map();
  for (const page of pages)
    for (const token of new Set(Object.values(page).flat())) counts.set(token, (counts.get(token) ?? 0) + 1);
  return counts;
}

/** What the error of a page about a code is called in code. @param {Page} page */
function errorNames({ about, sections }) {
  const names = about.isOfError ? `${sections[0].title} ${about.name}`.match(NAME_IN_CODE) : [];
  return (names ?? []).map((name) => name.toLowerCase());
}

/**
 * The found pages with those about the sought error in their place: nearly every page has its name, so that the ranking can't tell.
 * @param {{id: number, score: number}[]} found  @param {Map<string, number>} weights
 * @param {string[][]} errors  What the error of each page is called.  @param {(term: string) => boolean} isRare
 */
function withErrors(found, weights, errors, isRare) {
  const words = [...weights.keys()].filter(isWord);
  return errors.reduce((pages, names, id) => {
    const at = pages.findIndex((page) => page.id === id);
    if (at < 0 || !names.some((name) => weights.has(name))) return pages;
    const isMore = words.some((word) => isRare(word) && !names.some((name) => name.includes(word)));
    const place = Math.min(at, isMore ? NAMED - 1 : 0);
    const others = pages.filter((page) => page.id !== id);
    return [...others.slice(0, place), { ...pages[at], score: found[0].score }, ...others.slice(place)];
  }, found);
}

/** @type {Map<string, Set<string>>} */
const read = new Map();

/** How much of what is sought a text of the index contains. @param {string} text  @param {Map<string, number>} weights */
function worth(text, weights) {
  const has = read.get(text) ?? new Set(tokens(text, false));
  read.set(text, has);
  return [...weights].reduce((sum, [term, weight]) => sum + (has.has(term) ? weight : 0), 0);
}

/** A text as HTML, with the sought terms marked. @param {string} text  @param {Map<string, number>} weights */
function marked(text, weights) {
  const words = [...weights.keys()].filter(isWord);
  if (!words.length) return escaped(text);
  const starts = words.map((word) => (/^\w/.test(word) ? `\\b${word}` : word));
  const pieces = text.split(new RegExp(`((?:${starts.join("|")})+)`, "i"));
  return pieces.map((piece, i) => (i % 2 ? `<mark>${escaped(piece)}</mark>` : escaped(piece))).join("");
}

/** @param {string} text */
function shortened(text) {
  if (text.length <= LONGEST_TEASER) return text;
  // A few characters more are enough to see where the word begins.
  const cut = WORDS.segment(text.slice(0, 1.2 * LONGEST_TEASER)).containing(LONGEST_TEASER)?.index ?? 0;
  return `${text.slice(0, cut).trimEnd()}…`;
}

/**
 * The paragraph of a section that has most of what is sought. Code and the labels of tabs say nothing by themselves.
 * @param {Section} section  @param {Map<string, number>} weights
 */
function teaser(section, weights) {
  const paragraphs = section.text.replace(BLOCK, " ").replace(/<\/?code>/g, "").matchAll(PARAGRAPH);
  const sentences = [...paragraphs].map(([, , html]) => plain(html).replace(/\s+/g, " ").trim());
  const [best] = sentences
    .map((sentence) => ({ sentence, value: worth(sentence, weights) }))
    .sort((a, b) => b.value - a.value);
  return best?.sentence ?? "";
}

/**
 * A page with its answer and kind, and its best sections, as the theme shows them.
 * @param {Page} page  @param {number} score  @param {Map<string, number>} weights
 */
function shown({ about, sections: [page, ...others] }, score, weights) {
  const valued = others.map((section) => ({ section, value: worth(plain(`${section.title} ${section.text}`), weights) }));
  const best = valued.filter(({ value }) => value).sort((a, b) => b.value - a.value).slice(0, MOST_SECTIONS);
  const item = (/** @type {Section} */ { location, title }, /** @type {string} */ text, /** @type {number} */ score) => ({
    location,
    title: marked(plain(title), weights),
    text: marked(shortened(text), weights),
    terms: {},
    score,
  });
  return [
    { ...item(page, plain(about.answer), score), tags: [escaped(about.kind)] },
    // The theme hides the page's own text unless its sections score less.
    ...best.map(({ section }) => item(section, teaser(section, weights), 0)),
  ];
}

/**
 * @param {Page[]} pages  @param {Concept[]} glossary
 * @returns {(query: string) => object[][]}  What finds the pages for a query, best first.
 */
function searchIn(pages, glossary) {
  const all = pages.map((page) =>
    Object.fromEntries(Object.entries(fields(page, glossary)).map(([field, text]) => [field, tokens(text, !LOOSE.includes(field))])),
  );
  const counts = known(all);
  const errors = pages.map(errorNames);
  const having = (/** @type {string} */ term) => counts.get(term) ?? 0;
  // The engine's own is by field: there, a term that all pages have and few titles would tell much.
  const rarity = (/** @type {string} */ term) => Math.log(1 + (pages.length - having(term) + 0.5) / (having(term) + 0.5));
  const engine = new MiniSearch({
    fields: Object.keys(FIELDS),
    stringifyField: (/** @type {string[]} */ field) => field,
    tokenize: (/** @type {string[]} */ field) => field,
    processTerm: (/** @type {string} */ term) => term,
  });
  engine.addAll(all.map((page, id) => ({ id, ...page })));
  return (query) => {
    const weights = sought(query, counts, glossary);
    const found = engine.search([...weights.keys()].join("\n"), {
      tokenize: (/** @type {string} */ all) => all.split("\n"),
      boost: FIELDS,
      bm25: BM25,
      boostTerm: (/** @type {string} */ term) => (weights.get(term) ?? 0) * rarity(term),
      boostDocument: (/** @type {number} */ id) => (pages[id].about.isAside ? ASIDE : 1),
    });
    const isRare = (/** @type {string} */ term) => having(term) < RARE * pages.length;
    const best = withErrors(found, weights, errors, isRare).slice(0, MOST_PAGES);
    return best
      .filter(({ score }) => score > best[0].score * LEAST_SCORE)
      .map(({ id, score }) => shown(pages[id], score, weights));
  };
}

/** @param {string} file  One of those that the build puts beside the index.  @returns {Promise<any>} */
async function fetched(file) {
  return (await fetch(new URL(`../search/${file}`, location.href))).json();
}

async function load() {
  const [index, data] = await Promise.all(["search_index.json", "pages.json"].map(fetched));
  const links = new RegExp(` ${data.proof}(?=\\s*</(?:p|li)>)`, "g");
  const docs = /** @type {Section[]} */ (index.docs).map((doc) => ({ ...doc, text: doc.text.replace(links, "") }));
  const glossary = docs.filter(({ location }) => location in data.terms).map(({ location, title, text }) => {
    const also = plain(text).match(data.aliases)?.[1] ?? "";
    const names = `${plain(title)},${also}`.split(/[,、，「」()（）]/).map((name) => name.trim());
    return { names: names.filter((name) => name.length > 1), pages: data.terms[location] };
  });
  /** @type {Map<string, Page>} */
  const pages = new Map();
  for (const doc of docs) {
    const [page] = doc.location.split("#");
    pages.set(page, { about: data.pages[page], sections: [...(pages.get(page)?.sections ?? []), doc] });
  }
  return searchIn([...pages.values()], glossary);
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
