import { expect, test } from "vitest";

import { cellOf, csvOf } from "./csv";

const parts = [
  { word: "企业", text: ([name]: string[]) => name ?? "" },
  { word: "二氧化硫 (mg/m³)", text: ([, value]: string[]) => value ?? "" },
];

test("a file begins with the mark of UTF-8, and its lines end as RFC 4180 says", () => {
  const bytes = new TextEncoder().encode(csvOf(parts, [["开鲁水泥", "35.2"]]));
  expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  expect(new TextDecoder().decode(bytes)).toBe("企业,二氧化硫 (mg/m³)\r\n开鲁水泥,35.2\r\n");
});

test("commas, quotes and lines stay in their cell", () => {
  expect(['a,b', 'a"b', "a\nb"].map(cellOf)).toEqual(['"a,b"', '"a""b"', '"a\nb"']);
});

test("what a spreadsheet would compute is text; numbers stay numbers", () => {
  expect(["=1+1", "@SUM(A1)", "+86 10", "-cmd"].map(cellOf)).toEqual(["'=1+1", "'@SUM(A1)", "'+86 10", "'-cmd"]);
  expect(["-3.5", "+2", "1.2e-5", "0.35"].map(cellOf)).toEqual(["-3.5", "+2", "1.2e-5", "0.35"]);
});

test("an MN of digits alone is kept whole", () => {
  expect(cellOf("88888880000001")).toBe("\t88888880000001");
  expect(cellOf("010000A8900016F000169DC0")).toBe("010000A8900016F000169DC0");
  expect(cellOf("007")).toBe("\t007");
});
