import { expect, test } from "vitest";

import en from "./en";
import zh from "./zh-CN";

type Tree = { [key: string]: string | Tree };
const leaves = (tree: Tree, path = ""): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) => (typeof value === "string" ? [[`${path}${key}`, value] as [string, string]] : leaves(value, `${path}${key}.`)));
const slots = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

const chinese = new Map(leaves(zh));
const english = new Map(leaves(en));

test("both languages have the same keys, none empty", () => {
  expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort());
  expect([...chinese, ...english].filter(([, text]) => !text)).toEqual([]);
});

test("both languages fill the same slots", () => {
  const different = [...chinese].filter(([key, text]) => slots(text).join() !== slots(english.get(key) ?? "").join());
  expect(different).toEqual([]);
});

test("every key a page uses exists", () => {
  const pages = import.meta.glob("../../**/*.{vue,ts}", { query: "?raw", import: "default", eager: true }) as Record<string, string>;
  const used = Object.entries(pages)
    .filter(([path]) => !path.includes(".test."))
    .flatMap(([, text]) => [...text.matchAll(/\bt\(\s*"([\w.-]+)"/g)].map((match) => match[1] as string));
  expect(used.length).toBeGreaterThan(100);
  expect(used.filter((key) => !chinese.has(key))).toEqual([]);
});
