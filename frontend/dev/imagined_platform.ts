/** A platform made of numbers, for work on the pages alone. It is no part of the build. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { createHash } from "node:crypto";

import type { Plugin } from "vite";

import { answerOf } from "./imagined_world";

const CSP = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

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

async function answer(request: IncomingMessage, response: ServerResponse, next: () => void): Promise<void> {
  const url = new URL(request.url ?? "/", "http://imagined");
  if (!/^\/(api|idp|config\.json)/.test(url.pathname)) return next();
  let body = "";
  for await (const chunk of request) body += String(chunk);
  const { status, said } = answerOf(request.method ?? "GET", url, body, String(request.headers.authorization ?? ""));
  const text = JSON.stringify(said);
  const etag = `"${createHash("sha1").update(text).digest("hex")}"`;
  response.setHeader("Content-Type", status >= 400 ? "application/problem+json" : "application/json");
  response.setHeader("ETag", etag);
  const same = request.method === "GET" && request.headers["if-none-match"] === etag;
  response.statusCode = same ? 304 : status;
  response.end(same ? "" : text);
}
