/** Serves the built client with the pretend server behind it: `npm run mock -w @belgenet/e2e -- 4170`. */
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { answer, data, makeState } from "./mock.mjs";

const port = Number(process.argv[2] ?? 4170);
const dist = fileURLToPath(new URL("../web/dist/", import.meta.url));
const TYPES = {
  ".js": "text/javascript",
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".webmanifest": "application/manifest+json",
};
/** One state per signed-in browser, told apart by a cookie. */
const states = new Map();

const kindOf = (host) =>
  host.startsWith("vakif") ? "charity" : host.startsWith("akademi") ? "academy" : "platform";

function stateOf(request, response) {
  const id = /mock=(\w+)/.exec(request.headers.cookie ?? "")?.[1] ?? Math.random().toString(36).slice(2);
  response.setHeader("Set-Cookie", [`mock=${id}; Path=/; HttpOnly`, "bn_csrf=mock; Path=/"]);
  if (!states.has(id)) states.set(id, makeState());
  return states.get(id);
}

function serveFile(path, response) {
  const file = join(dist, normalize(path).replace(/^(\.\.[/\\])+/, ""));
  const target = path !== "/" && existsSync(file) ? file : join(dist, "index.html");
  response.setHeader("Content-Type", TYPES[extname(target)] ?? "application/octet-stream");
  response.end(readFileSync(target));
}

createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://mock");
  const state = stateOf(request, response);
  if (pathname === "/mock/become") {
    state.account = data.accounts[searchParams.get("who")] ?? null;
    return response.end("ok");
  }
  if (!pathname.startsWith("/api/")) return serveFile(pathname, response);
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const text = Buffer.concat(chunks).toString();
    const result = answer({
      state,
      kind: kindOf(request.headers.host ?? ""),
      method: request.method,
      url: request.url,
      body: text ? JSON.parse(text) : null,
    });
    response.statusCode = result.status;
    response.setHeader("Content-Type", result.body?.pdf ? "application/pdf" : "application/json");
    response.end(result.body === null ? "" : result.body.pdf ? "%PDF-1.7\n" : JSON.stringify(result.body));
  });
}).listen(port, "127.0.0.1", () =>
  console.log(`mock on http://vakif.localhost:${port} and http://akademi.localhost:${port}`),
);
