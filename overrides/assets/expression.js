// @ts-check
/**
 * What the reader's own line reads: the object and the attribute, as far as the line says it.
 *
 * @typedef {import("./traceback.js").Segment} Segment
 * @typedef {{object: string, attribute: string, path: string[]}} Read  The way from the object to the attribute, both included.
 */

const CHAIN = /(?<![\w.)\]])[A-Za-z_]\w{0,99}(?:\[[^\]]{0,99}\])?(?:\.[A-Za-z_]\w{0,99}){1,9}(?!\w|\s{0,9}\()/g;
const MARKS = /[\^~][\^~\s]*$/;
const STRINGS = /(?<![fF])(?:"[^"{]*"|'[^'{]*')/g;
/** Modules and names that are no object of a model. */
const NO_OBJECT = /^(?:self\.session|session|db|app|request|os|sys|logging|log|logger|json|asyncio|settings|config)$/;

/** @param {string} text  @returns {string[][]}  Each chain of names in it that no call ends. */
function chains(text) {
  const found = text.replace(STRINGS, '""').match(CHAIN) ?? [];
  return found.map((chain) => chain.replace(/\[[^\]]*\]/g, "").split(".")).filter((names) => !NO_OBJECT.test(names[0]) && !names.some((name) => name.startsWith("__")));
}

/**
 * The part of a line that Python marked below it, or nothing.
 * @param {string} line  @param {string | undefined} below
 */
function marked(line, below) {
  const found = below === undefined ? null : MARKS.exec(below);
  if (!found || !found.index || /[A-Za-z]/.test(below?.slice(found.index) ?? "")) return "";
  const text = line.slice(found.index, found.index + found[0].trimEnd().length);
  return text.trim() === line.slice(found.index).trim() && !line.slice(0, found.index).trim() ? "" : text;
}

/**
 * What the last own line of a segment reads; nothing if that could be one of several attributes.
 * @param {Segment} segment  @param {string} source  That line.  @param {"row" | "collection" | "expired"} kind  What was loaded.
 * @param {string[]} [columns]  What the SQL reloads: a single column is the attribute.
 * @returns {Read | undefined}
 */
export function readOf({ lines, frames }, source, kind, columns = []) {
  const own = frames.findLastIndex((frame) => frame.own && frame.path !== "<template>");
  if (own < 0 || !source) return undefined;
  const at = lines.findIndex((line, i) => i > frames[own].at && line.includes(source));
  // The marks below a template's line are those of the code that it was compiled to.
  const exact = at < 0 || !/\.py$|^Cell|^</.test(frames[own].path) ? "" : marked(lines[at], lines[at + 1]);
  const inside = chains(exact);
  if (inside.length === 1) return read(inside[0]);
  const text = inside.length ? exact : source;
  const [column, ...more] = columns.map((name) => name.split(".").pop());
  const reloaded = more.length ? [] : chains(text).filter((chain) => chain[1] === column);
  const all = reloaded.length ? reloaded : chains(text);
  // Of one object, all that expired at once: the first that is read fails.
  const expired = kind === "expired" && more.length && all.every(([first]) => first === all[0][0]) ? all[0] : undefined;
  const [object, ...names] = expired ?? likely(all, text) ?? [];
  if (!object) return undefined;
  if (kind === "collection" && isManyOf([object, ...names].join("\\."), text)) return read([object, ...names]);
  // Unmarked, a chain goes on after the attribute that failed: an expired object fails at its first one.
  return read([object, ...(kind === "expired" ? names.slice(0, 1) : names.length > 1 ? names.slice(0, -1) : names)]);
}

/**
 * The chain that needs the database, of all in a line: the only one, the one that is iterated, or the only one that goes on
 * after its first attribute.
 * @param {string[][]} all  @param {string} text
 */
function likely(all, text) {
  const different = [...new Map(all.map((chain) => [chain.join("."), chain])).values()];
  if (different.length < 2) return different[0];
  const iterated = different.filter((chain) => new RegExp(`\\bin ${chain.join("\\.")}\\b`).test(text));
  if (iterated.length === 1) return iterated[0];
  const long = different.filter((chain) => chain.length > 2);
  return long.length === 1 ? long[0] : undefined;
}

/** @param {string} chain  As a pattern.  @param {string} text  Whether the text treats what the chain ends with as a collection. */
function isManyOf(chain, text) {
  return new RegExp(`(?:\\bin |\\b(?:len|list|set|tuple|sorted|sum|any|all|iter|enumerate)\\()${chain}\\b(?!\\.\\w)|\\b${chain}(?:\\[|\\.\\w{1,60}\\()`).test(text);
}

/** @param {string[]} path  @returns {Read} */
function read(path) {
  return { object: path.slice(0, -1).join("."), attribute: path[path.length - 1], path };
}
