/** Where to go after the login: only an address within this page, never another site's. */
export function nextOf(asked: unknown): string {
  const text = typeof asked === "string" ? asked : "";
  const within = /^\/(?![/\\])/.test(text) && !text.startsWith("/login");
  return within ? text : "/";
}
