import { expect, test } from "vitest";

import { i18n } from "@/ui/language";

import { actOf } from "./acts";

const { t, te } = i18n.global;
const word = (group: string, code: string) => (te(`${group}.${code}`) ? t(`${group}.${code}`) : code);
const said = (act: string) => actOf(act, word);

test("an act is told in the words of its module; one that is not known, as it is", () => {
  i18n.global.locale.value = "zh-CN";
  expect([said("command:approve"), said("alarm:resolve"), said("video:live"), said("export:run")]).toEqual(["反控 · 批准", "报警 · 人工消除", "视频 · 实时观看", "export · run"]);
});
