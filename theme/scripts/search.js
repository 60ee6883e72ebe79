// @ts-check
/**
 * Makes the theme's search wait until it is used, and adds what it lacks: pasting without a key, results that are announced,
 * and the paste box's answer for a reader who pastes a traceback. Has to run before the theme's script.
 */
const announced = /** @type {HTMLElement | null} */ (document.getElementById("guide-offer"));

/** @param {HTMLElement} announced */
function mend(announced) {
  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  const form = /** @type {HTMLFormElement} */ (document.forms.namedItem("search"));
  const input = /** @type {HTMLInputElement} */ (form.elements.namedItem("query"));
  const dialog = /** @type {HTMLElement} */ (form.closest("[role=dialog]"));
  const count = /** @type {HTMLElement} */ (dialog.querySelector(".md-search-result__meta"));
  const offer = /** @type {HTMLElement} */ (announced.firstElementChild);
  const StockWorker = Worker;

  // By this name the theme finds the form, and fetches the whole index with the page.
  form.removeAttribute("name");
  dialog.setAttribute("aria-label", input.placeholder);
  count.setAttribute("role", "status");
  count.after(announced);
  announced.hidden = false;

  /** The worker that the theme starts with the page, and which starts our own once the search is opened. */
  class WaitingWorker extends EventTarget {
    constructor() {
      super();
      input.addEventListener("focus", () => this.start(), { once: true });
    }

    start() {
      this.worker = new StockWorker(new URL("search-worker.js", script.src), { type: "module" });
      this.worker.postMessage({ type: 0 });
      this.worker.onmessage = ({ data }) => this.dispatchEvent(new MessageEvent("message", { data }));
    }

    /** @param {unknown} message */
    postMessage(message) {
      this.worker?.postMessage(message);
    }
  }
  Object.assign(window, { Worker: WaitingWorker });

  // The theme searches when a key is released; pasting and dictating release none.
  input.addEventListener("input", () => input.dispatchEvent(new KeyboardEvent("keyup")));
  // Taken out rather than hidden: the theme's arrow keys would stop at a link that cannot be focused.
  const offerIf = (/** @type {boolean} */ wanted) => announced.replaceChildren(...(wanted ? [offer] : []));
  const link = /** @type {HTMLAnchorElement} */ (offer.querySelector("a"));
  const found = /** @type {HTMLElement} */ (offer.querySelector("[data-found]"));
  const answer = /** @type {HTMLElement} */ (found.parentElement);
  input.addEventListener("paste", async ({ clipboardData }) => {
    const text = clipboardData?.getData("text") ?? "";
    const isTraceback = /\S\s*\n\s*\S/.test(text);
    answer.hidden = true;
    offerIf(isTraceback);
    if (!isTraceback) return;
    const { verdict } = await import(new URL("verdict.js", script.src).href);
    const links = await verdict(text, link.href.replace(/#.*/, ""));
    found.replaceChildren(...links.flatMap((/** @type {Node} */ one, /** @type {number} */ i) => (i ? [" · ", one] : [one])));
    answer.hidden = !links.length;
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => offerIf(false));
  offerIf(false);
}

// Zensical brings a search of its own.
if (announced) mend(announced);
