// @ts-check
/** Fills the paste box with a recorded traceback, from the page that the link leads to without this script. */
import { pageAt } from "./answer.js";

const link = /** @type {HTMLAnchorElement} */ (document.querySelector("#try"));
const box = /** @type {HTMLTextAreaElement} */ (document.querySelector("#traceback"));

link.addEventListener("click", async (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const page = await pageAt(link.href);
  const texts = [...page.querySelectorAll("pre code")].map((code) => code.textContent ?? "");
  const recorded = texts.find((text) => text.startsWith("Traceback "));
  if (!recorded) return location.assign(link.href);
  box.value = recorded.trim();
  // As if it had been pasted: the box answers, and shows the fix.
  box.dispatchEvent(new Event("input"));
  box.dispatchEvent(new Event("paste"));
});
