import { createRouter, createWebHistory, type RouteRecordRaw } from "vue-router";

import { loggedIn } from "@/api/session";

import { MAY_OPEN_DEVICES, type Side } from "./pages";

declare module "vue-router" {
  interface RouteMeta {
    /** Whose page it is; the frame refuses the others. */
    side?: Side;
    /** Roles of another side that may open it, too. */
    also?: readonly string[];
    title?: string;
    open?: boolean;
  }
}

const pagesOf = (side: "gov" | "ent"): RouteRecordRaw[] => [
  { path: `/${side}/home`, component: () => import("@/features/home/HomePage.vue"), meta: { side, title: side === "gov" ? "menu.home" : "menu.entHome" } },
  { path: `/${side}/monitor/:outletId?`, component: () => import("@/features/monitor/MonitorPage.vue"), meta: { side, title: "menu.monitor" } },
  { path: `/${side}/alarms`, component: () => import("@/features/alarms/AlarmsPage.vue"), meta: { side, title: "menu.alarms" } },
];

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/login", component: () => import("@/features/login/LoginPage.vue"), meta: { open: true, title: "login.title" } },
    {
      path: "/",
      component: () => import("./AppFrame.vue"),
      children: [
        { path: "", component: () => import("./StartPage.vue") },
        ...pagesOf("gov"),
        ...pagesOf("ent"),
        { path: "/gov/devices", component: () => import("@/features/devices/DevicesPage.vue"), meta: { side: "gov", also: MAY_OPEN_DEVICES, title: "menu.devices" } },
        { path: "/audit", component: () => import("@/features/audit/AuditPage.vue"), meta: { side: "audit", title: "menu.audit" } },
        { path: "/me", component: () => import("@/features/account/AccountPage.vue"), meta: { title: "menu.account" } },
        { path: "/:rest(.*)*", component: () => import("@/ui/RefusedView.vue"), props: { status: 404 } },
      ],
    },
  ],
});

router.beforeEach((to) => {
  if (to.meta.open || loggedIn.value) return true;
  return { path: "/login", query: to.fullPath === "/" ? {} : { next: to.fullPath } };
});
