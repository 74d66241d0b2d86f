/** A file of rows that spreadsheets open as it is: UTF-8 with its mark, commas, CRLF (RFC 4180). */

import type { Part } from "./columns";

const MARK = "\uFEFF";
const NUMBER = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i;
/** A spreadsheet makes 9.9E+13 of fourteen digits, and 7 of 007; a tab before them keeps them as they are. */
const READ_AS_NUMBER = /^(\d{12,}|0\d+)$/;
/** What a spreadsheet would compute, were it to come first in a cell. */
const FORMULA = /^[=+\-@\t\r]/;

export function cellOf(text: string): string {
  const safe = READ_AS_NUMBER.test(text) ? `\t${text}` : FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csvOf<Row>(parts: readonly Part<Row>[], rows: readonly Row[]): string {
  const lines = [parts.map(({ word }) => cellOf(word)), ...rows.map((row) => parts.map(({ text }) => cellOf(text(row))))];
  return `${MARK}${lines.map((cells) => cells.join(",")).join("\r\n")}\r\n`;
}
