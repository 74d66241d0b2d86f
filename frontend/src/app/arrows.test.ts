import { expect, test } from "vitest";

/** api, ui <- features/<noun> <- app; a feature never reads another feature. */
const files = import.meta.glob("../**/*.{vue,ts}", { query: "?raw", import: "default", eager: true }) as Record<string, string>;

const layerOf = (path: string) => /^(?:@|\.\.)\/(app|features\/\w+|ui|api)\//.exec(path)?.[1] ?? "app";
const mayRead = (from: string, to: string) => {
  if (from === to || from === "app") return true;
  if (from.startsWith("features/")) return to === "ui" || to === "api";
  return from === "ui" ? to === "api" : false;
};

test("imports point from the app over its features to ui and api", () => {
  const wrong = Object.entries(files).flatMap(([path, text]) =>
    [...text.matchAll(/(?:from|import\()\s*"(@\/[^"]+)"/g)]
      .filter((match) => !mayRead(layerOf(path), layerOf(match[1] as string)))
      .map((match) => `${path} -> ${match[1]}`),
  );
  expect(Object.keys(files).length).toBeGreaterThan(40);
  expect(wrong).toEqual([]);
});

test("a planted violation is seen", () => {
  expect(mayRead(layerOf("../features/home/HomePage.vue"), layerOf("@/features/alarms/filters"))).toBe(false);
  expect(mayRead(layerOf("../ui/words.ts"), layerOf("@/app/pages"))).toBe(false);
});
