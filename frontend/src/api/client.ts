/** Questions and commands to the API. Answers are kept with their ETag: asking again is free. */

import { config } from "./config";
import { Problem, Unreachable } from "./problem";
import type { ProblemResource } from "./resources";
import { accessToken, expire, renewed } from "./session";

export type Query = Record<string, string | number | null | undefined>;

interface Kept {
  etag: string;
  answer: unknown;
}

const MOST_KEPT = 200;
const kept = new Map<string, Kept>();

/** Forget every answer, as another person may be next. */
export function forgetAnswers(): void {
  kept.clear();
}

export async function get<Answer>(path: string, query: Query = {}, signal?: AbortSignal): Promise<Answer> {
  const url = path + queryString(query);
  const before = kept.get(url);
  const headers: Record<string, string> = before ? { "If-None-Match": before.etag } : {};
  const answer = await send(url, { headers, ...(signal ? { signal } : {}) });
  if (answer.status === 304 && before) return before.answer as Answer;
  const found = (await answer.json()) as Answer;
  keep(url, answer.headers.get("ETag"), found);
  return found;
}

/** Command something; the same key again is the same command, however often it is sent. */
export async function command<Answer>(path: string, body: object, key: string): Promise<Answer> {
  const answer = await send(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": key },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as Answer;
}

/** The status of an answer whose body is for someone else to read. */
export async function status(path: string): Promise<number> {
  return (await send(path, {})).status;
}

/** The address of a path, and what lets its asker in. */
export async function authorised(path: string): Promise<{ url: string; headers: Record<string, string> }> {
  const { apiUrl } = await config();
  return { url: apiUrl + path, headers: { Authorization: `Bearer ${await accessToken()}` } };
}

export function queryString(query: Query): string {
  const said = Object.entries(query).filter(([, value]) => value != null && value !== "");
  const text = new URLSearchParams(said.map(([key, value]) => [key, String(value)])).toString();
  return text ? `?${text}` : "";
}

function keep(url: string, etag: string | null, answer: unknown): void {
  if (!etag) return;
  kept.delete(url);
  kept.set(url, { etag, answer });
  const oldest = kept.keys().next();
  if (kept.size > MOST_KEPT && !oldest.done) kept.delete(oldest.value);
}

async function send(url: string, init: RequestInit): Promise<Response> {
  const first = await ask(url, init, await accessToken());
  if (first.status !== 401) return accepted(first);
  const again = await ask(url, init, (await renewed()).accessToken);
  if (again.status === 401) expire();
  return accepted(again);
}

async function ask(url: string, init: RequestInit, token: string): Promise<Response> {
  const { apiUrl } = await config();
  const headers = { ...init.headers, Authorization: `Bearer ${token}`, Accept: "application/json" };
  try {
    return await fetch(apiUrl + url, { ...init, headers, cache: "no-store" });
  } catch (fault) {
    if (init.signal?.aborted) throw fault;
    throw new Unreachable();
  }
}

async function accepted(answer: Response): Promise<Response> {
  if (answer.ok || answer.status === 304) return answer;
  const said = (await answer.json().catch(() => ({}))) as Partial<ProblemResource>;
  throw new Problem(answer.status, { traceId: answer.headers.get("X-Trace-Id") ?? "", ...said });
}
