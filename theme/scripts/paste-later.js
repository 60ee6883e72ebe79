// @ts-check
/** Loads the paste box of a page when it is first used, or at once if it shows a text that was pasted before. */
const whole = /** @type {HTMLElement | null} */ (document.querySelector(".paste-box[data-script]"));
const folded = whole?.closest("details");
const start = () => import(new URL(whole?.dataset.script ?? "", document.baseURI).href);

whole?.addEventListener("focusin", start, { once: true });
folded?.addEventListener("toggle", start, { once: true });
if (whole && !folded && sessionStorage.getItem("traceback")) start();
