// @ts-check
/**
 * The filter of the matrix page. Its words are in the page, in a <template>: without this script there is the whole
 * table and nothing that does not work.
 */
const FIRST_DRIVER = 2;
const table = /** @type {HTMLTableElement} */ (document.querySelector("article table"));
const template = /** @type {HTMLTemplateElement} */ (document.querySelector("#matrix-filter"));
const heads = [...table.tHead?.rows[0].cells ?? []];
const rows = [...table.tBodies[0].rows];
const series = [...new Set(rows.flatMap((row) => seriesOf(row)))];
template.after(template.content);
const text = /** @type {HTMLInputElement} */ (document.querySelector("#matrix-text"));
const driver = choice("#matrix-driver", heads.slice(FIRST_DRIVER).map((head) => head.textContent?.trim() ?? ""));
const version = choice("#matrix-series", series.sort());
const shown = /** @type {HTMLElement} */ (document.querySelector("#matrix-shown"));

/** @param {HTMLTableRowElement} row */
function seriesOf(row) {
  return (row.cells[1].textContent ?? "").trim().split(", ");
}

/** @param {string} selector  @param {string[]} values  The choice among these, or all. */
function choice(selector, values) {
  const select = /** @type {HTMLSelectElement} */ (document.querySelector(selector));
  select.append(...values.map((value) => new Option(value, value)));
  return select;
}

function filter() {
  const words = text.value.toLowerCase().split(/\s+/);
  const column = heads.findIndex((head) => head.textContent?.trim() === driver.value);
  for (const row of rows) {
    const cells = column < 0 ? [...row.cells] : [row.cells[0], row.cells[column]];
    const content = cells.map((cell) => cell.textContent).join(" ").toLowerCase();
    row.hidden =
      !words.every((word) => content.includes(word)) ||
      (column >= 0 && !row.cells[column].textContent) ||
      (version.value !== "" && !seriesOf(row).includes(version.value));
  }
  for (const { cells } of [{ cells: heads }, ...rows]) {
    for (const cell of [...cells].slice(FIRST_DRIVER)) {
      cell.hidden = column >= 0 && cell.cellIndex !== column;
    }
  }
  shown.textContent = `${rows.filter((row) => !row.hidden).length} / ${rows.length}`;
}

for (const control of [text, driver, version]) control.addEventListener("input", filter);
filter();
