// @ts-check
{
  const { body, documentElement } = document;
  const series = Array.from(document.querySelectorAll("[data-choose]"), (button) => button.getAttribute("data-choose") ?? "");
  const kept = localStorage.getItem("series") ?? "";
  documentElement.dataset.shown = series.includes(kept) ? kept : series.at(-1);
  const schemes = [...document.querySelectorAll("[data-md-color-media]")];
  const fits = schemes.find((scheme) => matchMedia(scheme.getAttribute("data-md-color-media") ?? "").matches);
  const palette = /** @type {any} */ (window).__md_get("__palette");
  const scheme = palette?.color?.scheme ?? fits?.getAttribute("data-md-color-scheme");
  if (scheme) body.setAttribute("data-md-color-scheme", scheme);
}
