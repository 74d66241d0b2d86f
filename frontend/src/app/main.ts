import "@/ui/tokens.css";
import "@/ui/page.css";
import "@/ui/theme";

import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { createPinia } from "pinia";
import { createApp, watch } from "vue";

import { forgetAnswers } from "@/api/client";
import { Problem } from "@/api/problem";
import { loggedIn } from "@/api/session";

import App from "./App.vue";
import { i18n, remembered, speak } from "@/ui/language";
import { router } from "./router";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1_000,
      retry: (failures, fault) => !(fault instanceof Problem && fault.status < 500) && failures < 2,
      retryDelay: (failures) => Math.min(500 * 2 ** failures, 4_000),
    },
  },
});

watch(loggedIn, (now) => {
  if (now) return;
  queries.clear();
  forgetAnswers();
  const { fullPath, meta } = router.currentRoute.value;
  if (!meta.open) void router.replace({ path: "/login", query: { next: fullPath } });
});

void speak(remembered()).then(() => {
  createApp(App).use(createPinia()).use(VueQueryPlugin, { queryClient: queries }).use(i18n).use(router).mount("#app");
});
