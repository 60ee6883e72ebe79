// @ts-check
/**
 * A copy of a button that copies a text; next to it, it says so.
 * @param {DocumentFragment} words  The button, and the element that says what it did.  @param {() => string} text
 */
export function copies(words, text) {
  const button = /** @type {HTMLButtonElement} */ (words.querySelector("button"));
  const status = /** @type {HTMLElement} */ (words.querySelector("[role=status]"));
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text());
      status.textContent = button.dataset.copied ?? "";
    } catch {
      // The clipboard is out of reach without a secure connection: the reader can select the text instead.
      status.textContent = text();
    }
  });
  return words;
}
