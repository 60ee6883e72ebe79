/**
 * Builds the theme's own script again, from the sources in its source map, without what no page of this site has; or, without
 * arguments, the site's own script from theme/scripts.
 *
 *     node theme/script.mjs <source map> <feature>…  > overrides/assets/theme.js
 *     node theme/script.mjs > overrides/assets/site.js
 *
 * The features are those of `theme.features` in the configuration: which code they need, esbuild finds out.
 */
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path/posix";
import { build } from "esbuild";

const [map, ...features] = process.argv.slice(2);
const ROOT = "src/templates/assets/javascripts";
// For elements and settings that no page has; what these modules export does nothing.
const UNUSED = [
  ...["announce", "consent", "header/title", "progress", "sidebar", "source", "tabs", "tooltip", "tooltip2", "top"].map(
    (name) => `components/${name}/`,
  ),
  ...["annotation", "link", "mermaid"].map((name) => `components/content/${name}/`),
  ...["highlight", "share", "suggest"].map((name) => `components/search/${name}/`),
  ...["alternate", "instant", "sitemap", "version"].map((name) => `integrations/${name}/`),
  ...["ellipsis", "indeterminate"].map((name) => `patches/${name}/`),
  "polyfills/",
];
const { sources, sourcesContent } = map ? JSON.parse(readFileSync(map, "utf8")) : { sources: [], sourcesContent: [] };
const own = new Map(sources.map((source, i) => [source, sourcesContent[i]]).filter(([source]) => source.startsWith(ROOT)));

/** The name of a module of the theme: a file, or the index of a folder. */
const found = (path) => [".ts", ".tsx", "/index.ts", "/index.tsx"].map((end) => path + end).find((file) => own.has(file));

/** The source of a folder's index, which the map lacks where it only exports what is below. */
function index(folder) {
  const below = [...own.keys()].filter((file) => file.startsWith(`${folder}/`)).map((file) => file.slice(folder.length + 1));
  return [...new Set(below.map((file) => file.split("/")[0]))].map((name) => `export * from "./${name}"`).join("\n");
}

/** A module of the theme with the features that are on, or one that does nothing. */
function source(path) {
  const text = own.get(path) ?? index(path);
  if (!UNUSED.some((folder) => path.startsWith(`${ROOT}/${folder}`)))
    return text
      .replace(/(?<!function )\bfeature\("([^"]+)"\)/g, (_, name) => String(features.includes(name)))
      // What is around the kind of a result is no navigation.
      .replace(/<nav class="md-tags">([^]*?)<\/nav>/, (found) => found.replaceAll("nav", "div"));
  const names = [...text.matchAll(/^export (?:async )?(?:function|const) (\w+)/gm)].map(([, name]) => name);
  return `import { EMPTY } from "rxjs"\n${names.map((name) => `export const ${name} = (): any => EMPTY`).join("\n")}`;
}

const theme = {
  name: "theme",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path, importer, namespace, kind }) => {
      if (kind === "entry-point" && path === "bundle") return { path: found(join(ROOT, path)), namespace: "theme" };
      if (namespace !== "theme" || !/^[.~]/.test(path)) return undefined;
      const folder = own.has(importer) ? dirname(importer) : importer;
      const file = path.startsWith("~") ? join(ROOT, path.slice(1)) : join(folder, path);
      return { path: found(file) ?? file, namespace: "theme" };
    });
    // Browsers that the site is for say themselves when the focus is to be seen; theme/styles.mjs asks them.
    onResolve({ filter: /^focus-visible$/ }, () => ({ path: "nothing", namespace: "nothing" }));
    onResolve({ filter: /^clipboard$/ }, () => ({ path: resolve("theme/clipboard.js") }));
    onLoad({ filter: /./, namespace: "nothing" }, () => ({ contents: "" }));
    onLoad({ filter: /./, namespace: "theme" }, ({ path }) => ({
      contents: source(path),
      loader: path.endsWith("x") ? "tsx" : "ts",
      resolveDir: process.cwd(),
    }));
  },
};

const { outputFiles } = await build({
  entryPoints: [map ? "bundle" : "theme/scripts/site.js"],
  bundle: true,
  minify: true,
  write: false,
  jsxFactory: "h",
  target: "es2022",
  conditions: ["es2015"],
  mainFields: ["es2015", "module", "main"],
  plugins: [theme],
});
process.stdout.write(outputFiles[0].text);
