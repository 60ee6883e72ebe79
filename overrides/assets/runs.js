// @ts-check
/** The choice of a driver above an entry's table of runs, when it is unfolded. Without this all drivers are shown. */
import { offerDrivers, showDriver } from "./drivers.js";

const table = /** @type {HTMLTableElement} */ (document.querySelector(".guide-runs table"));
const select = /** @type {HTMLSelectElement} */ (document.querySelector(".guide-runs select"));
offerDrivers(select, table);
select.addEventListener("input", () => showDriver(table, select.value));
showDriver(table, select.value);
