/** Who is logged in on this tab: tokens in memory and sessionStorage, renewed before they end. */

import { ref } from "vue";

import { LoginRefused, refresh, type Tokens } from "./identity";

const KEPT_AS = "plume.session";
const RENEW_BEFORE_MS = 60_000;

let tokens: Tokens | null = remembered();
let renewing: Promise<Tokens> | undefined;

/** Whether this tab holds a session; the router and the frame watch it. */
export const loggedIn = ref(tokens !== null);
/** Whether the last session was ended by the platform and not by the person. */
export const expired = ref(false);

export function begin(given: Tokens): void {
  tokens = given;
  sessionStorage.setItem(KEPT_AS, JSON.stringify(given));
  loggedIn.value = true;
  expired.value = false;
}

export function end(): void {
  tokens = null;
  sessionStorage.removeItem(KEPT_AS);
  loggedIn.value = false;
}

/** The platform takes this session no longer: the person is told so when asked to log in again. */
export function expire(): void {
  end();
  expired.value = true;
}

/** Give a token that still holds for a while; empty when nobody is logged in. */
export async function accessToken(): Promise<string> {
  if (!tokens) return "";
  if (tokens.expiresAt - Date.now() > RENEW_BEFORE_MS) return tokens.accessToken;
  return (await renewed()).accessToken;
}

/** Renew at once, for many callers at a time; a refused renewal ends the session. */
export function renewed(): Promise<Tokens> {
  renewing ??= renew().finally(() => {
    renewing = undefined;
  });
  return renewing;
}

async function renew(): Promise<Tokens> {
  try {
    const fresh = await refresh(tokens?.refreshToken ?? "");
    begin(fresh);
    return fresh;
  } catch (fault) {
    if (fault instanceof LoginRefused) expire();
    throw fault;
  }
}

function remembered(): Tokens | null {
  const kept = sessionStorage.getItem(KEPT_AS);
  if (!kept) return null;
  try {
    return JSON.parse(kept) as Tokens;
  } catch {
    return null;
  }
}
