// Prints what each route makes a browser load, in KB gzipped, against the budgets of product.md 9:
// a JSON array of {route, gzKb, budgetKb, ok}. Reads the build's own manifest; exits 1 without one.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const DIST = join(dirname(fileURLToPath(import.meta.url)), "..", "dist");
const MANIFEST = join(DIST, ".vite", "manifest.json");
const FRAME = "src/app/AppFrame.vue";
const SHELL = ["index.html", FRAME];

/** `beside` is already there when the route is opened: its budget speaks of what is added. */
const BUDGETS = [
  { route: "login", entries: ["index.html", "src/features/login/LoginPage.vue"], budgetKb: 110 },
  { route: "list", entries: [...SHELL, "src/features/alarms/AlarmsPage.vue"], budgetKb: 260 },
  { route: "home adds", entries: ["src/features/home/HomePage.vue"], beside: SHELL, budgetKb: 75 },
  { route: "devices adds", entries: ["src/features/devices/DevicesPage.vue"], beside: SHELL, budgetKb: 25 },
  { route: "monitor adds", entries: ["src/features/monitor/MonitorPage.vue"], beside: SHELL, budgetKb: 40 },
  { route: "film adds", entries: ["src/features/monitor/VideoPanel.vue", "src/features/monitor/player.ts"], beside: [...SHELL, "src/features/monitor/MonitorPage.vue"], budgetKb: 125 },
];

if (!existsSync(MANIFEST)) {
  process.stderr.write(`${MANIFEST} is not there: npm run build comes first\n`);
  process.exit(1);
}
const manifest = JSON.parse(readFileSync(MANIFEST, "utf8"));

/** The files a browser needs before the entries show: their chunks, what those import, and styles. */
function files(entries) {
  const seen = new Set();
  const found = new Set();
  const visit = (key) => {
    if (seen.has(key)) return;
    seen.add(key);
    const chunk = manifest[key];
    if (!chunk) throw new Error(`${key} is not in the manifest`);
    for (const file of [chunk.file, ...(chunk.css ?? [])]) found.add(file);
    for (const other of chunk.imports ?? []) visit(other);
  };
  entries.forEach(visit);
  return found;
}

function kilobytes(names) {
  const bytes = [...names].map((name) => gzipSync(readFileSync(join(DIST, name))).length);
  return Math.round(bytes.reduce((sum, one) => sum + one, 0) / 102.4) / 10;
}

const rows = BUDGETS.map(({ route, entries, beside = [], budgetKb }) => {
  const there = files(beside);
  const gzKb = kilobytes([...files(entries)].filter((name) => !there.has(name)));
  return { route, gzKb, budgetKb, ok: gzKb <= budgetKb };
});
process.stdout.write(`${JSON.stringify(rows)}\n`);
