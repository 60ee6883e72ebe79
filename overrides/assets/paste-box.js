// @ts-check
/**
 * The paste box of the home page. All words stand in the page itself: the entries in its tables, each reason in a
 * <template>. What is pasted stays in this page and is only ever shown as text.
 */
import { diagnose, prepared } from "./diagnose.js";
import { ownLine, subject } from "./traceback.js";

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

/** @param {string[]} slugs  @param {string} kind  A list of links to entries, each with what its reader sees. */
function list(slugs, kind) {
  const items = slugs.flatMap((slug) => {
    const entry = entries.get(slug);
    if (!entry) return [];
    const link = /** @type {HTMLAnchorElement} */ (entry.link.cloneNode(true));
    link.dataset.slug = slug;
    const item = document.createElement("li");
    item.append(link, document.createElement("br"), ...(entry.seen?.cloneNode(true).childNodes ?? []));
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
  const where = line && [line.path, line.line, line.name].filter(Boolean).join(", ");
  output.replaceChildren(
    ...(text.length > LONGEST_SHOWN ? [words("shortened")] : []),
    words(state === "found" ? (reason ?? "") : state),
    words("line", { where, source: line?.source }),
    words("attribute", { attribute: what.attribute }),
    words(what.direction ?? "", { table: what.table }),
    words("columns", { columns: what.columns?.join(", ") }),
    ...(slugs.length > 1 ? [words(`question-${reason}`)] : []),
    list(slugs, "ol"),
    ...(byProducts.length ? [words("by-products"), list(byProducts, "ul")] : []),
  );
}

const index = prepared(await (await fetch(new URL("paste-index.json", import.meta.url))).json());
box.addEventListener("input", () => answer(index));
answer(index);
output.dataset.ready = "true";
