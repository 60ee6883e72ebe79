// @ts-check
/**
 * The button that copies a reply for an issue, in Markdown: the title with the short link, and the sentence in bold that
 * says what to change. Where the clipboard is out of reach, the reply is shown and selected instead.
 */
const whole = /** @type {HTMLElement | null} */ (document.querySelector(".guide-reply"));

/** @param {string} selector  The text of what is found first in the page, as Markdown. */
function markdown(selector) {
  const found = /** @type {Element} */ (document.querySelector(`article ${selector}`)?.cloneNode(true));
  found.querySelector(".headerlink")?.remove();
  const texts = [...found.childNodes].map(({ nodeName, textContent }) =>
    nodeName === "CODE" ? `\`${textContent}\`` : textContent?.replace(/[\\`*_[\]<>]/g, "\\$&"),
  );
  return texts.join("").trim().replace(/\s+/g, " ");
}

/** @param {HTMLElement} whole */
function offer(whole) {
  const [button, status, text] = /** @type {[HTMLButtonElement, HTMLElement, HTMLTextAreaElement]} */ ([...whole.children]);
  const shortlink = /** @type {HTMLLinkElement} */ (document.querySelector("link[rel=shortlink]"));
  text.value = `[${markdown("h1")}](${shortlink.href})\n${markdown("strong")}`;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.value);
      status.textContent = status.dataset.copied ?? "";
    } catch {
      status.textContent = status.dataset.select ?? "";
      text.hidden = false;
      text.select();
    }
  });
  whole.hidden = false;
}

if (whole) offer(whole);
