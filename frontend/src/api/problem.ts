/** What the API says when it refuses (RFC 9457), and what the network says when it is silent. */

import type { ProblemResource } from "./resources";

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly said: Partial<ProblemResource>,
  ) {
    super(said.detail ?? said.title ?? `HTTP ${status}`);
    this.name = "Problem";
  }

  /** The sentence for a person, in their language; empty when the API had none. */
  sentence(locale: string): string {
    const { detail, detailZh, title, titleZh } = this.said;
    return (locale.startsWith("zh") ? detailZh || titleZh : "") || detail || title || "";
  }

  get traceId(): string {
    return this.said.traceId ?? "";
  }
}

/** Nothing answered: no network, or the platform is down. */
export class Unreachable extends Error {
  constructor() {
    super("unreachable");
    this.name = "Unreachable";
  }
}

export function hasStatus(fault: unknown, status: number): boolean {
  return fault instanceof Problem && fault.status === status;
}

/** The login is too old for this: the person proves anew who they are, and tries again. */
export const isLoginTooOld = (fault: unknown): boolean => fault instanceof Problem && fault.said.type === "urn:plume:login-too-old";
