import { mount } from "@vue/test-utils";
import { expect, test } from "vitest";

import TabBar from "./TabBar.vue";

const tabs = ["state", "frames", "commands"].map((key) => ({ key, word: key }));
const shown = (chosen: string) => mount(TabBar, { attachTo: document.body, props: { tabs, chosen, testid: "t", label: "tabs" } });

test("one tab is in the order of Tab, the chosen one", () => {
  const bar = shown("frames");
  expect(bar.findAll("[role='tab']").map((each) => each.attributes("tabindex"))).toEqual(["-1", "0", "-1"]);
  bar.unmount();
});

test("the arrows walk round, Home and End go to the ends", async () => {
  const bar = shown("commands");
  for (const key of ["ArrowRight", "ArrowLeft", "Home", "End"]) await bar.trigger("keydown", { key });
  expect(bar.emitted("choose")).toEqual([["state"], ["frames"], ["state"], ["commands"]]);
  bar.unmount();
});
