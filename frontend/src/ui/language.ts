/** The page's languages: Chinese first, English fetched when it is asked for. */

import { createI18n } from "vue-i18n";

import zh from "./messages/zh-CN";

export type Language = "zh-CN" | "en";
const KEPT_AS = "plume.language";

export const i18n = createI18n({
  legacy: false,
  locale: "zh-CN" as string,
  fallbackLocale: "zh-CN",
  messages: { "zh-CN": zh } as Record<string, typeof zh>,
  missingWarn: false,
  fallbackWarn: false,
});

export const remembered = (): Language => (localStorage.getItem(KEPT_AS) === "en" ? "en" : "zh-CN");

export async function speak(language: Language): Promise<void> {
  if (!i18n.global.availableLocales.includes(language)) {
    i18n.global.setLocaleMessage(language, (await import("./messages/en")).default);
  }
  i18n.global.locale.value = language;
  document.documentElement.lang = language;
  localStorage.setItem(KEPT_AS, language);
}
