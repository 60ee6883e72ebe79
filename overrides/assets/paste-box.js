// @ts-check
/**
 * The paste box, on the home page or on any other: elsewhere its words are fetched from the home page when it is first used.
 * What is pasted stays in this tab: it is kept until it is cleared, so that nothing has to be pasted twice.
 */
import { Words, answer, pageAt } from "./answer.js";
import { diagnose, prepared } from "./diagnose.js";

/** A browser needs many seconds to lay out a megabyte in a text area, so the box keeps the end of a longer text. */
const LONGEST_SHOWN = 50_000;
/** So much of the end of what is shown tells whether a changed text is still the same one. */
const RECOGNISED = 200;
const KEPT = "traceback";
const box = /** @type {HTMLTextAreaElement} */ (document.querySelector("textarea#traceback"));
const output = /** @type {HTMLElement} */ (document.querySelector("#diagnosis"));
const clear = /** @type {HTMLButtonElement} */ (document.querySelector("#clear"));
const { home } = /** @type {HTMLElement} */ (box.closest(".paste-box")).dataset;
const address = new URL(home ?? "", location.href.replace(/[?#].*/, "")).href;
/** The part of the text that was too long to be shown, and what was shown of it. */
let hidden = "";
let shown = "";

async function loaded() {
  const [index, page] = await Promise.all([
    fetch(new URL("paste-index.json", import.meta.url)).then((response) => response.json()),
    home ? pageAt(address) : document,
  ]);
  return { index: prepared(index), words: new Words(page, address) };
}

/** @type {Awaited<ReturnType<typeof loaded>> | undefined} */
let data;
/** @type {ReturnType<typeof loaded> | undefined} */
let loading;
const load = async () => (data ??= await (loading ??= loaded()));

/** The whole text: what is shown, and before it what was left out, unless another text was put in its place. */
function wholeText() {
  const { value } = box;
  if (!value.includes(shown.slice(0, RECOGNISED)) && !value.includes(shown.slice(-RECOGNISED))) hidden = "";
  if (value.length > LONGEST_SHOWN) {
    hidden += value.slice(0, -LONGEST_SHOWN);
    box.value = value.slice(-LONGEST_SHOWN);
  }
  shown = box.value;
  if (!shown) hidden = "";
  return hidden + shown;
}

/** @param {string} text */
function keep(text) {
  try {
    if (text.trim()) sessionStorage.setItem(KEPT, text);
    else sessionStorage.removeItem(KEPT);
  } catch {
    // Too long to be kept, or nothing may be: then a reload begins anew.
  }
}

/** @param {import("./answer.js").Diagnosis} diagnosis  @param {Awaited<ReturnType<typeof loaded>>} loaded */
function show(diagnosis, { index, words }) {
  output.dataset.state = diagnosis.state;
  clear.hidden = !box.value;
  if (diagnosis.state === "empty") return output.replaceChildren();
  const choose = (/** @type {string} */ slug) => {
    const slugs = [slug, ...diagnosis.slugs.filter((other) => other !== slug)];
    show({ ...diagnosis, state: "found", reason: diagnosis.reason ?? "any", slugs }, { index, words });
    output.querySelector(`[data-answer="${slug}"]`)?.setAttribute("aria-pressed", "true");
  };
  output.replaceChildren(...(hidden ? [words.of("shortened")] : []), ...answer(diagnosis, index, words, choose));
}

/** At once if the words are there: a reader who types sees no old answer. */
function ask() {
  if (!data) return void load().then(ask);
  const text = wholeText();
  keep(text);
  show(diagnose(text, data.index), data);
}

/** @param {Awaited<ReturnType<typeof loaded>>} loaded  The answer that an address names, by its entries alone. */
function showNamed(loaded) {
  const slugs = /^#found=([\w,-]{1,200})$/.exec(location.hash)?.[1].split(",") ?? [];
  const known = slugs.filter((slug) => loaded.words.entries.has(slug));
  if (!known.length || box.value) return;
  show({ state: "found", reason: "named", slugs: known, byProducts: [], segment: undefined, unread: false }, loaded);
}

function showFix() {
  const fix = output.querySelector("[data-slot=fix] pre");
  if (fix && fix.getBoundingClientRect().bottom > innerHeight) output.scrollIntoView();
}

async function start() {
  box.value ||= sessionStorage.getItem(KEPT) ?? "";
  const isNamed = location.hash.startsWith("#found=");
  if (!home || box.value || isNamed) {
    await load();
    if (isNamed) box.value = "";
    ask();
    if (data) showNamed(data);
  }
  box.addEventListener("focus", load, { once: true });
  box.addEventListener("input", ask);
  // The fix is what was asked for: on a phone, it would be below the first screen.
  box.addEventListener("paste", () => setTimeout(showFix));
  clear.addEventListener("click", () => {
    box.value = "";
    ask();
    box.focus();
  });
  output.dataset.ready = "true";
}

await start();
