// @ts-check
/** What the paste box would say about a text, for the search: its entries as links, and the text kept for the box itself. */
import { Words, pageAt } from "./answer.js";
import { diagnose, prepared } from "./diagnose.js";

const MOST = 3;

/**
 * @param {string} text  What was pasted.  @param {string} home  The address of the home page.
 * @returns {Promise<HTMLAnchorElement[]>}  Links to the entries that explain it, the best first; none if that is unknown.
 */
export async function verdict(text, home) {
  try {
    sessionStorage.setItem("traceback", text);
  } catch {
    // Too long to be kept: then it has to be pasted again.
  }
  const [index, page] = await Promise.all([
    fetch(new URL("paste-index.json", import.meta.url)).then((response) => response.json()),
    pageAt(home),
  ]);
  const words = new Words(page, home);
  const { state, slugs } = diagnose(text, prepared(index));
  const known = state === "found" ? slugs.filter((slug) => words.entries.has(slug)) : [];
  return known.slice(0, MOST).map((slug) => words.link(slug));
}
