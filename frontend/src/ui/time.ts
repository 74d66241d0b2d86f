/** Times as people here read them: Beijing time, whatever the browser's zone. */

const BEIJING_MS = 8 * 3_600_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

const two = (value: number) => String(value).padStart(2, "0");

function parts(at: number) {
  const local = new Date(at + BEIJING_MS);
  return {
    date: `${local.getUTCFullYear()}-${two(local.getUTCMonth() + 1)}-${two(local.getUTCDate())}`,
    clock: `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}`,
    seconds: two(local.getUTCSeconds()),
  };
}

export const unix = (at: string | number): number => (typeof at === "number" ? at : Date.parse(at));

/** `2026-11-24 13:05:09`. */
export function moment(at: string | number | null): string {
  if (at === null || at === "") return "—";
  const { date, clock, seconds } = parts(unix(at));
  return `${date} ${clock}:${seconds}`;
}

/** `2026-11-24T13:05:09+08:00` (ISO 8601), for files; milliseconds only where there are any. */
export function isoBeijing(at: number): string {
  const ms = at % 1000;
  return `${moment(at).replace(" ", "T")}${ms ? `.${String(ms).padStart(3, "0")}` : ""}+08:00`;
}

/** `11-24 13:05`. */
export function short(at: string | number): string {
  const { date, clock } = parts(unix(at));
  return `${date.slice(5)} ${clock}`;
}

export const clock = (at: string | number): string => parts(unix(at)).clock;
export const clockSeconds = (at: string | number): string => {
  const found = parts(unix(at));
  return `${found.clock}:${found.seconds}`;
};
export const day = (at: string | number): string => parts(unix(at)).date;

/** An interval by its start: an hour `11-24 13:00`, a day `2026-11-24`. */
export function labelOf(span: string, at: number): string {
  if (span === "day") return day(at);
  return span === "rtd" ? moment(at) : `${day(at)} ${clock(at)}`;
}

/** Text of `<input type="datetime-local">`, in Beijing time. */
export const localInput = (at: number): string => `${day(at)}T${clock(at)}`;
export const fromLocalInput = (text: string): number => Date.parse(`${text}:00+08:00`);

export const startOfDay = (at: number): number =>
  Math.floor((at + BEIJING_MS) / DAY_MS) * DAY_MS - BEIJING_MS;
export const startOfMonth = (at: number): number => Date.parse(`${day(at).slice(0, 7)}-01T00:00:00+08:00`);

/** How long, in its two largest units: `{ days: 1, hours: 3 }` is told by the messages. */
export function duration(ms: number): { d: number; h: number; m: number; s: number } {
  const s = Math.max(0, Math.floor(ms / 1000));
  return { d: Math.floor(s / 86_400), h: Math.floor(s / 3_600) % 24, m: Math.floor(s / 60) % 60, s: s % 60 };
}
