// @ts-check
/**
 * The paste box of the home page. All words stand in the page itself: the entries in its tables, each reason in a
 * <template>. What is pasted stays in this page and is only ever shown as text.
 */
import { diagnose, prepared } from "./diagnose.js";
import { readOf } from "./expression.js";
import { ownLine, subject, tokens } from "./traceback.js";

/** A browser needs many seconds to lay out a megabyte in a text area, so the box keeps the end of a longer text. */
const LONGEST_SHOWN = 50_000;
const box = /** @type {HTMLTextAreaElement} */ (document.querySelector("textarea#traceback"));
const output = /** @type {HTMLElement} */ (document.querySelector("#diagnosis"));
const entries = new Map(
  [...document.querySelectorAll("article table a[href]")].map((link) => [
    link.getAttribute("href")?.replace(/\/$/, "").split("/").pop() ?? "",
    { link, seen: link.closest("tr")?.cells[0] },
  ]),
);

/**
 * A copy of a template, with text in its slots; a slot without text is left out with the paragraph around it.
 * @param {string} name  @param {Record<string, string | undefined>} texts
 */
function words(name, texts = {}) {
  const template = /** @type {HTMLTemplateElement | null} */ (document.querySelector(`template[data-words="${name}"]`));
  const copy = /** @type {DocumentFragment} */ (template?.content.cloneNode(true) ?? document.createDocumentFragment());
  for (const slot of copy.querySelectorAll("[data-slot]")) {
    const text = texts[/** @type {HTMLElement} */ (slot).dataset.slot ?? ""];
    if (text) slot.textContent = text;
    else slot.closest("p")?.remove();
  }
  return copy;
}

/**
 * The fix of an entry in the reader's own names, if its page has such words and the text names what was read.
 * @param {string} slug  @param {import("./expression.js").Read | undefined} read  @param {Record<string, string[]>} fixes
 */
function fix(slug, read, fixes) {
  const kind = Object.keys(fixes).find((kind) => fixes[kind].includes(slug));
  if (!kind || !read) return [];
  const template = /** @type {HTMLTemplateElement} */ (document.querySelector(`template[data-words="fix-${kind}"]`));
  const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  const model = (name = "") => name.charAt(0).toUpperCase() + name.slice(1).replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
  const [first, parent] = read.path;
  /** @type {Record<string, string>} */
  const names = {
    read: read.path.join("."),
    object: read.object,
    attribute: read.attribute,
    model: model(kind === "nested" ? first : read.path.at(-2)),
    parent,
    "parent-model": model(parent),
  };
  for (const place of copy.querySelectorAll("[data-name]")) {
    const name = /** @type {HTMLElement} */ (place).dataset.name ?? "";
    place.textContent = names[name];
  }
  return copy.querySelector("mark") ? [copy, words("guess")] : [copy];
}

/** @param {string[]} slugs  @param {string} kind  A list of links to entries, each with what its reader sees. */
function list(slugs, kind) {
  const items = slugs.flatMap((slug) => {
    const entry = entries.get(slug);
    if (!entry) return [];
    const link = /** @type {HTMLAnchorElement} */ (entry.link.cloneNode(true));
    link.dataset.slug = slug;
    const item = document.createElement("li");
    item.append(link, document.createElement("br"), ...[...(entry.seen?.cloneNode(true).childNodes ?? [])].filter((node) => !(node instanceof Element && node.matches(".run"))));
    return [item];
  });
  const whole = document.createElement(kind);
  whole.append(...items);
  return whole;
}

/** @param {import("./diagnose.js").Index} index */
function answer(index) {
  const text = box.value;
  if (text.length > LONGEST_SHOWN) box.value = text.slice(-LONGEST_SHOWN);
  const { state, reason, slugs, byProducts, segment } = diagnose(text, index);
  output.dataset.state = state;
  if (state === "empty") return output.replaceChildren();
  const line = segment && ownLine(segment);
  const what = segment ? subject(segment, index.reading) : {};
  const kind = segment && tokens(segment, index.reading).has("state.load_expired") ? "expired" : "row";
  const read = segment && readOf(segment, line?.source ?? "", kind);
  const where = line && [line.path, line.line, line.name].filter(Boolean).join(", ");
  output.replaceChildren(
    ...(text.length > LONGEST_SHOWN ? [words("shortened")] : []),
    words(state === "found" ? (reason ?? "") : state),
    words("line", { where, source: line?.source }),
    words("attribute", { attribute: what.attribute ?? read?.path.join(".") }),
    words(what.direction ?? "", { table: what.table }),
    words("columns", { columns: what.columns?.join(", ") }),
    ...(state === "found" ? fix(slugs[0], read, index.rules.fixes) : []),
    ...(slugs.length > 1 ? [words(`question-${reason}`)] : []),
    list(slugs, "ol"),
    ...(byProducts.length ? [words("by-products"), list(byProducts, "ul")] : []),
  );
}

const index = prepared(await (await fetch(new URL("paste-index.json", import.meta.url))).json());
box.addEventListener("input", () => answer(index));
answer(index);
output.dataset.ready = "true";
