// @ts-check
/**
 * The links at the end of sentences that a run proves: each shows the function of that run, and what it printed, below the sentence.
 * Without this they lead to the whole file.
 */

/** @param {string} address */
async function text(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(address);
  return response.text();
}

/**
 * @param {HTMLAnchorElement} link
 * @returns {Promise<HTMLPreElement>}  The function and its output; the text of both as text, never as markup.
 */
async function run(link) {
  const name = link.id.replace("fact-", "");
  const [program, printed] = await Promise.all([text(link.href), text(new URL("recorded/facts.txt", link.href).href)]);
  const lines = program.split("\n");
  const start = lines.findIndex((line) => line.replace("async ", "").startsWith(`def ${name.replaceAll("-", "_")}(`));
  const length = lines.slice(start + 1).findIndex((line) => /^\S/.test(line));
  const output = printed.split("\n").filter((line) => line.startsWith(`${name}: `));
  const block = document.createElement("pre");
  block.className = "guide-run";
  block.lang = "en";
  block.tabIndex = 0;
  block.append(`${lines.slice(start, start + 1 + length).join("\n").trimEnd()}\n\n`);
  block.append(Object.assign(document.createElement("strong"), { textContent: output.join("\n") }));
  return block;
}

/** @param {HTMLAnchorElement} link */
async function toggle(link) {
  const there = link.parentElement?.querySelector(":scope > .guide-run");
  link.setAttribute("aria-expanded", String(!there));
  if (there) {
    there.remove();
    return;
  }
  try {
    link.after(await run(link));
  } catch {
    location.href = link.href;
  }
}

document.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest("a.run");
  if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  toggle(link);
});
for (const link of document.querySelectorAll("a.run")) link.setAttribute("aria-expanded", "false");
