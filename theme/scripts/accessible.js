// @ts-check
/** Mends for keyboards and screen readers in what the theme builds. */
addEventListener("DOMContentLoaded", () => {
  // The theme's script puts the buttons of each block of code into a <nav>: landmarks by the dozen, none with a name.
  for (const buttons of document.querySelectorAll(".md-code__nav")) buttons.setAttribute("role", "none");

  // Not every browser lets the keyboard scroll what does not ask for it, such as the box of a wide table.
  const scrolls = new ResizeObserver((entries) => {
    for (const { target } of entries)
      target.setAttribute("tabindex", target.scrollWidth > target.clientWidth ? "0" : "-1");
  });
  for (const table of document.querySelectorAll(".guide-scroll, .matrix")) scrolls.observe(table);

  // What opens the navigation on a small screen is a label, which no key reaches: a button within it is.
  const label = /** @type {HTMLElement} */ (document.querySelector(".md-header [for=__drawer]"));
  const drawer = /** @type {HTMLInputElement} */ (document.querySelector("#__drawer"));
  const button = document.createElement("button");
  const tell = () => button.setAttribute("aria-expanded", String(drawer.checked));
  button.className = "guide-menu";
  button.setAttribute("aria-label", document.querySelector(".md-nav--primary")?.getAttribute("aria-label") ?? "");
  button.append(...label.childNodes);
  label.append(button);
  button.addEventListener("click", () => drawer.click());
  drawer.addEventListener("change", tell);
  tell();
});
