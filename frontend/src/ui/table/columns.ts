/** What a table's column is: on the screen, in a file, and in an order. */

/** One column of a file: its head with the unit, and what a row says there, whole and in plain digits. */
export interface Part<Row> {
  word: string;
  text: (row: Row) => string;
}

export interface Column<Row> {
  /** Its slot, its class `c-…`, and its name in addresses. */
  key: string;
  word: string;
  unit?: string;
  number?: boolean;
  /** Classes of its cells. */
  look?: string;
  text: (row: Row) => string;
  title?: (row: Row) => string;
  /** What it says to a file where that is more, or other, than on the screen; `[]` is nothing. */
  file?: readonly Part<Row>[];
  /** What rows are ordered by; a column without it orders nothing. */
  by?: (row: Row) => string | number | null;
  /** When it is shown without being chosen; where nothing is said, always. */
  usual?: "wide" | "never";
  /** It cannot be put away. */
  fixed?: boolean;
}

/** The columns a person chose, in the order of the table; without a choice, those usual on this screen. */
export function shownOf<Row>(all: readonly Column<Row>[], chosen: readonly string[], wide: boolean): Column<Row>[] {
  const known = all.filter((each) => chosen.includes(each.key));
  if (known.length) return all.filter((each) => each.fixed || known.includes(each));
  return all.filter((each) => each.usual === undefined || (each.usual === "wide" && wide));
}

export function partsOf<Row>(columns: readonly Column<Row>[]): Part<Row>[] {
  return columns.flatMap(({ word, unit, text, file }) => file ?? [{ word: headOf(word, unit), text }]);
}

export const headOf = (word: string, unit = ""): string => (unit ? `${word} (${unit})` : word);

/** `key` orders upwards, `-key` downwards. */
export interface Order {
  key: string;
  down: boolean;
}

export const orderOf = (text: string): Order | null => (text ? { key: text.replace(/^-/, ""), down: text.startsWith("-") } : null);

/** The next order of a head that is pressed: up, down, and as the list itself comes. */
export function turned(before: string, key: string): string {
  if (before === key) return `-${key}`;
  return before === `-${key}` ? "" : key;
}

const words = new Intl.Collator("zh-CN", { numeric: true });

function compare(one: string | number, other: string | number): number {
  return typeof one === "number" && typeof other === "number" ? one - other : words.compare(String(one), String(other));
}

/** Rows by a column; those that say nothing there come last, whichever way it goes. */
export function ordered<Row>(rows: readonly Row[], by: (row: Row) => string | number | null, down: boolean): Row[] {
  return rows
    .map((row) => ({ row, at: by(row) }))
    .sort((a, b) => {
      if (a.at === null || b.at === null || a.at === "" || b.at === "") return Number(a.at === null || a.at === "") - Number(b.at === null || b.at === "");
      return down ? compare(b.at, a.at) : compare(a.at, b.at);
    })
    .map(({ row }) => row);
}

/** Rows as the order of an address says; as they come when it says nothing that can be ordered by. */
export function inOrder<Row>(rows: readonly Row[], columns: readonly Column<Row>[], text: string): readonly Row[] {
  const order = orderOf(text);
  const by = columns.find((each) => each.key === order?.key)?.by;
  return order && by ? ordered(rows, by, order.down) : rows;
}
