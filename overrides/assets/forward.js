// @ts-check
/** Leads on from a short link or an old address, to the first language that the browser asks for and that is there. */
const links = /** @type {HTMLAnchorElement[]} */ ([...document.querySelectorAll("a[hreflang]")]);
const wanted = navigator.languages.map((language) => language.split("-")[0]);
const language = wanted.find((one) => links.some(({ hreflang }) => hreflang === one));
const link = links.find(({ hreflang }) => hreflang === language) ?? links[0];
location.replace(link.href + location.hash);
