// @ts-check
/** Filters the rows of the tables below the field by words; a fold with rows is open as long as there are words. */
const form = /** @type {HTMLFormElement} */ (document.querySelector("form.guide-filter"));
const input = /** @type {HTMLInputElement} */ (form.querySelector("input"));
const shown = /** @type {HTMLOutputElement} */ (form.querySelector("output"));
const below = (/** @type {Element} */ one) => form.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING;
const tables = [...document.querySelectorAll("article table:not([class])")].filter(below);
const rows = tables.flatMap((table) => /** @type {HTMLTableRowElement[]} */ ([...table.querySelectorAll("tbody tr")]));
const folds = /** @type {HTMLDetailsElement[]} */ ([...document.querySelectorAll("article details:has(table)")]);
/** Each table with its heading, which goes when the last of its rows does. */
const parts = tables.map((table) => {
  const before = table.closest(".md-typeset__scrollwrap")?.previousElementSibling ?? table.previousElementSibling;
  return { table, heading: before?.matches("h2") ? before : null };
});

function filter() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of rows) {
    const text = (row.textContent ?? "").toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
  }
  for (const { table, heading } of parts) {
    const isEmpty = !table.querySelector("tbody tr:not([hidden])");
    for (const part of [table, heading]) part?.toggleAttribute("hidden", isEmpty);
  }
  for (const fold of folds) fold.open = words.length > 0;
  const count = rows.filter((row) => !row.hidden).length;
  shown.textContent = words.length ? `${count} / ${rows.length}` : "";
}

input.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
if (input.value) filter();
