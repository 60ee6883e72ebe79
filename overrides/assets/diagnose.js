// @ts-check
/**
 * Says which entries a pasted text supports, by comparing it with what recordings of real runs hold.
 *
 * The comparison is the same for all entries, so that a new one needs no rule of its own: an error is known by its words,
 * a traceback of MissingGreenlet by its telling frames. What frames and words cannot tell is said by rules in paste-index.json.
 *
 * @typedef {import("./traceback.js").Segment} Segment
 * @typedef {import("./traceback.js").ReadingRules & {
 *   "shared-message": string, "missing-greenlet": string, "left-by-driver": string, "telling-tokens": string, "untelling-classes": string[],
 *   "signs": {slugs: string[], among: string[], where: Where, pattern: string, missing?: boolean}[],
 *   "reasons": {token: string, reason: string}[], "seen-through": string[], "by-products": string[],
 *   "also": Record<string, string>, "order": string[], "fixes": Record<string, string[]>,
 *   "most-met": string[], "guesses": {"same-name-twice": string[], computed: string[], "computed-name": string},
 * }} Rules  As in guide.toml, which says what each is.
 * @typedef {"line" | "read" | "functions" | "paths" | "through" | "key" | "line and SQL" | "text"} Where
 * @typedef {{slug: string, words: Set<string>, classes: Set<string>, tokens: Set<string>}} Row
 * @typedef {ReturnType<typeof prepared>} Index
 */
import { readOf } from "./expression.js";
import { kindOf, locations, ownLine, reading, segments, through, tokens } from "./traceback.js";

/** The least share of an error's message that must be there, by the weight of its pairs of words; more where no class is. */
const SHARE = 0.7;
const SHARE_WITHOUT_CLASS = 0.8;
/** Neighbouring words of this weight are enough, because messages get cut off; less is where they are most of what was pasted. */
const RUN = 3;
const PHRASE = 1.5;
const MOST = 0.6;
/** A piece of evidence with more weight than this belongs to few entries only. */
const FEW = 0.7;
/** Scores that differ by less are equal. */
const TOLERANCE = 0.02;
/** The name of an error class alone is enough, unless it is one that Python itself raises for anything. */
const PYTHONS_OWN = /^(?:attribute|import|name|notimplemented|runtime|syntax|type|value)error$/;
const ERROR_CLASS = /(?:error|required|notstarted|available)$/;
const SUBQUERY = /\(SELECT [^()]{0,2000}(?:\([^()]{0,500}\)[^()]{0,500}){0,9}\)/g;
/** @type {string[]} */
const NONE = [];

