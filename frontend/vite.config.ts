import { fileURLToPath } from "node:url";

import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";

import { imaginedPlatform } from "./dev/imagined_platform";

const PLATFORM = process.env["PLUME_WEB"] ?? "http://127.0.0.1:8600";
const IMAGINED = process.env["PLUME_IMAGINED"] === "1";

const toPlatform = Object.fromEntries(
  ["/api", "/idp", "/config.json", "/media", "/live"].map((path) => [path, { target: PLATFORM, changeOrigin: true }]),
);

/** `npm run dev` speaks to a running platform, or with PLUME_IMAGINED=1 to one made of numbers. */
export default defineConfig({
  plugins: [vue(), ...(IMAGINED ? [imaginedPlatform()] : [])],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
    __INTLIFY_DROP_MESSAGE_COMPILER__: false,
  },
  server: { ...(IMAGINED ? {} : { proxy: toPlatform }) },
  preview: { host: "127.0.0.1", ...(IMAGINED ? {} : { proxy: toPlatform }) },
  build: {
    target: ["chrome87", "firefox90", "safari14.1"],
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 400,
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.ts"] },
});
