// @ts-check
/**
 * The answer of the paste box as a card. All words are in the home page: the entries in its tables, all else in a
 * <template>. What was pasted is only ever shown as text.
 *
 * @typedef {ReturnType<typeof import("./diagnose.js").diagnose>} Diagnosis
 * @typedef {{link: HTMLAnchorElement, href: string, seen: Node[]}} Entry
 */
import { copies } from "./copying.js";
import { readOf } from "./expression.js";
import { OBJECT, namesIn } from "./names.js";
import { kindOf, ownLine, subject } from "./traceback.js";

/** A card is quick to read: so many other causes, and so many attributes, at most. */
const MOST_OTHERS = 3;
const MOST_ATTRIBUTES = 5;

/** @param {string} address  The page there, without its styles: this page's policy would refuse them, and the console say so. */
export async function pageAt(address) {
  const text = await (await fetch(address)).text();
  return new DOMParser().parseFromString(text.replace(/<style[^]*?<\/style>/g, ""), "text/html");
}

/** The words and entries of a home page, which may be another than the page that shows them. */
export class Words {
  /** @param {Document} home  @param {string} address  Where it is. */
  constructor(home, address) {
    this.home = home;
    this.address = address;
    /** @type {Map<string, Entry>} */
    this.entries = new Map();
    for (const row of /** @type {NodeListOf<HTMLTableRowElement>} */ (home.querySelectorAll("article table tr"))) {
      const link = /** @type {HTMLAnchorElement | null} */ (row.querySelector("a:not(.run)"));
      const href = link?.getAttribute("href") ?? "";
      if (link) this.entries.set(href.replace(/\/$/, "").split("/").pop() ?? "", { link, href, seen: [...row.cells[0].childNodes] });
    }
  }

  /**
   * A copy of a template, with text in its slots; what surrounds a slot without text is left out.
   * @param {string} name  @param {Record<string, string | undefined>} texts
   */
  of(name, texts = {}) {
    const template = /** @type {HTMLTemplateElement | null} */ (this.home.querySelector(`template[data-words="${name}"]`));
    const copy = template ? document.importNode(template.content, true) : document.createDocumentFragment();
    for (const slot of copy.querySelectorAll("[data-slot]")) {
      const { slot: key = "" } = /** @type {HTMLElement} */ (slot).dataset;
      if (!(key in texts)) continue;
      if (texts[key]) slot.textContent = texts[key];
      else slot.closest("p, pre")?.remove();
    }
    return copy;
  }

  /** @param {string} slug  A link to an entry, with the words that say why. */
  link(slug) {
    const entry = /** @type {Entry} */ (this.entries.get(slug));
    const link = document.importNode(entry.link, true);
    link.href = this.href(slug);
    link.dataset.slug = slug;
    return link;
  }

  /** @param {string} slug  The address of an entry, as this page would write it. */
  href(slug) {
    const href = this.entries.get(slug)?.href ?? "";
    return this.home === document ? href : new URL(href, this.address).href;
  }

  /** @param {string[]} slugs  A list of links to entries, each with what its reader sees. */
  list(slugs) {
    const items = slugs.map((slug) => {
      const item = document.createElement("li");
      const seen = (this.entries.get(slug)?.seen ?? []).map((node) => document.importNode(node, true));
      item.append(this.link(slug), document.createElement("br"), ...seen);
      return item;
    });
    const whole = document.createElement("ol");
    whole.append(...items);
    return whole;
  }
}

/** @param {ParentNode} whole  @param {string} part  @returns {HTMLElement | null} */
const partOf = (whole, part) => whole.querySelector(`[data-part="${part}"]`);

/** @param {ParentNode} whole  @param {string} part  @param {(Node | string)[]} content */
function fill(whole, part, ...content) {
  partOf(whole, part)?.append(...content);
}

/**
 * The fix of an entry in the reader's own names.
 * @param {Words} words  @param {string} slug  @param {ReturnType<typeof namesIn>} found  @param {Record<string, string[]>} fixes
 */
function fix(words, slug, found, fixes) {
  const kind = Object.keys(fixes).find((kind) => fixes[kind].includes(slug));
  if (!kind || !found.length) return [];
  const copy = words.of(`fix-${kind}`);
  for (const pre of copy.querySelectorAll("pre[data-each]")) {
    for (const { names } of found.slice(1, MOST_ATTRIBUTES)) {
      const another = /** @type {Element} */ (pre.cloneNode(true));
      place(another, names);
      pre.after(another);
    }
  }
  place(copy, found[0].names);
  for (const pre of copy.querySelectorAll("pre")) pre.after(copies(words.of("copy"), () => pre.textContent ?? ""));
  return [copy, ...(copy.querySelector("mark") ? [words.of("guess")] : [])];
}

