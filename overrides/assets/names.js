// @ts-check
/**
 * The names that a fix is written with: the object and the attribute of the reader's own line, or of the error's text.
 *
 * @typedef {{read: string, object: string, attribute: string, model: string, parent: string, "parent-model": string}} Names
 */
import { readOf } from "./expression.js";
import { kindOf, locations, ownLine, subject } from "./traceback.js";

/** The placeholder for a name that nothing tells. */
const MODEL = "Model";
export const OBJECT = "obj";

/** @param {string} [name]  The class that a variable's name suggests. */
function modelOf(name) {
  if (!name || name === "self" || !/[a-z]/i.test(name)) return MODEL;
  return name.charAt(0).toUpperCase() + name.slice(1).replace(/_+(\w)/g, (_, letter) => letter.toUpperCase());
}

/** @param {string[]} path  From the object to the attribute.  @returns {Names} */
function named(path) {
  const [first, parent] = path;
  const object = path.slice(0, -1).join(".");
  return {
    read: path.filter(Boolean).join("."),
    // Inside of a model, nothing can be awaited: what has to be done is done where its object has another name.
    object: /^[A-Z]|^self$/.test(object) || !object ? OBJECT : object,
    attribute: path[path.length - 1],
    model: modelOf(path.length > 2 ? first : path[path.length - 2]),
    parent,
    "parent-model": modelOf(parent),
  };
}

/**
 * What a segment's own line reads, or else what its text says was read; each way to an attribute once.
 * @param {import("./traceback.js").Segment} segment  @param {import("./traceback.js").Reading} reading
 * @returns {{way: string[], names: Names}[]}
 */
export function namesIn(segment, reading) {
  const source = ownLine(segment)?.source ?? "";
  const said = locations(segment);
  const { attribute, columns } = subject(segment, reading);
  const line = readOf(segment, source, kindOf(segment, reading), columns);
  const ways = said.length ? said.map((path) => ["", ...path]) : line ? [line.path] : attribute ? [attribute.split(".")] : [];
  const whole = ways.map((way) => (way.length > 1 ? way : ["", ...way]));
  return whole.map((way) => ({ way, names: named(way) }));
}
