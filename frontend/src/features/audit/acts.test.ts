import { expect, test } from "vitest";

import { i18n } from "@/ui/language";

import { actOf, toldOf } from "./acts";

const { t, te } = i18n.global;
const word = (group: string, code: string) => (te(`${group}.${code}`) ? t(`${group}.${code}`) : code);
const said = (act: string) => actOf(act, word);

test("an act is told in the words of its module; one that is not known, as it is", () => {
  i18n.global.locale.value = "zh-CN";
  expect([said("command:approve"), said("alarm:resolve"), said("video:live"), said("export:run")]).toEqual(["反控 · 批准", "报警 · 人工消除", "视频 · 实时观看", "export · run"]);
});

test("the codes of a record are told in words, and names stay names", () => {
  i18n.global.locale.value = "zh-CN";
  expect(toldOf("set_time bench-gas-1@edge-demo awaiting_approval", word)).toBe("设置时间 bench-gas-1@edge-demo 待复核");
  expect(toldOf("G-06 bench-gas-1 responded", word)).toBe("G-06 bench-gas-1 已响应");
});
