/**
 * Fails the build when what a visitor must load first grows too large. The shell is the entry and everything
 * it imports statically, gzipped; a route is what its page adds to that.
 */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const SHELL_KB = 215;
const ROUTE_KB = 60;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

const sizes = new Map();
const size = (file) => {
  if (!sizes.has(file))
    sizes.set(file, gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length / 1024);
  return sizes.get(file);
};

/** All JavaScript files that loading `key` loads at once. */
function closure(key, seen = new Set()) {
  const chunk = manifest[key];
  if (!chunk || seen.has(key)) return seen;
  seen.add(key);
  for (const next of chunk.imports ?? []) closure(next, seen);
  return seen;
}

const sum = (keys) => [...keys].reduce((total, key) => total + size(manifest[key].file), 0);
const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const shell = closure(entry);
const shellKb = sum(shell);
const over = [];
if (shellKb > SHELL_KB) over.push(`shell ${shellKb.toFixed(0)} KB > ${SHELL_KB} KB`);

const routes = Object.keys(manifest)
  .filter((key) => manifest[key].isDynamicEntry && /Page\.tsx$|AdminLayout\.tsx$|AdminRoutes\.tsx$/.test(key))
  .map((key) => ({
    name: key.replace(/^.*features\//, ""),
    kb: sum([...closure(key)].filter((k) => !shell.has(k))),
  }))
  .sort((a, b) => b.kb - a.kb);
for (const route of routes)
  if (route.kb > ROUTE_KB) over.push(`${route.name} +${route.kb.toFixed(0)} KB > +${ROUTE_KB} KB`);

console.log(`shell ${shellKb.toFixed(0)} KB gzipped (budget ${SHELL_KB}); largest routes:`);
for (const route of routes.slice(0, 5)) console.log(`  ${route.name} +${route.kb.toFixed(0)} KB`);
if (over.length > 0) {
  console.error(`over budget: ${over.join("; ")}`);
  process.exit(1);
}
