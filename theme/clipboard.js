/** What the theme uses of the package of this name, for browsers that copy by themselves. */
export default class {
  static isSupported = () => "clipboard" in navigator;

  constructor(selector, { text }) {
    document.addEventListener("click", async ({ target }) => {
      const trigger = target.closest(selector);
      if (!trigger) return;
      await navigator.clipboard.writeText(text(trigger));
      this.copied({ trigger });
    });
  }

  on(_, copied) {
    this.copied = copied;
  }
}
