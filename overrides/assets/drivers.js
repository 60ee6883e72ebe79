// @ts-check
/** The choice of a driver in the tables that have a column for each: it hides the columns of the others, and is kept. */
const KEPT = "driver";
/** The columns before those of the drivers: the file, and the series. */
const FIRST = 2;

/**
 * Fills the choice with the drivers of a table, and takes over what was chosen on another page.
 * @param {HTMLSelectElement} select  @param {HTMLTableElement} table  @param {string} [asked]  What is chosen here all the same.
 */
export function offerDrivers(select, table, asked) {
  const drivers = [...table.tHead?.rows[0].cells ?? []].slice(FIRST).map((head) => head.textContent ?? "");
  select.append(...drivers.map((driver) => new Option(driver, driver)));
  const wanted = asked ?? localStorage.getItem(KEPT) ?? "";
  select.value = drivers.includes(wanted) ? wanted : "";
  select.addEventListener("input", () => localStorage.setItem(KEPT, select.value));
}

/**
 * Shows the column of a driver alone, or those of all.
 * @param {HTMLTableElement} table  @param {string} driver
 * @returns {number}  The column, or -1 for all.
 */
export function showDriver(table, driver) {
  const column = [...table.tHead?.rows[0].cells ?? []].findIndex((head) => head.textContent === driver);
  for (const { cells } of table.rows)
    for (const cell of [...cells].slice(FIRST)) cell.hidden = column >= 0 && cell.cellIndex !== column;
  return column;
}
