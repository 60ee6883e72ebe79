// @ts-check
/** The choice of a series, kept for all pages; overrides/assets/chosen.js has shown what was chosen before. */
const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-choose]"));
const tell = () => {
  for (const button of buttons)
    button.setAttribute("aria-pressed", String(button.dataset.choose === document.documentElement.dataset.shown));
};

for (const button of buttons)
  button.addEventListener("click", () => {
    const { choose = "" } = button.dataset;
    document.documentElement.dataset.shown = choose;
    localStorage.setItem("series", choose);
    tell();
  });
tell();
// One of these is shown by the choice, so that the theme has nothing to do for them, which takes its time on a long page.
for (const name of document.querySelectorAll(".tabbed-labels > label > [data-series]"))
  name.closest(".tabbed-set")?.removeAttribute("data-tabs");
