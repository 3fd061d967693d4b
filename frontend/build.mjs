// Builds everything the browser loads into app/static/dist, every file under a name that holds its content's
// hash, and writes manifest.json: {"app.css": "app-3F2K….css", …}. Templates ask for names through asset().
// Nothing is inlined into pages: the content security policy allows files of our own only.

import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const out = path.join(root, "app/static/dist");
const entries = {
  "app.js": "frontend/app.js",
  "app.css": "frontend/app.css",
  "leaflet.css": "node_modules/leaflet/dist/leaflet.css",
  "studio.js": "frontend/studio/studio.js",
  "studio.css": "frontend/css/studio.css",
};

// dmn-js's FEEL editor (CodeMirror) writes <style> elements, which the content security policy refuses.
const cellEditor = path.join(root, "frontend/studio/cell-editor.js");
const alias = Object.fromEntries(
  ["@bpmn-io/feel-editor", "@codemirror/view", "@bpmn-io/dmn-variable-resolver"].map((name) => [name, cellEditor]),
);

const pictures = ["mark.svg"];

/** All icons as one sprite; a template asking for an icon that is not listed stops the build. */
async function sprite() {
  const names = JSON.parse(await readFile(path.join(root, "frontend/icons.json"), "utf8"));
  const listed = new Set(names);
  for (const file of await templates(path.join(root, "app/templates"))) {
    const text = await readFile(file, "utf8");
    for (const [, name] of text.matchAll(/\bicon\(\s*["']([a-z0-9-]+)["']/g)) {
      if (!listed.has(name)) throw new Error(`${path.relative(root, file)}: icon "${name}" is not in icons.json`);
    }
  }
  const symbols = await Promise.all(names.map(async (name) => {
    const svg = await readFile(path.join(root, `node_modules/lucide-static/icons/${name}.svg`), "utf8");
    const body = svg.replace(/<!--[\s\S]*?-->/g, "").replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "");
    return `<symbol id="${name}" viewBox="0 0 24 24">${body.replace(/\s+/g, " ").trim()}</symbol>`;
  }));
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

async function templates(folder) {
  const found = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  return found.filter((entry) => entry.isFile() && entry.name.endsWith(".html"))
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
}

/** Writes `content` as name-HASH.ext and returns that name. */
async function put(name, content) {
  const { name: stem, ext } = path.parse(name);
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  const file = `${stem}-${hash}${ext}`;
  await writeFile(path.join(out, file), content);
  return file;
}

async function build() {
  const icons = await sprite();
  await mkdir(out, { recursive: true });
  const result = await esbuild.build({
    absWorkingDir: root,
    entryPoints: Object.entries(entries).map(([name, file]) => ({ in: file, out: path.parse(name).name })),
    outdir: out,
    bundle: true,
    alias,
    splitting: true,
    format: "esm",
    target: ["es2021", "chrome90", "firefox90", "safari15"],
    minify: true,
    metafile: true,
    legalComments: "linked",
    loader: { ".woff2": "file", ".png": "file", ".svg": "file" },
    entryNames: "[name]-[hash]",
    chunkNames: "chunk-[hash]",
    assetNames: "[name]-[hash]",
    logLevel: "warning",
  });
  const manifest = { "icons.svg": await put("icons.svg", icons) };
  for (const name of pictures) manifest[name] = await put(name, await readFile(path.join(root, "frontend", name)));
  for (const [file, output] of Object.entries(result.metafile.outputs)) {
    const name = path.basename(file);
    if (name.endsWith(".LEGAL.txt")) continue;
    if (output.entryPoint) {
      const entry = Object.keys(entries).find((key) => entries[key] === output.entryPoint);
      if (entry && path.extname(name) === path.extname(entry)) manifest[entry] = name;
      // Parts that app.js loads when a page asks for them, so that such a page can ask for its part at once.
      else if (path.dirname(output.entryPoint) === "frontend") manifest[path.basename(output.entryPoint)] = name;
    } else if (/\.(woff2|png|svg)$/.test(name)) {
      manifest[path.basename(Object.keys(output.inputs)[0])] = name;
    }
  }
  await writeFile(path.join(out, "manifest.json"), JSON.stringify(manifest, null, 1));
  // Old files go last, so that a page being served meanwhile finds a complete set.
  const made = new Set(Object.keys(result.metafile.outputs).map((file) => path.basename(file)));
  for (const name of [...Object.values(manifest), "manifest.json"]) made.add(name);
  for (const name of await readdir(out)) if (!made.has(name)) await rm(path.join(out, name), { recursive: true });
  return result.metafile;
}

const metafile = await build();
if (process.argv.includes("--sizes")) console.log(await esbuild.analyzeMetafile(metafile));
