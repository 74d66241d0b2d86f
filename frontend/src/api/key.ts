/** A key that makes a command the same however often it is sent. */

/** `crypto.randomUUID` needs a secure context; an intranet page on http has none. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
