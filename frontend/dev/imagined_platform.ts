/** A platform made of numbers, for work on the pages alone. It is no part of the build. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";

import type { Plugin } from "vite";

import { answerOf } from "./imagined_world";

const CSP = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

export function imaginedPlatform(): Plugin {
  return {
    name: "imagined-platform",
    configureServer: ({ middlewares }) => void middlewares.use(answer),
    configurePreviewServer: ({ middlewares }) =>
      void middlewares.use((request, response, next) => {
        response.setHeader("Content-Security-Policy", CSP);
        void answer(request, response, next);
      }),
  };
}

const TYPES: Record<string, string> = { mpegts: "video/mp2t", mp4: "video/mp4", jpg: "image/jpeg" };

/** A file of `film/`, whole or the range that a player asks for. */
async function film(path: string, range: string, response: ServerResponse): Promise<void> {
  const name = basename(path);
  const body = await readFile(new URL(`./film/${name}`, import.meta.url));
  const [, from, to] = /bytes=(\d+)-(\d*)/.exec(range) ?? [];
  const [first, last] = [Number(from ?? 0), to ? Number(to) : body.length - 1];
  response.statusCode = from === undefined ? 200 : 206;
  response.setHeader("Content-Type", TYPES[name.split(".").at(-1) ?? ""] ?? "application/octet-stream");
  response.setHeader("Accept-Ranges", "bytes");
  if (from !== undefined) response.setHeader("Content-Range", `bytes ${first}-${last}/${body.length}`);
  response.end(body.subarray(first, last + 1));
}

async function answer(request: IncomingMessage, response: ServerResponse, next: () => void): Promise<void> {
  const url = new URL(request.url ?? "/", "http://imagined");
  if (/^\/(media|live)\//.test(url.pathname)) return film(url.pathname, request.headers.range ?? "", response);
  if (!/^\/(api|idp|config\.json)/.test(url.pathname)) return next();
  let body = "";
  for await (const chunk of request) body += String(chunk);
  const { status, said } = answerOf(request.method ?? "GET", url, body, String(request.headers.authorization ?? ""));
  const text = typeof said === "string" ? said : JSON.stringify(said);
  const etag = `"${createHash("sha1").update(text).digest("hex")}"`;
  response.setHeader("Content-Type", status >= 400 ? "application/problem+json" : "application/json");
  response.setHeader("ETag", etag);
  const same = request.method === "GET" && request.headers["if-none-match"] === etag;
  response.statusCode = same ? 304 : status;
  response.end(same ? "" : text);
}
