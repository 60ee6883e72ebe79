// @ts-check
/**
 * The filter of the matrix page. Its words are in the page, in a <template>: without this script there is the whole
 * table and nothing that does not work. What is chosen is in the address, so that it can be sent to somebody; the driver
 * is kept for the next visit.
 */
import { offerDrivers, showDriver } from "./drivers.js";

const PHONE = matchMedia("(max-width: 44.9375em)");
const box = /** @type {HTMLElement} */ (document.querySelector(".matrix"));
const table = /** @type {HTMLTableElement} */ (box.querySelector("table"));
const template = /** @type {HTMLTemplateElement} */ (document.querySelector("#matrix-filter"));
const rows = [...table.tBodies[0].rows];
const series = [...new Set(rows.flatMap((row) => seriesOf(row)))];
template.after(template.content);
const text = /** @type {HTMLInputElement} */ (document.querySelector("#matrix-text"));
const driver = /** @type {HTMLSelectElement} */ (document.querySelector("#matrix-driver"));
const version = /** @type {HTMLSelectElement} */ (document.querySelector("#matrix-series"));
const differ = /** @type {HTMLInputElement} */ (document.querySelector("#matrix-differ"));
const shown = /** @type {HTMLElement} */ (document.querySelector("#matrix-shown"));

/** @param {HTMLTableRowElement} row */
function seriesOf(row) {
  return (row.cells[1].textContent ?? "").trim().split(", ");
}

function filter() {
  const words = text.value.toLowerCase().split(/\s+/);
  const column = showDriver(table, driver.value);
  for (const row of rows) {
    const cells = column < 0 ? [...row.cells] : [row.cells[0], row.cells[column]];
    const content = cells.map((cell) => cell.textContent).join(" ").toLowerCase();
    row.hidden =
      (differ.checked && row.classList.contains("same")) ||
      !words.every((word) => content.includes(word)) ||
      (column >= 0 && !row.cells[column].textContent) ||
      (version.value !== "" && !seriesOf(row).includes(version.value));
  }
  box.toggleAttribute("data-all", true);
  box.toggleAttribute("data-driver", column >= 0);
  shown.textContent = `${rows.filter((row) => !row.hidden).length} / ${rows.length}`;
}

const asked = new URLSearchParams(location.search);
text.value = asked.get("words") ?? "";
version.append(...series.sort().map((value) => new Option(value, value)));
version.value = asked.get("series") ?? "";
differ.checked = !asked.has("all");
offerDrivers(driver, table, asked.get("driver") ?? undefined);
if (PHONE.matches && !driver.value) driver.selectedIndex = 1;

function choose() {
  filter();
  const chosen = Object.entries({ words: text.value, driver: driver.value, series: version.value, all: differ.checked ? "" : "1" });
  const query = new URLSearchParams(chosen.filter(([, value]) => value));
  history.replaceState(null, "", `?${query}${location.hash}`);
}

for (const control of [text, driver, version, differ]) control.addEventListener("input", choose);
filter();