/** @param {ParentNode} whole  @param {import("./names.js").Names} names  Puts them where nothing stands yet. */
function place(whole, names) {
  for (const empty of whole.querySelectorAll("[data-name]:empty")) {
    const { name = "" } = /** @type {HTMLElement} */ (empty).dataset;
    const text = names[/** @type {keyof typeof names} */ (name)];
    if (text !== OBJECT || empty.matches("mark")) empty.textContent = text;
    else {
      // A name that nothing tells is a guess, wherever it stands.
      const guess = document.createElement("mark");
      guess.textContent = text;
      empty.replaceChildren(guess);
    }
  }
}

/** @param {ParentNode} whole  @param {string} [failing]  Marks the expression that failed in the reader's line. */
function markFailing(whole, failing) {
  const code = whole.querySelector("[data-slot=source]");
  const [before, ...after] = failing ? (code?.textContent ?? "").split(failing) : [];
  if (!code || !after.length) return;
  const mark = document.createElement("mark");
  mark.textContent = failing ?? "";
  code.replaceChildren(before, mark, after.join(failing));
}

/** @param {Words} words  @param {Diagnosis} diagnosis  @param {import("./diagnose.js").Index} index  What the text itself says. */
function read(words, { segment }, index) {
  if (!segment) return document.createDocumentFragment();
  const line = ownLine(segment);
  const what = subject(segment, index.reading);
  const path = readOf(segment, line?.source ?? "", kindOf(segment, index.reading), what.columns)?.path.join(".");
  const shown = document.createDocumentFragment();
  shown.append(
    words.of("line", { where: line && [line.path, line.line, line.name].filter(Boolean).join(", "), source: line?.source }),
    words.of("attribute", { attribute: what.attribute ?? path }),
    words.of(what.direction ?? "", { table: what.table }),
    words.of("columns", { columns: what.columns?.join(", ") }),
  );
  markFailing(shown, path);
  return shown;
}

/**
 * The buttons of a question; a reader who presses one says which entry is theirs.
 * @param {Words} words  @param {string | undefined} reason  @param {(slug: string) => void} choose
 */
function question(words, reason, choose) {
  const copy = words.of(`question-${reason ?? "any"}`);
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (copy.querySelectorAll("[data-answer]")))
    button.addEventListener("click", () => choose(button.dataset.answer ?? ""));
  return copy;
}

/**
 * What the box shows below itself.
 * @param {Diagnosis} diagnosis  @param {import("./diagnose.js").Index} index  @param {Words} words
 * @param {(slug: string) => void} choose  Called with the entry that an answered question speaks for.
 * @returns {Node[]}
 */
export function answer(diagnosis, index, words, choose) {
  const { state, reason, slugs, byProducts, segment } = diagnosis;
  const known = slugs.filter((slug) => words.entries.has(slug));
  const [first] = known;
  if (state !== "found" || !first) {
    const asked = known.length ? [question(words, reason, choose), words.list(known)] : [];
    return [words.of(diagnosis.unread ? "unread" : state), read(words, diagnosis, index), ...asked];
  }
  const card = words.of("card");
  fill(card, "heading", words.link(first));
  fill(card, "reason", words.of(reason ?? ""));
  fill(card, "line", read(words, diagnosis, index));
  fill(card, "fix", ...(segment ? fix(words, first, namesIn(segment, index.reading), index.rules.fixes) : []));
  /** @type {HTMLAnchorElement | null} */ (partOf(card, "page"))?.setAttribute("href", words.href(first));
  const shared = new URL(`#found=${known.slice(0, 1 + MOST_OTHERS).join(",")}`, words.address).href;
  partOf(card, "page")?.after(copies(words.of("share"), () => shared));
  const others = known.slice(1, 1 + MOST_OTHERS);
  if (others.length) fill(card, "others", question(words, reason, choose), words.list(others));
  else partOf(card, "others")?.remove();
  const left = byProducts.filter((slug) => words.entries.has(slug));
  return [card, ...(left.length ? [words.of("by-products"), words.list(left)] : [])];
}
