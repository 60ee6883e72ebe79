// @ts-check
/** The choice of a series, kept for all pages. Stands within each page, before what it shows, so that nothing is seen to change. */
{
  const KEPT = "series";
  const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-choose]"));
  const show = (/** @type {string} */ series) => {
    document.documentElement.dataset.shown = series;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.choose === series));
  };
  const known = [...buttons].map(({ dataset }) => dataset.choose ?? "");
  const kept = localStorage.getItem(KEPT) ?? "";
  show(known.includes(kept) ? kept : known[known.length - 1]);
  for (const button of buttons)
    button.addEventListener("click", () => {
      const { choose = "" } = button.dataset;
      show(choose);
      localStorage.setItem(KEPT, choose);
    });
}