/** @param {string} text  The words of a text, in lower case, without the modules in front of a class. */
function wordsOf(text) {
  const bare = text.replace(/\b(?:\w{1,60}\.){1,8}(?=[A-Z])/g, "");
  return bare.toLowerCase().match(/[a-z_][a-z0-9_]*(?:'[a-z]+)?/g) ?? [];
}

/** @param {string} text  The error classes that a text names, in lower case: by how they end, or where they stand. */
function classesIn(text) {
  const named = text.match(/\b[A-Z]\w{0,60}(?:Error|Exception|Warning|Required|NotStarted|Available)\b/g) ?? [];
  const first = text.match(/^(?:\w{1,60}\.){0,8}[A-Z]\w{1,60}(?=: )/gm) ?? [];
  return new Set([...named, ...first.map((name) => name.replace(/.*\./, ""))].map((name) => name.toLowerCase()));
}

/** @param {string} word */
function namesAnError(word) {
  return !word.includes(" ") && ERROR_CLASS.test(word) && word.length > 12 && !PYTHONS_OWN.test(word);
}

/** @param {string[]} words  @returns {Set<string>}  Each pair of neighbours, and each error class. */
function pieces(words) {
  const pairs = words.flatMap((word, i) => (i && word && words[i - 1] ? [`${words[i - 1]} ${word}`] : []));
  return new Set([...pairs, ...words.filter(namesAnError)]);
}

/**
 * How much each piece of evidence tells: 1 if one entry alone has it, 0 if all have it or if it is commonplace.
 * @param {Row[]} rows  @param {"words" | "tokens"} kind  @returns {Map<string, number>}
 */
function weights(rows, kind) {
  /** @type {Map<string, Set<string>>} */
  const owners = new Map();
  for (const row of rows)
    for (const piece of row[kind]) owners.set(piece, (owners.get(piece) ?? new Set()).add(row.slug));
  const all = Math.log(new Set(rows.map((row) => row.slug)).size);
  return new Map([...owners].map(([piece, slugs]) => [piece, slugs.has("") ? 0 : 1 - Math.log(slugs.size) / all]));
}

/**
 * The index, ready to be compared with what is pasted.
 * @param {{rules: Rules, rows: [string, string, string][]}} content  Of paste-index.json.
 */
export function prepared(content) {
  const rules = content.rules;
  const rows = content.rows.map(([slug, words, tokens]) => ({
    slug,
    words: pieces(words.split(" ").flatMap((word) => (word === "*" ? [""] : wordsOf(word)))),
    classes: classesIn(words.split(" ").slice(0, 4).join(" ")),
    tokens: new Set(tokens.split(" ").filter(Boolean)),
  }));
  const known = rows.filter((row) => row.slug);
  return {
    rules,
    reading: reading(rules),
    shared: new RegExp(rules["shared-message"], "g"),
    missingGreenlet: new RegExp(rules["missing-greenlet"]),
    leftByDriver: new RegExp(rules["left-by-driver"]),
    telling: new RegExp(rules["telling-tokens"]),
    signs: rules.signs.map((sign) => ({ ...sign, pattern: new RegExp(sign.pattern) })),
    untellingClasses: new Set(rules["untelling-classes"].map((name) => name.toLowerCase())),
    rows: known,
    wordWeights: weights(rows, "words"),
    tokenWeights: weights(rows, "tokens"),
  };
}

/** @param {Iterable<string>} found  @param {Map<string, number>} weight */
function sum(found, weight) {
  let total = 0;
  for (const piece of found) total += weight.get(piece) ?? 0;
  return total;
}

/**
 * The entries with the best score, in the order of frequency.
 * @param {{slug: string, score: number}[]} scored  @param {string[]} order
 */
function best(scored, order) {
  const top = Math.max(...scored.map(({ score }) => score));
  const slugs = new Set(scored.filter(({ score }) => score > top - TOLERANCE).map(({ slug }) => slug));
  return [...slugs].sort((a, b) => order.indexOf(a) - order.indexOf(b));
}

/** @param {string[]} all  @param {Set<string>} matched  @param {Map<string, number>} weight  The heaviest pieces in a row. */
function heaviestRun(all, matched, weight) {
  let heaviest = 0;
  let run = 0;
  for (const piece of all) {
    run = matched.has(piece) && weight.get(piece) ? run + (weight.get(piece) ?? 0) : 0;
    heaviest = Math.max(heaviest, run);
  }
  return heaviest;
}

/**
 * Whether these pieces of a row are enough to say that a text has its error: its class, or so much of its message.
 * @param {Row} row  @param {string[]} matched  @param {Set<string>} classes  Those that the text names.
 * @param {string[]} pasted  All pieces of the text.  @param {Index} index
 */
function isEnough(row, matched, classes, pasted, { wordWeights, untellingClasses }) {
  const telling = matched.filter((piece) => (wordWeights.get(piece) ?? 0) > FEW);
  if (!telling.length) return false;
  if (telling.some((piece) => namesAnError(piece) && !untellingClasses.has(piece))) return true;
  if (classes.size && row.classes.size && ![...row.classes].some((name) => classes.has(name))) return false;
  const pairs = [...row.words].filter((piece) => piece.includes(" "));
  const both = new Set(matched);
  // Many errors of a class begin with the same word.
  const beyondClass = pairs.filter((pair) => !row.classes.has(pair.split(" ")[0]));
  const share = sum(pairs.filter((pair) => both.has(pair)), wordWeights) / sum(pairs, wordWeights);
  if (share >= (classes.size ? SHARE : SHARE_WITHOUT_CLASS) || heaviestRun(beyondClass, both, wordWeights) >= RUN) return true;
  const said = pasted.filter((pair) => pair.includes(" "));
  return sum(matched, wordWeights) >= PHRASE && said.filter((pair) => both.has(pair)).length / said.length >= MOST;
}

/**
 * The entries whose errors a segment contains: the one that explains the most words, then what explains the rest.
 * @param {Segment} segment  @param {Index} index  @returns {string[]}
 */
function byMessage(segment, index) {
  const said = segment.said.filter((line) => !index.leftByDriver.test(line)).join("\n");
  const unexplained = pieces(wordsOf(said.replace(index.shared, "")));
  const found = tokens(segment, index.reading);
  const classes = classesIn(said);
  const all = [...unexplained];
  const everything = new Set(all);
  /** @type {string[]} */
  const slugs = [];
  for (;;) {
    const scored = index.rows.flatMap((row) => {
      const matched = [...row.words].filter((piece) => everything.has(piece));
      const score = sum(matched.filter((piece) => unexplained.has(piece)), index.wordWeights);
      // Two errors may share words, but each needs some of its own.
      if (!isEnough(row, matched, classes, all, index) || (slugs.length && score < PHRASE)) return [];
      return [{ slug: row.slug, matched, score: score + [...row.tokens].filter((token) => found.has(token)).length * TOLERANCE }];
    });
    if (!scored.length) return slugs;
    slugs.push(...best(scored, index.rules.order));
    const { matched } = scored.reduce((a, b) => (b.score > a.score ? b : a));
    for (const piece of matched) unexplained.delete(piece);
  }
}

/**
 * How well a recorded traceback agrees with a pasted one: what both have, less what one of them lacks.
 * @param {Set<string>} pasted  @param {Set<string>} recorded  @param {Map<string, number>} weight
 * @param {boolean} whole  Whether an own line was pasted, so that what is lacking above the rest was not there.
 */
function agreement(pasted, recorded, weight, whole) {
  const shared = [...pasted].filter((token) => recorded.has(token));
  const lacking = [...recorded].filter((token) => !pasted.has(token));
  return 2 * sum(shared, weight) - sum(pasted, weight) - (whole ? sum(lacking, weight) / 2 : 0);
}

/**
 * The entries whose recorded tracebacks agree best with a segment's, and whether it has what tells them from others.
 * @param {Segment} segment  @param {boolean} missing  Whether its error is MissingGreenlet.  @param {Index} index
 */
function byTrace(segment, missing, index) {
  const found = tokens(segment, index.reading);
  const whole = segment.frames.some((frame) => frame.own);
  // A read after a commit opens a connection too: only the frames above that tell, and they were cut off.
  const cut = !whole && found.has("base.raw_connection") && !found.has("attributes.get__");
  const rows = index.rows.filter((row) => !missing || !row.words.size);
  // What only errors with words of their own have tells none of these rows from another, such as a package in between.
  const shared = new Set([...found].filter((token) => rows.some((row) => row.tokens.has(token))));
  const scored = rows
    .map((row) => ({ slug: row.slug, score: agreement(shared, row.tokens, index.tokenWeights, whole) }))
    .filter(({ score }) => score > 0);
  if (cut || !scored.length) return { slugs: NONE, sure: false };
  const sure = [...found].some((token) => index.telling.test(token) && index.tokenWeights.has(token));
  return { slugs: best(scored, index.rules.order), sure };
}

/** @param {string} sql  Whether a SELECT by one column lists that column, as it does if the whole row is reloaded. */
function keyIn(sql) {
  const [, list, key] = /^SELECT (.{1,4000}?) FROM .{1,4000}? WHERE (\w{1,99}\.\w{1,99}) =/.exec(sql.replace(/["`]/g, "")) ?? [];
  if (!list) return "";
  return list.split(/[\s,]+/).includes(key) ? "selected" : "left out";
}

/**
 * What signs are looked for in: the own last line and what it reads, the functions above it, the packages below it, the key in the SQL,
 * the line with the SQL, the text.
 * @param {Segment} segment  @param {string} text  @param {Index} index
 */
function fields(segment, text, { reading }) {
  const line = ownLine(segment);
  const own = segment.frames.filter((frame) => frame.own && !/^<(?:\w+comp|genexpr)>$/.test(frame.name));
  return {
    line: line?.source ?? "",
    read: readOf(segment, line?.source ?? "", kindOf(segment, reading))?.path.join(".") ?? "",
    functions: own.map(({ name }) => name).join(" "),
    paths: segment.frames.map(({ path }) => path).join(" "),
    through: through(segment, reading).join(" "),
    key: keyIn(segment.sql.replace(SUBQUERY, "")),
    "line and SQL": `${line?.source ?? ""} ${segment.sql}`,
    text,
  };
}

/**
 * The slugs with those first that a sign in the text speaks for.
 * @param {string[]} slugs  @param {Segment} segment  @param {string} text  @param {Index} index
 * @param {boolean} [missing]  Without slugs: whether signs of MissingGreenlet count, or those of other errors.
 */
function bySigns(slugs, segment, text, index, missing) {
  const found = fields(segment, text, index);
  const spoken = index.signs.filter(
    (sign) =>
      (slugs.length ? sign.among.some((slug) => slugs.includes(slug)) : !sign.among.length && !!sign.missing === missing) &&
      sign.pattern.test(found[sign.where]),
  );
  return [...new Set([...spoken.flatMap(({ slugs }) => slugs), ...slugs])];
}

/**
 * The causes to list where no frame tells, by the name of the attribute if that was pasted.
 * @param {string[]} names  The way to the attribute.  @param {Rules} rules
 */
function guesses(names, { guesses, "most-met": mostMet }) {
  const [attribute, parent] = names.reverse();
  if (attribute && attribute === parent) return guesses["same-name-twice"];
  return new RegExp(guesses["computed-name"]).test(attribute) ? guesses.computed : mostMet;
}

/**
 * What decides: the error's own words, or the frame that says it.
 * @param {Segment} segment  @param {boolean} named  @param {Index} index
 */
function reason(segment, named, { rules, reading }) {
  const found = tokens(segment, reading);
  return named ? "message" : (rules.reasons.find(({ token }) => found.has(token))?.reason ?? "frames");
}

/**
 * What pasted text supports: slugs in rank order, what only follows from another error, and the segment that decides.
 * @param {string} text  @param {Index} index
 */
export function diagnose(text, index) {
  const { rules, missingGreenlet } = index;
  const read = segments(text, index.reading);
  // Signs are looked for in what was read, but where a log keeps errors as objects, whose keys are lost there, in what was pasted.
  const whole = text.includes('"exc_type"') ? text : read.flatMap(({ lines }) => lines).join("\n");
  read.reverse();
  const answers = read.map((segment) => {
    const missing = segment.said.some((line) => missingGreenlet.test(line));
    const unnamed = !segment.said.some((line) => /\w(?:Error|Exception|Interrupt|Exit|Warning)\b/.test(line));
    const messages = byMessage(segment, index);
    const named = messages.length ? bySigns(messages, segment, whole, index) : NONE;
    const trace = missing || unnamed ? byTrace(segment, missing, index) : { slugs: NONE, sure: false };
    const slugs = trace.slugs.length ? bySigns(trace.slugs, segment, whole, index) : NONE;
    const alone = trace.slugs.length || named.length ? NONE : bySigns(NONE, segment, segment.lines.join("\n"), index, missing);
    return { segment, missing, named, likely: slugs, sure: trace.sure, alone, supported: [...named, ...(trace.sure ? slugs : NONE)] };
  });
  const supported = new Set(answers.flatMap((answer) => answer.supported));
  const causes = [...supported].filter((slug) => !rules["by-products"].includes(slug));
  const leftBehind = rules["by-products"].filter((slug) => supported.has(slug));
  const missing = answers.find((answer) => answer.missing);
  const alone = answers.filter((answer) => !missing || answer.missing).flatMap((answer) => answer.alone);
  const [first, ...others] = [causes, leftBehind, alone].find((slugs) => slugs.length) ?? NONE;
  const isOpen = missing && (!first || rules["seen-through"].includes(first)) && !answers.some(({ sure }) => sure);
  const holding = answers.filter(({ supported, alone }) => [...supported, ...alone].includes(first));
  const decisive = holding.find(({ segment }) => segment.frames.some(({ own }) => own)) ?? holding.at(0) ?? missing;
  const likely = answers.find((answer) => answer.likely.length)?.likely;
  const open = isOpen && decisive ? (likely ?? guesses([...(locations(decisive.segment)[0] ?? [])], rules)) : NONE;
  const slugs = new Set([first, ...open, rules.also[first], ...others, ...(first ? answers.flatMap((answer) => answer.alone) : [])].filter((slug) => slug !== undefined));
  return {
    state: first ? "found" : missing ? "ambiguous" : text.trim() ? "unknown" : "empty",
    reason: first && decisive ? reason(decisive.segment, decisive.named.includes(first), index) : undefined,
    slugs: [...slugs],
    byProducts: leftBehind.filter((slug) => !slugs.has(slug)),
    segment: decisive?.segment,
    // Lines of Python, but not as any tool is known to print them.
    unread: !first && read.every(({ frames }) => !frames.length) && /\w\.py\b/.test(text),
  };
}
