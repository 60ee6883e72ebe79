// @ts-check
/**
 * Reads pasted text as tracebacks, whichever tool showed them. Every step takes time in proportion to the text.
 *
 * A segment is one traceback with the error that it belongs to. What it tells is put into the words of guide/paste_index.py, which
 * reads recordings of real runs by the same rules.
 *
 * @typedef {{
 *   "plumbing-packages": string[], "installed-packages": string[], "untelling-files": string[], "telling-frames": string[], collection: string, row: string,
 * }} ReadingRules  As in guide.toml, which says what each is.
 * @typedef {ReturnType<typeof reading>} Reading
 * @typedef {{path: string, whole: string, line: string, name: string, at: number, column: number, own: boolean, source?: string}} Frame
 * @typedef {{lines: string[], said: string[], frames: Frame[], sql: string}} Segment
 */

const LONGEST_LINE = 4000;
const LONGEST_PATH = 500;
const MOST_SEGMENTS = 200;
const STACK = /(?:^|\s)(?:Stack \(most recent call last\)|Call stack):/;
const START = /(?:Traceback|Stack) \(most recent call last\)|The above exception was the direct cause|During handling of the above|(?:^|\s)Call stack:/;
// What structlog and rich say in place of what they leave out of the middle of a long traceback.
const LEFT_OUT = /Skipped frames: \d|\.\.\. \d{1,9} frames hidden/;
const INSTALLED = /^.*(?:(?:site|dist)-packages|\/python\d\.\d+|\/Python\d+\/Lib|\/[^/]*(?:conda|forge|mamba)[^/]*\/(?:envs\/[^/]+\/)?Lib|^[A-Z]:\/.*py(?:thon|env)[^/]*\/(?:[^/]+\/){0,2}Lib|\.whl)\/|^.*\/(?=sqlalchemy\/(?:orm|engine|sql|ext|util|dialects|pool|event|connectors)\/)/i;
/** A folder that holds packages and programs alike, or none if paths are shown without it. */
const BESIDE = /^(.*\/)?(?:sqlalchemy\/(?:orm|engine|sql|ext|util|dialects|pool|event|connectors)\/|pydantic\/(?:main|type_adapter)\.py|(?:starlette|fastapi)\/routing\.py|pandas\/io\/sql\.py)/;
/** How a frame is shown: its path, its number, and its function if it has one there. */
const FRAMES = [
  // Python and loguru, IPython, a notebook, rich and pytest, and pytest below a function that it shows at length.
  /File "([^"]{1,500})"(?:, line (\d+))?(?:, in ([\w.<>]{1,200}))?/,
  /\bFile (<[^<>]{1,500}>|[^"]{1,500}?\.pyx?):(\d+)(?:,? in ([^(]{1,200}))?/,
  /\b(Cell In ?\[\d{1,9}\]), line (\d+)(?:, in ([^(]{1,200}))?/,
  /(?:^|\s)([A-Z]:[\\/][^":<>|]{1,500}\.pyx?|<[^<>]{1,500}>|[^\s"]{1,500}\.pyx?):(\d+):? ?in ?([\w<>]{1,200})/,
  /^(<[^<>]{1,500}>|[^\s"]{1,500}\.pyx?):(\d+): ?[\w.]{0,200}$/,
];
const UNNUMBERED = /^(<ipython-input-[^\s>]{1,200}>|[^\s"]{1,500}\.py) in ([\w<>]{1,200})\(/;
const AT_LINE = /^\s*(\S{1,500}\.pyx?) in ([\w.<>]{1,200})(?: \(.{1,200}\))? at line (\d+)/;
/** Code that was made while the program ran: all names in angle brackets but those of shells, notebooks and templates. */
const GENERATED = /^<(?!(?:stdin|console|input|template|doctest|(?:ipython|python)-input)\b)/;
const ARROW = /^\s{0,9}-+>\s*(\d+)/;
const MOST_CONTEXT = 60;
const PYTEST_ERROR = /^E {2,}\S/;
// What pytest shows beside errors and logs: code, between which arguments and rulers stand.
const PYTEST_CODE = /^(?:[\s>]|_ _ |\w{1,200} = )/;
const NO_SOURCE = /^\s*'?Could not get source/;
// A log that keeps each error and each frame as an object of its own.
const LOGGED_ERROR = /"exc_type":\s{0,9}"(\w{1,200})",\s{0,99}"exc_value":\s{0,9}"/g;
const LOGGED_FRAME = /"filename":\s{0,9}"([^"]{1,500})",\s{0,99}"lineno":\s{0,9}(\d{1,9}),\s{0,99}"name":\s{0,9}"([^"]{1,200})"/g;
/** @type {Record<string, string>} */
const ENTITIES = { quot: '"', "#34": '"', "#39": "'", "#x27": "'", apos: "'", lt: "<", gt: ">", amp: "&", nbsp: " " };
// What a terminal takes for a colour, also where the character before it was lost or is shown as others.
const COLOURS = /(?:[\x1b\u241b]|\^\[|\\(?:x1b|u001b|0?33|e))\[[0-9;]{0,20}[A-Za-z]|\[\d{1,3}(?:;\d{1,3}){0,4}m/gi;
// Spaces and quotes of web pages, and what has no width at all.
const SPACES = /[\u00a0\u2007\u202f\u3000]/g;
const INVISIBLE = /[\r\u200b\ufeff]/g;
// A list with a text for each frame, or for each line: of AWS Lambda and of Jupyter.
const LISTED = /"(?:stackTrace|stack_trace|traceback)\\{0,15}":\s{0,20}\[/;
const BETWEEN_LISTED = /(?:\\{1,15}n)?\\{0,15}",\s{0,20}\\{0,15}"/g;
// What stands before each line of a log: some text at the same place in nearly all lines, whatever its digits.
const PREFIXED = 0.9;
const LONGEST_PREFIX = 160;
const MOST_LOOKED_AT = 500;
const FEW_LINES = 9;
// A whole traceback that lost its line breaks.
const ONE_LINE = /File "[^"\n]{1,500}", line \d+, in [^\n]{1,500}? File "[^"\n]{1,500}", line \d+, in /;
const JOINT = /\s(The above exception was the direct cause|During handling of the above|Traceback \(most recent)/g;
const LAST_ERROR = /(?:\s|(?<=[)^~]))((?:sqlalchemy\.(?:orm\.)?exc|builtins)\.\w{1,60}:)/g;
/** @type {Record<string, string>} */
const ESCAPES = { n: "\n", r: "", t: "\t", '"': '"', "/": "/", "\\": "\\" };

/** @param {ReadingRules} rules  Ready to be used. */
export function reading(rules) {
  return {
    plumbing: new Set(rules["plumbing-packages"]),
    installed: new Set([...rules["plumbing-packages"], ...rules["installed-packages"]]),
    untelling: new Set(rules["untelling-files"]),
    telling: new Set(rules["telling-frames"]),
    collection: new RegExp(rules.collection),
    row: new RegExp(rules.row),
  };
}

/** @param {string} text  Whether most of its lines end in the two characters that stand for a line break, or a frame follows such. */
function isEscaped(text) {
  return /\\n\s{0,9}File \\{0,15}"|"\s{0,9}File \\{1,15}"/.test(text) || text.split("\\n", MOST_LOOKED_AT).length > text.split("\n", MOST_LOOKED_AT).length + FEW_LINES;
}

/** @param {string} text  The text as the terminal showed it: no colours, no JSON escapes, no carriage returns. */
function unescaped(text) {
  text = text.replace(SPACES, " ").replace(INVISIBLE, "").replace(/[“”„]/g, '"').replace(/[‘’]/g, "'");
  const isLogged = text.search(LOGGED_ERROR) >= 0;
  if (isLogged)
    text = text
      .replace(LOGGED_ERROR, "\nTraceback (most recent call last):\n$1: ")
      .replace(LOGGED_FRAME, '\n  File "$1", line $2, in $3\n    \n    ');
  const list = LISTED.exec(text);
  if (list) text = `${text.slice(0, list.index)}\n${text.slice(list.index + list[0].length).replace(/^\s{0,20}\\{0,15}"/, "\n").replace(BETWEEN_LISTED, "\n")}`;
  // A log may be kept in another log, which escapes it once more.
  for (let again = 0; again < 4 && (((isLogged || list) && !again) || isEscaped(text)); again++)
    text = text
      .replace(/\\x1b/gi, "\x1b")
      .replace(/\\u([\da-f]{4})/gi, (_, code) => String.fromCharCode(parseInt(code, 16)))
      .replace(/\\([nrt"/\\])/g, (_, escaped) => ESCAPES[escaped]);
  for (let again = 0; again < 3 && /&(?:quot|#34|#39|#x27|lt|gt|amp);/.test(text); again++)
    text = text.replace(/&(#?\w{1,6});/g, (whole, name) => ENTITIES[name] ?? whole);
  text = text.replace(/<br ?\/?>$/gm, "");
  if (ONE_LINE.test(text)) text = text.replace(/\s(File "[^"\n]{1,500}", line \d+, in \S+)/g, "\n  $1\n    ").replace(LAST_ERROR, "\n$1").replace(JOINT, "\n$1");
  return text.replace(COLOURS, "");
}

/**
 * Lines without what a log puts before each, however its digits change: a time, a service, a pod.
 * @param {string[]} lines
 */
function unprefixed(lines) {
  const shape = (/** @type {string} */ line) => line.slice(0, LONGEST_PREFIX).replace(/\d/g, "0");
  const filled = lines.filter((line) => line.trim()).slice(-MOST_LOOKED_AT).map(shape);
  /** @type {number[]} */
  const shared = filled.slice(1).map((line, i) => {
    let same = 0;
    while (same < line.length && line[same] === filled[i][same]) same++;
    return same;
  });
  const most = shared.sort((a, b) => a - b)[Math.floor(shared.length * (1 - PREFIXED))] ?? 0;
  const common = new Map();
  for (const line of filled) common.set(line.slice(0, most), (common.get(line.slice(0, most)) ?? 0) + 1);
  const [[found] = [""]] = [...common].sort((a, b) => b[1] - a[1]);
  // What frames and paths begin with is no prefix either.
  const prefix = found.replace(/File .*$/, "").replace(/\S+$/, "").trimEnd();
  // Of the indentation behind it all is left but one space; a box's border, and numbers of lines, are no prefix.
  if (filled.length < 3 || !/[^\s\d^~]/.test(prefix) || /^\s*[│┃╭╰]/.test(prefix)) return lines;
  return lines.map((line) => (shape(line.slice(0, prefix.length)) === prefix ? line.slice(prefix.length).replace(/^\s/, "") : line));
}

/**
 * Lines as they were before a terminal or a mail broke those that were too long, and without a blank one after each.
 * @param {string[]} lines
 */
function unwrapped(lines) {
  if (lines.length > 2 && lines.filter((line) => !line.trim()).length > lines.length * 0.4) lines = lines.filter((line) => line.trim());
  const width = lines.reduce((most, line) => Math.max(most, line.length), 0);
  const isBroken = (/** @type {string} */ line) => /^\s*File(?: "|$)/.test(line) && !/^\s*File "[^"]+", (?:line \d+(?:, in \S|$)|in \S)/.test(line);
  const isHard = lines.some((line) => line.length === width && isBroken(line));
  /** @type {string[]} */
  const whole = [];
  let open = "";
  for (const line of lines) {
    const joined = open + line;
    if (isHard && line.length === width && joined.length < LONGEST_LINE) open = joined;
    else if (isBroken(joined) && joined.length < LONGEST_PATH) open = /"[^"]*"/.test(joined) || !isHard ? `${joined.trimEnd()} ` : joined;
    else {
      whole.push(joined);
      open = "";
    }
  }
  return open ? [...whole, open] : whole;
}

/** @param {string[]} lines  Lines with the frames of IPython 7, which gives their number further down, as others show them. */
function numbered(lines) {
  return lines.map((line, at) => {
    const found = UNNUMBERED.exec(line);
    if (!found) return line;
    const arrow = lines.slice(at + 1, at + MOST_CONTEXT).find((below) => ARROW.test(below));
    return `File "${found[1]}", line ${ARROW.exec(arrow ?? "")?.[1] ?? 0}, in ${found[2]}`;
  });
}

/**
 * Lines with the frames of a page, which has each as `path in function at line 3`, as Python prints them: the last call at the end,
 * and below each its line, of the numbered ones that the page shows around it.
 * @param {string[]} lines
 */
function ofPage(lines) {
  const starts = lines.flatMap((line, at) => (AT_LINE.test(line) ? [at] : []));
  if (!starts.length) return lines;
  const blocks = starts.map((start, i) => {
    const [, path, name, number] = /** @type {RegExpExecArray} */ (AT_LINE.exec(lines[start]));
    const around = lines.slice(start + 1, Math.min(starts[i + 1] ?? lines.length, start + MOST_CONTEXT));
    const at = around.findIndex((line) => line.split(/\s/, 1)[0] === number || line.trim() === number);
    const source = at < 0 ? "" : around[at].trim() === number ? (around[at + 1] ?? "") : around[at].replace(/^\s*\d+/, "");
    return [`  File "${path}", line ${number}, in ${name}`, `    ${source.trim()}`];
  });
  if (/^\s*(?:\S*\/)?sqlalchemy\//.test(lines[starts[0]])) blocks.reverse();
  return ["Traceback (most recent call last):", ...blocks.flat(), ...lines.slice(0, starts[0])];
}

/** @param {string} line  A line of code without the box of variables that rich puts beside it if there is room. */
function withoutSide(line) {
  const before = /^\s*❱?\s*\d+\s[│\s]*/.exec(line)?.[0].length ?? 0;
  const side = before ? line.slice(before).search(/ {2}[╭│╰]/) : -1;
  return side < 0 ? line : line.slice(0, before + side).trimEnd();
}

/** @param {string[]} lines  Lines without the borders of boxes; a path that the box's width had broken is whole again. */
function unboxed(lines) {
  /** @type {string[]} */
  const whole = [];
  let broken = "";
  for (const line of lines) {
    const inside = /^\s*[│┃]/.test(line) ? line.replace(/^\s*[│┃]\s?/, "").replace(/[│┃]\s*$/, "").trimEnd() : undefined;
    if (inside && !/^[\s❱]/.test(inside) && broken.length < LONGEST_PATH) {
      broken += inside;
      if (!/\.pyx?:\d+ ?in ?\w/.test(broken)) continue;
      whole.push(broken);
    } else {
      if (broken) whole.push(broken);
      whole.push(inside === undefined ? line : withoutSide(inside));
    }
    broken = "";
  }
  return broken ? [...whole, broken] : whole;
}

/**
 * The frame that a line shows, or nothing.
 * @param {string} line  @param {number} at  @param {(path: string) => string | undefined} beside  @returns {Frame[]}
 */
function frameIn(line, at, beside) {
  if (!/File |Cell |\.py/.test(line)) return [];
  for (const form of FRAMES) {
    const found = form.exec(line);
    if (!found) continue;
    const path = found[1].replace(/\\+/g, "/");
    const inside = beside(path);
    const own = found[2] !== undefined && inside === undefined && !INSTALLED.test(path) && !GENERATED.test(path) && !/^(?:sqlalchemy|pydantic)\//.test(path);
    const name = (found[3] ?? "").trim().split(".").pop() ?? "";
    return [{ path: inside ?? path.replace(INSTALLED, ""), whole: path, line: found[2] ?? "", name, at, column: found.index, own }];
  }
  return [];
}

/**
 * The frames that lines show. One that names no function is in the one that pytest shows above it, or else in none,
 * unless it is Python's, which says by that where a SyntaxError stands.
 * @param {string[]} lines  @param {(path: string) => string | undefined} beside  @returns {Frame[]}
 */
function framesIn(lines, beside) {
  let name = "";
  let source = "";
  return lines.flatMap((line, at) => {
    const frames = frameIn(line, at, beside);
    for (const frame of frames)
      if (!frame.name && !line.includes('File "')) Object.assign(frame, { name: name || "<module>", source });
    if ((frames.length && !PYTEST_ERROR.test(line)) || /^_ _ /.test(line)) name = source = "";
    name ||= /^[\s>]\s{0,99}(?:async )?def (\w{1,200})\(/.exec(line)?.[1] ?? "";
    source = /^>\s+(\S.*)/.exec(line)?.[1] ?? source;
    return frames;
  });
}

/**
 * Whether a line is source code: below its frame and further in, or beside its number as IPython and rich show it.
 * @param {string} line  @param {Frame | undefined} frame  The last frame above the line.  @param {number} at
 */
function isSource(line, frame, at) {
  if (/^\s*(?:-+>|❱)?\s*\d+\s/.test(line)) return true;
  // Some viewers drop all indentation.
  if (frame?.column === 0 && at === frame.at + 1 && /^\S/.test(line)) return !/^(?:File |[\w.]{1,200}(?:Error|Exception|Greenlet)\b)/.test(line);
  return frame !== undefined && at - frame.at < 5 && /^\s+$/.test(line.slice(frame.column, frame.column + 2));
}

/** @param {string[]} lines  @param {(path: string) => string | undefined} beside  @returns {Segment} */
function segment(lines, beside) {
  // Where a log call stood is no error.
  const frames = STACK.test(lines[0]) ? [] : framesIn(lines, beside);
  const inPytest = lines.some((line) => PYTEST_ERROR.test(line));
  /** @type {Frame | undefined} */
  let last;
  let next = 0;
  const said = lines.filter((line, at) => {
    if (frames[next]?.at === at) {
      last = frames[next++];
      return false;
    }
    return inPytest ? !PYTEST_CODE.test(line) : !isSource(line, last, at);
  });
  const all = lines.join("\n");
  const start = all.indexOf("[SQL:");
  const sql = start < 0 ? "" : all.slice(start + 5, start + 5000).replace(/\s+/g, " ").trim();
  // An own frame above a gap may not be the last one: what is left of such a traceback begins below.
  const gap = lines.findLastIndex((line) => LEFT_OUT.test(line));
  return { lines, said, frames: frames.filter((frame) => frame.at > gap), sql };
}

/**
 * A function that says what of a path is inside of a package, if that lies beside SQLAlchemy in a folder whose name doesn't say so, as
 * on AWS Lambda.
 * @param {string[]} lines  @param {Set<string>} packages
 */
function besides(lines, packages) {
  const shown = lines.filter((line) => /(?:sqlalchemy|pydantic|starlette|fastapi|pandas)[/\\]/.test(line));
  const frames = shown.flatMap((line, at) => frameIn(line, at, () => undefined));
  const folders = new Set(frames.flatMap(({ whole }) => BESIDE.exec(whole)?.slice(1, 2).map((folder) => folder ?? "") ?? []));
  return (/** @type {string} */ path) =>
    [...folders].flatMap((folder) => {
      const inside = path.startsWith(folder) ? path.slice(folder.length) : "";
      return packages.has(inside.split("/", 1)[0].replace(/\.py$/, "")) ? inside : [];
    })[0];
}

/** @param {string} text  @param {Reading} reading  @returns {Segment[]}  In the order of the text. */
export function segments(text, { installed }) {
  const plain = unprefixed(unescaped(text).split("\n")).map((line) => line.replace(/^\t+/, (tabs) => "    ".repeat(tabs.length)));
  const lines = numbered(ofPage(unboxed(unwrapped(plain).map((line) => line.slice(0, LONGEST_LINE)))));
  const beside = besides(lines, installed);
  /** @type {string[][]} */
  const parts = [[]];
  for (const line of lines) {
    if (START.test(line)) parts.push([]);
    parts[parts.length - 1].push(line);
  }
  const filled = parts.filter((part) => part.some((line) => line.trim()));
  return filled.slice(-MOST_SEGMENTS).map((part) => segment(part, beside));
}

/** @param {Frame} frame  @param {Set<string>} plumbing  The package of a frame that is neither the reader's nor plumbing. */
function packageOf({ path, own }, plumbing) {
  const [name] = path.replace(/\.py$/, "").split("/");
  return own || plumbing.has(name) || name.startsWith("<") ? undefined : name;
}

/**
 * The packages between the reader's last own line and SQLAlchemy: through which of them it was called.
 * @param {Segment} segment  @param {Reading} reading
 */
export function through({ frames }, { plumbing }) {
  const below = frames.slice(frames.findLastIndex(({ own }) => own) + 1);
  const end = below.findIndex(({ path }) => path.startsWith("sqlalchemy/"));
  return below.slice(0, Math.max(end, 0)).flatMap((frame) => packageOf(frame, plumbing) ?? []);
}

/**
 * What the frames and the SQL tell: the ORM's frames, what the last own line called, packages, the shape of the SQL.
 * @param {Segment} segment  @param {Reading} reading  @returns {Set<string>}
 */
export function tokens({ frames, sql }, { plumbing, untelling, telling, collection, row }) {
  /** @type {Set<string>} */
  const found = new Set();
  let called = "";
  frames.forEach((frame, i) => {
    const parts = frame.path.replace(/\.py$/, "").split("/");
    const file = parts.pop() ?? "";
    const folder = parts.join("/");
    const name = frame.name.replace(/^_+/, "");
    const packageName = packageOf(frame, plumbing);
    if (frame.own && frame.name.startsWith("__")) found.add(`own.${frame.name}`);
    if (packageName) found.add(`package.${packageName}`);
    const inOrm = folder === "sqlalchemy/orm" && !untelling.has(file);
    if (inOrm || telling.has(`${file}.${name}`)) found.add(`${file}.${name}`);
    // Where a SyntaxError stands is no call, and has no name.
    if (frame.own && frame.name) called = "";
    else if (!frame.own && frames[i - 1]?.own) called = `called.${file}.${name}`;
  });
  if (called) found.add(called);
  if (sql) found.add(`SQL.${sql.split(" ", 1)[0]}`);
  if (collection.test(sql)) found.add("SQL.collection");
  if (row.test(sql)) found.add("SQL.row");
  return found;
}

/**
 * The reader's own last line: where it is, and what it says if that was pasted.
 * @param {Segment} segment
 */
export function ownLine({ lines, frames }) {
  const own = frames.findLastIndex((frame) => frame.own && frame.path !== "<template>");
  if (own < 0) return undefined;
  const { path, line, name, at, column, source } = frames[own];
  const below = lines.slice(at + 1, Math.min(frames[own + 1]?.at ?? lines.length, at + 12));
  const arrow = below.findIndex((text) => /^\s*(?:-+>|❱)\s*\d+/.test(text));
  const next = below.findIndex((text, i) => i > arrow && !/^\s+\S/.test(text.replace(/^\s*\d+/, "")));
  // A box breaks what is too long for it, without a number.
  const rest = below.slice(arrow + 1, next < 0 ? undefined : next).map((text) => text.trim());
  const numbers = rest.findIndex((text) => !text || /^(?:\d+(?:\s|$)|[╭│])/.test(text));
  const isBoxed = arrow >= 0 && below[arrow].includes("❱");
  const marked = arrow < 0 ? undefined : [below[arrow], ...(isBoxed ? rest.slice(0, numbers < 0 ? rest.length : numbers) : [])].join(" ");
  const indented = below.slice(0, 1).find((text) => isSource(text, frames[own], at + 1));
  const shown = source || marked?.replace(/^\s*(?:-+>|❱)\s*\d+[\s│]*/, "") || indented?.slice(column) || "";
  return { path, line, name, source: NO_SOURCE.test(shown) ? "" : shown.trim() };
}

/**
 * The names on the way to each attribute that Pydantic could not read, outermost first; none if the text has none.
 * @param {Segment} segment  @returns {string[][]}
 */
export function locations({ said }) {
  const [first, ...others] = said.map((line) => line.replace(/^E\s/, "")).join("\n").split("Error extracting attribute");
  const befores = others.length ? [first, ...others.slice(0, -1)] : [];
  const found = befores.map((text) => {
    const before = text.slice(-400);
    const loc = before.match(/'loc': \([^)]{1,300}\)/g)?.pop() ?? /([\w.]{1,200})[\s/:]{0,20}$/.exec(before)?.[1] ?? "";
    return (loc.replace("'loc'", "").match(/[A-Za-z_]\w*/g) ?? []).filter((name) => name !== "response");
  });
  return [...new Map(found.filter((path) => path.length).map((path) => [path.join("."), path])).values()];
}

/**
 * What was read, as far as the text names it.
 * @param {Segment} segment  @param {Reading} reading
 * @returns {{attribute?: string, table?: string, direction?: "collection" | "row", columns?: string[]}}
 */
export function subject(segment, reading) {
  const text = segment.said.join("\n");
  const found = tokens(segment, reading);
  const named = /of attribute '(\w{1,100})'/.exec(text) ?? /'(\w{1,100}\.\w{1,100})' is not available/.exec(text);
  const [, list, table] = /^SELECT (.{1,2000}?) FROM "?(\w{1,100})/.exec(segment.sql) ?? [];
  const isColumn = found.has("strategies.load_for_state") && !found.has("strategies.emit_lazyload");
  const reloads = isColumn || found.has("state.load_expired");
  const direction = found.has("SQL.collection") ? "collection" : "row";
  return {
    attribute: locations(segment).map((path) => path.join(".")).join(", ") || named?.[1],
    table,
    direction: table && !reloads ? direction : undefined,
    columns: reloads ? list?.match(/\w{1,100}\.\w{1,100}/g)?.slice(0, 6) : undefined,
  };
}

/**
 * What was loaded, by the frames: a row by its key, which only a column or a reference to one row is, or else a collection.
 * @param {Segment} segment  @param {Reading} reading  @returns {"expired" | "collection" | "row"}
 */
export function kindOf(segment, reading) {
  const found = tokens(segment, reading);
  if (found.has("state.load_expired")) return "expired";
  return found.has("strategies.emit_lazyload") && !found.has("loading.load_on_pk_identity") ? "collection" : "row";
}
