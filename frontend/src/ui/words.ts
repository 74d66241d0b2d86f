/** Words that depend on the language, for facts that carry both. */

import { computed } from "vue";
import { useI18n } from "vue-i18n";

import { duration } from "./time";

interface Name {
  zh: string;
  en: string;
}

export function useWords() {
  const { t, te, locale } = useI18n();
  const chinese = computed(() => locale.value.startsWith("zh"));

  const named = (name: Name | undefined | null): string =>
    name ? (chinese.value ? name.zh : name.en) || name.zh || name.en : "";
  /** A word for a code; a code without one is shown as it is. */
  const word = (group: string, code: string): string => {
    const key = `${group}.${code}`;
    return te(key) ? t(key) : code;
  };
  const lasting = (ms: number): string => {
    const { d, h, m, s } = duration(ms);
    if (d) return h ? t("time.dh", { d, h }) : t("time.d", { d });
    if (h) return m ? t("time.hm", { h, m }) : t("time.h", { h });
    return m ? t("time.m", { m }) : t("time.s", { s });
  };
  return { t, locale, chinese, named, word, lasting };
}
