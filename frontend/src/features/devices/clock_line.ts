/** How a clock went, as a line: what is drawn, apart from how it looks. */

import { MOST_OFFSET_S } from "./rows";

export interface Measured {
  at: number;
  offset: number;
}

export const WIDTH = 400;
export const HEIGHT = 64;

/** The scale always shows the limit, and whatever lies beyond it. */
export const spanOf = (line: readonly Measured[]): number => Math.max(MOST_OFFSET_S * 1.25, ...line.map((one) => Math.abs(one.offset) * 1.1));

export const yOf = (offset: number, span: number): number => Math.round((HEIGHT / 2 - (offset / span) * (HEIGHT / 2)) * 10) / 10;

/** Steps, because an offset holds until it is measured anew; `[from, to]` in unix milliseconds. */
export function pathOf(line: readonly Measured[], from: number, to: number): string {
  const span = spanOf(line);
  const x = (at: number) => Math.round(((Math.min(Math.max(at, from), to) - from) / (to - from)) * WIDTH * 10) / 10;
  return line.map((one, index) => (index ? `H${x(one.at)}V${yOf(one.offset, span)}` : `M${x(one.at)} ${yOf(one.offset, span)}`)).join("") + (line.length ? `H${WIDTH}` : "");
}
