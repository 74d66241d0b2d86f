/** Decimal strings as the wire carries them; a number is made only to compare or to draw. */

export const NOTHING = "—";

export const numeric = (text: string | null | undefined): number | null => {
  if (text === null || text === undefined || text === "") return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
};

/** How many times above the limit the excess is (超标倍数), rounded to one or two digits. */
export function excess(value: string | null, limit: string | null): string {
  const [v, l] = [numeric(value), numeric(limit)];
  if (v === null || l === null || l <= 0 || v <= l) return "";
  const times = v / l - 1;
  return times >= 10 ? times.toFixed(1) : times.toFixed(2);
}

/** Most digits after the point among these, so that a column can be aligned. */
export function decimalsOf(values: readonly (string | null)[]): number {
  return values.reduce((most, value) => Math.max(most, value?.split(".")[1]?.length ?? 0), 0);
}

/** A drawn number with at most three significant digits after the point. */
export function drawn(value: number | null, decimals = 2): string {
  return value === null ? NOTHING : value.toFixed(decimals);
}
