/** Invented enterprises, outlets, readings and alarms, computed from the clock. */

import { createHash } from "node:crypto";

import { clocksOf, commanded, deviceOf, devicesOf } from "./imagined_devices";

interface Said {
  status: number;
  said: unknown;
}

const HOUR = 3_600_000;
const iso = (at: number) => new Date(at + 8 * HOUR).toISOString().replace("Z", "+08:00").replace(".000", "");
const name = (zh: string, en: string) => ({ zh, en });
const SPAN_MS: Record<string, number> = { minute: 60_000, hour: HOUR, day: 24 * HOUR };

const REGIONS = [
  ["150500", "通辽市", "Tongliao", ""], ["150502", "科尔沁区", "Horqin", "150500"], ["150581", "霍林郭勒市", "Holingol", "150500"], ["150523", "开鲁县", "Kailu", "150500"], ["150525", "奈曼旗", "Naiman", "150500"], ["150526", "扎鲁特旗", "Jarud", "150500"],
  ["150600", "鄂尔多斯市", "Ordos", ""], ["150602", "东胜区", "Dongsheng", "150600"], ["150621", "达拉特旗", "Dalad", "150600"], ["150622", "准格尔旗", "Jungar", "150600"], ["150624", "鄂托克旗", "Otog", "150600"],
].map(([code, zh, en, parent]) => ({ code, name: name(zh!, en!), parent }));

const GAS = [["a21026", "二氧化硫", "SO₂", "mg/m³", "35", "converted"], ["a21002", "氮氧化物", "NOₓ", "mg/m³", "50", "converted"], ["a34013", "颗粒物", "PM", "mg/m³", "10", "converted"], ["a19001", "氧含量", "O₂", "%", "", ""]] as const;
const WATER = [["w01018", "化学需氧量", "COD", "mg/L", "50", "measured"], ["w21003", "氨氮", "NH₃-N", "mg/L", "5", "measured"], ["w21011", "总磷", "TP", "mg/L", "0.5", "measured"], ["w01001", "pH", "pH", "", "9", "measured"]] as const;

/** What the plants' control systems tell: five pumps, their slurry, and what comes in; or blowers and their tank. */
const numbered = (stem: string, count: number, zh: string, en: string, unit: string) => Array.from({ length: count }, (_, at) => ({ code: `${stem}0${at + 1}`, name: count > 1 ? name(`${zh}（${at + 1} 号）`, `${en} (no. ${at + 1})`) : name(zh, en), unit }));
const PLANT = {
  gas: [...numbered("g103", 5, "浆液循环泵状态", "slurry recirculation pump state", ""), ...numbered("g104", 5, "浆液循环泵电流", "slurry recirculation pump current", "A"), ...numbered("g712", 1, "脱硫入口二氧化硫", "FGD inlet sulphur dioxide", "mg/m³"), ...numbered("g118", 1, "浆液 pH", "slurry pH", "")],
  water: [...numbered("e302", 3, "鼓风机电流", "blower current", "A"), ...numbered("e305", 1, "溶解氧", "dissolved oxygen", "mg/L")],
};

const PLACES: [string, string, string, string, number, number, number, string][] = [
  ["horqin-power", "科尔沁热电示例公司", "Horqin Heat & Power (demo)", "150502", 122.3, 43.66, 2, "thermal_power"],
  ["horqin-sewage", "通辽城东污水处理示例厂", "Tongliao East Sewage Works (demo)", "150502", 122.42, 43.6, 1, "sewage"],
  ["holingol-al", "霍林河铝业示例公司", "Holin River Aluminium (demo)", "150581", 119.66, 45.53, 3, "aluminium"],
  ["holingol-power", "霍林河坑口电厂示例公司", "Holin Pithead Power (demo)", "150581", 119.75, 45.46, 2, "thermal_power"],
  ["kailu-cement", "开鲁水泥示例公司", "Kailu Cement (demo)", "150523", 121.31, 43.62, 1, "cement"],
  ["naiman-steel", "奈曼镍铁示例公司", "Naiman Ferronickel (demo)", "150525", 120.66, 42.85, 1, "steel"],
  ["jarud-sewage", "鲁北污水处理示例厂", "Lubei Sewage Works (demo)", "150526", 120.9, 44.56, 1, "sewage"],
  ["dongsheng-gas", "东胜燃气发电示例公司", "Dongsheng Gas Power (demo)", "150602", 109.98, 39.82, 2, "gas_power"],
  ["dalad-chem", "达拉特化工示例公司", "Dalad Chemicals (demo)", "150621", 110.03, 40.4, 2, "chemical"],
  ["jungar-power", "准格尔煤矸石电厂示例公司", "Jungar Gangue Power (demo)", "150622", 111.24, 39.86, 2, "thermal_power"],
  ["otog-coke", "鄂托克焦化示例公司", "Otog Coking (demo)", "150624", 107.98, 39.1, 2, "coking"],
];

const counts = (levels: string[]) => Object.fromEntries(["L1", "L2", "L3", "L4", "L5"].map((level) => [level, levels.filter((each) => each === level).length]));
const worstOf = (levels: string[]) => [...levels].sort()[0] ?? null;

const outlets = PLACES.flatMap(([id, zh, en, region, , , count, industry], place) =>
  Array.from({ length: count }, (_, index) => {
    const water = industry === "sewage";
    const outletId = place === 0 && index === 0 ? "bench-gas-1" : `${id}-${index + 1}`;
    const factors = water ? WATER : GAS;
    return {
      outletId, enterpriseId: id, enterpriseName: name(zh, en), name: water ? name("总排口", "Final outlet") : name(`${index + 1} 号烟囱`, `Stack ${index + 1}`),
      medium: water ? "water" : "gas", region, mn: `010000A8900016F0001${(0x69dc0 + place * 8 + index).toString(16).toUpperCase()}`, st: water ? "32" : "31", process: industry, serviceLevel: "trinity",
      referenceOxygen: water ? null : "6", factors: factors.map(([code, fzh, fen, unit]) => ({ code, name: name(fzh, fen), unit })),
      limits: factors.filter((each) => each[4]).map(([factor, , , unit, ceiling, basis]) => ({
        limitId: `${outletId}-${factor}`, factor, ceiling, floor: factor === "w01001" ? "6" : null, unit, basis, span: "hour", standard: water ? "GB 18918-2002" : "GB 13223-2011", clause: "表 1", validFrom: "2020-01-01T00:00:00+08:00", validTo: null,
      })),
      state: place === 5 ? "offline" : place === 8 && index === 1 ? "pending" : "online",
    };
  }),
);

const wave = (key: string, at: number) => {
  let seed = 0;
  for (const letter of key) seed = (seed * 31 + letter.charCodeAt(0)) % 9973;
  const t = at / HOUR;
  return 0.55 + 0.16 * Math.sin(t / 3.7 + seed) + 0.1 * Math.sin(t * 1.9 + seed * 2) + 0.06 * Math.sin(t * 23 + seed * 3) + (Math.sin(t / 11 + seed) > 0.86 ? 0.55 : 0);
};
const valueAt = (outletId: string, factor: string, at: number) => {
  const typical: Record<string, number> = { a21026: 35, a21002: 50, a34013: 10, w01018: 50, w21003: 5, w21011: 0.5 };
  const base = wave(outletId + factor, at);
  if (factor === "a19001") return 6 + base * 2;
  return factor === "w01001" ? 7 + base * 0.6 : base * (typical[factor] ?? 10);
};
const digits = (factor: string) => (["w21003", "w21011", "w01001", "a19001"].includes(factor) ? 2 : 1);
const flagAt = (at: number) => (Math.floor(at / HOUR) % 26 === 7 ? "C" : Math.floor(at / HOUR) % 41 === 11 ? "M" : "N");
const missing = (at: number) => Math.floor(at / HOUR) % 37 === 20;

const started = Date.now();
const TYPES = ["EXCEED", "EXCEED", "ALL_MISSING", "EXCEED", "INSUFFICIENT", "TREAT_FAULT"];
const madeAlarms = Array.from({ length: 64 }, (_, index) => alarmAt(index, started - index * 47 * 60_000));

function alarmAt(index: number, at: number) {
  const outlet = outlets[(index * 7) % outlets.length]!;
  const type = TYPES[index % TYPES.length]!;
  const factor = type === "EXCEED" ? outlet.factors[index % 3]! : null;
  const limit = factor ? outlet.limits.find((each) => each.factor === factor.code)! : null;
  const value = limit ? (Number(limit.ceiling) * (1.1 + ((index * 13) % 40) / 10)).toFixed(1) : null;
  const severity = type === "EXCEED" ? (Number(value) > 3 * Number(limit!.ceiling) ? "L1" : index % 2 ? "L2" : "L3") : type === "ALL_MISSING" ? "L3" : index % 3 ? "L4" : "L5";
  const hours = 1 + (index % 5);
  const first = Math.floor(at / HOUR) * HOUR - hours * HOUR;
  const responded = index % 4 === 3;
  const times = limit ? (Number(value) / Number(limit.ceiling) - 1).toFixed(1) : "";
  return {
    alarmId: `al-20261124-${(1000 + index).toString(16)}${(index * 7919).toString(16).padStart(5, "0")}`, outletId: outlet.outletId, outletName: outlet.name, enterpriseId: outlet.enterpriseId, enterpriseName: outlet.enterpriseName, region: outlet.region,
    type, subtype: factor ? "hour_mean" : "", factor: factor?.code ?? "", factorName: factor?.name ?? name("", ""), severity, condition: index % 3 === 2 ? "cleared" : "active", handling: responded ? "responded" : "awaiting_response",
    firstAt: iso(first), lastAt: iso(first + hours * HOUR), raisedAt: iso(first + HOUR + 4000), updatedAt: iso(at), clearedAt: index % 3 === 2 ? iso(at) : null, count: hours, value, limit: limit?.ceiling ?? null, unit: limit?.unit ?? "",
    rule: { id: `${type.toLowerCase()}-hour`, version: 1 },
    sentence: factor ? name(`${outlet.name.zh} ${factor.name.zh}${limit!.basis === "converted" ? "折算" : ""} ${value} ${factor.unit}，限值 ${limit!.ceiling}，超标 ${times} 倍，已持续 ${hours} 小时`, `${outlet.name.en}: ${factor.name.en} ${value} ${factor.unit}, limit ${limit!.ceiling}, ${times} times over, for ${hours} h`) : name(`${outlet.name.zh} 已 ${hours} 小时没有收到数据`, `${outlet.name.en}: no data for ${hours} h`),
    history: responded ? [{ at: iso(at + 60_000), actor: "王建国", role: "city_centre", command: "acknowledge", before: "awaiting_response", after: "responded", reason: "已电话联系企业核实" }] : [],
    commands: responded ? [] : ["acknowledge"], version: 1,
  };
}

/** Two machines under one name: what only a person clears. */
function contested() {
  const one = alarmAt(3, started);
  const sentence = name(`${one.outletName.zh} 的现场端 edge-demo 至 2026-11-27 19:42 反复被同名连接挤下线`, `${one.outletName.en}: device edge-demo was displaced again and again until 2026-11-27 19:42 by another connection under its name; there may be two machines`);
  return { ...one, alarmId: "al-contested", type: "INCONSISTENT", subtype: "contested_name", factor: "", factorName: name("", ""), severity: "L3" as const, condition: "active", handling: "awaiting_response", value: null, limit: null, unit: "", rule: { id: "B-02", version: 1 }, sentence, history: [], commands: ["acknowledge", "resolve"] };
}

function alarms() {
  if (!madeAlarms.some((each) => each.rule.id === "B-02")) madeAlarms.unshift(contested() as (typeof madeAlarms)[number]);
  const extra = Math.min(3, Math.floor((Date.now() - started) / 20_000));
  while (madeAlarms.length < 64 + extra) madeAlarms.unshift(alarmAt(madeAlarms.length + 4, Date.now()));
  return madeAlarms;
}
const activeOf = (outletId: string) => alarms().filter((each) => each.outletId === outletId && each.condition === "active" && each.type === "EXCEED" && Number(outletId.length) % 3).map((each) => each.severity);

/** Two cameras at the bench, one at each first outlet, none at the others. */
const camerasOf = (outletId: string) => {
  const scenes = outletId === "bench-gas-1" ? [name("排气筒出口", "Stack outlet"), name("CEMS站房", "CEMS shelter")] : outletId.endsWith("-1") ? [name("总排口", "Outlet")] : [];
  return scenes.map((each, index) => ({ cameraId: `${outletId}-cam${index + 1}`, outletId, name: each }));
};

const outletNow = (outlet: (typeof outlets)[number]) => {
  const levels = activeOf(outlet.outletId);
  const heard = outlet.state === "pending" ? null : iso(Math.floor(Date.now() / 10_000) * 10_000 - (outlet.state === "offline" ? 3 * HOUR : 4_000));
  return { ...outlet, lastDataAt: heard, lastReceivedAt: heard, activeAlarms: counts(levels), worst: worstOf(levels), cameras: camerasOf(outlet.outletId).length };
};
const enterprises = () =>
  PLACES.map(([enterpriseId, zh, en, region, longitude, latitude, , industry], index) => {
    const own = outlets.filter((each) => each.enterpriseId === enterpriseId);
    const levels = own.flatMap((each) => activeOf(each.outletId));
    return {
      enterpriseId, name: name(zh, en), region, regionName: REGIONS.find((each) => each.code === region)!.name, industry, attention: ["state", "province", "city"][index % 3], longitude, latitude, address: "工业园区示例路 1 号",
      outletIds: own.map((each) => each.outletId), activeAlarms: counts(levels), worst: worstOf(levels), online: own.filter((each) => each.state === "online").length, offline: own.filter((each) => each.state === "offline").length,
      cameras: own.flatMap((each) => camerasOf(each.outletId)).length,
    };
  });

export function answerOf(method: string, url: URL, body: string, authorization: string): Said {
  const path = url.pathname;
  if (path === "/config.json") return ok({ apiUrl: "/api", idp: { url: "/idp/", clientId: "imagined", region: "us-east-1" }, version: "0.1.0" });
  if (path.startsWith("/idp")) return logIn(JSON.parse(body) as { AuthParameters?: Record<string, string> });
  const role = authorization.replace("Bearer ", "");
  if (!role) return problem(401, "Log in first", "请先登录");
  return asked(method, path.slice(4), url.searchParams, role, body);
}

const ok = (said: unknown): Said => ({ status: 200, said });
const list = (items: unknown[]): Said => ok({ items, nextCursor: null });
const problem = (status: number, detail: string, detailZh: string): Said => ({ status, said: { type: "about:blank", title: detail, titleZh: detailZh, status, detail, detailZh, pointer: "", traceId: "1-6743f0c1-2f7d9a30b1" } });

const ACTS: [act: string, subject: string, detail: string, reason: string][] = [
  ["command:ask", "command#CMBJHI2KJ2WRTV3A", "set_time bench-gas-1@edge-demo awaiting_approval", "与北京时间相差 131 秒"],
  ["command:approve", "command#CMBJHI2KJ2WRTV3A", "set_time bench-gas-1@edge-demo approved", ""],
  ["alarm:acknowledge", "alarm#AL2FQ7Z6M4K3T5HD", "G-06 bench-gas-1 responded", "已电话联系企业核实"],
  ["video:live", "bench-gas-1-cam1", "", ""],
  ["alarm:resolve", "alarm#ALQK2J7W5RT4Z3XN", "B-02 bench-gas-1 responded", "现场核实，主板更换后已重新登记"],
];
const auditTrail = (query: URLSearchParams) =>
  Array.from({ length: 40 }, (_, index) => ({ index, said: ACTS[index % ACTS.length]! }))
    .filter(({ said }) => said[0].startsWith(query.get("act") ?? ""))
    .map(({ index, said: [act, subject, detail, reason] }) => ({ auditId: `a${index}`, at: iso(Math.floor(Date.now() / 60_000) * 60_000 - index * 37 * MINUTE), actor: `u${index % 3}`, name: ["王建国", "李明", "张敏"][index % 3]!, role: ["city_centre", "city_enforcement", "county"][index % 3]!, act, subject, detail, reason, device: "10.20.3.41 Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0" }));

const found = (one: unknown): Said => (one ? ok(one) : problem(404, "No such object", "没有找到"));
const READING = ["read_time", "read_interval", "read_site_info", "fetch_history", "snapshot", "clip", "live"];
const LOCAL = [...READING, "real_time", "set_time", "sample_now", "calibrate"];
const KINDS_OF: Record<string, string[]> = { city_centre: [...LOCAL, "set_interval", "set_password", "set_parameter", "set_mn", "set_cipher_key", "reload"], county: LOCAL, leader: [], system_admin: ["reload", "read_time"] };
const permissionsOf = (role: string) => (role === "audit_admin" ? ["region:view", "audit:view"] : role === "system_admin" ? ["region:view", "device:view", "outlet:onboard", "command:view", "command:ask"] : ["home:view", "monitor:view", "video:view", "alarm:view", "frame:view", "device:view", "outlet:onboard", "command:view", "command:ask", "command:approve"]);

function logIn({ AuthParameters: given }: { AuthParameters?: Record<string, string> }): Said {
  const who = given?.["USERNAME"] ?? given?.["REFRESH_TOKEN"] ?? "";
  if (given?.["PASSWORD"] === "wrong") return { status: 400, said: { __type: "NotAuthorizedException" } };
  return ok({ AuthenticationResult: { AccessToken: who, RefreshToken: who, ExpiresIn: 3600 } });
}

function asked(method: string, path: string, query: URLSearchParams, role: string, body: string): Said {
  const enterprise = role === "enterprise" ? "horqin-power" : "";
  const seen = outlets.filter((each) => !enterprise || each.enterpriseId === enterprise);
  const inRegion = (code: string) => code.startsWith((query.get("region") ?? "").replace(/(00)+$/, ""));
  const [, noun, id, part] = path.split("/");
  if (noun === "me") return ok({ personId: role, username: role, name: role === "enterprise" ? "李明" : "王建国", role, organisation: "通辽市生态环境局示例", regions: enterprise ? [] : ["15"], enterprises: enterprise ? [enterprise] : [], permissions: permissionsOf(role), commandKinds: KINDS_OF[role] ?? READING });
  if (noun === "devices" && !id) return list(devicesOf(seen));
  if (noun === "devices" && part === "clocks") return list(clocksOf(query.get("subject") ?? "edge"));
  if (noun === "devices" && part === "frames") return list([{ receivedAt: iso(Date.now() - 90_000), thing: id, mn: "UNKNOWN00000001", raw: "##0065QN=20261124040000000;ST=31;CN=2011;PW=123456;MN=UNKNOWN00000001;Flag=5;CP=&&&&A1B2", verdict: "UNKNOWN_MN", warnings: [], reason: { zh: "MN UNKNOWN00000001 未登记", en: "MN UNKNOWN00000001 is not registered" }, acknowledged: false }]);
  if (noun === "devices") return found(deviceOf(seen, id ?? ""));
  if (noun === "commands") return found(commanded(path.split("/"), body, seen));
  if (noun === "audit") return list(auditTrail(query));
  if (noun === "regions") return list(REGIONS);
  if (noun === "enterprises") return list(enterprises().filter((each) => !enterprise || each.enterpriseId === enterprise));
  if (noun === "overview") {
    const these = seen.filter((each) => inRegion(each.region));
    const active = alarms().filter((each) => each.condition === "active" && these.some((outlet) => outlet.outletId === each.outletId));
    return ok({ enterprises: new Set(these.map((each) => each.enterpriseId)).size, outlets: these.length, online: these.filter((e) => e.state === "online").length, offline: these.filter((e) => e.state === "offline").length, pending: these.filter((e) => e.state === "pending").length, activeAlarms: counts(active.map((each) => each.severity)), awaitingResponse: active.filter((each) => each.handling === "awaiting_response").length });
  }
  if (noun === "alarm-counts") return ok(countsOf(alarms().filter((each) => seen.some((outlet) => outlet.outletId === each.outletId)).filter(asksFor(query))));
  if (noun === "alarms") return alarmsOf(method, id, part, query, (outletId) => seen.some((each) => each.outletId === outletId));
  if (noun === "media") return shownMedia(id ?? "");
  const outlet = seen.find((each) => each.outletId === id);
  if (noun !== "outlets") return problem(404, "No such resource", "没有这个资源");
  if (!id) return list(seen.map(outletNow));
  if (outlet && part === "cameras") return cameraPart(outlet.outletId, method, path);
  if (!outlet) return problem(404, "No such outlet in your scope", "您的管辖范围内没有这个排口");
  return partOf(outlet, part, query);
}

type ImaginedAlarm = ReturnType<typeof alarms>[number];
const asksFor = (query: URLSearchParams) => (each: ImaginedAlarm) => ["type", "severity", "condition", "handling", "factor"].every((key) => !query.get(key) || query.get(key)!.split(",").includes(each[key as "type"])) && (!query.get("outlet") || each.outletId === query.get("outlet")) && (!query.get("enterprise") || each.enterpriseId === query.get("enterprise")) && each.region.startsWith((query.get("region") ?? "").replace(/(00)+$/, ""));

/** How many alarms there are of each kind, by severity. */
function countsOf(counted: ImaginedAlarm[]) {
  const by = (key: "type" | "region") => [...new Set(counted.map((each) => each[key]))].map((value) => ({ value, these: counted.filter((each) => each[key] === value) })).sort((a, b) => b.these.length - a.these.length);
  const levels = (these: ImaginedAlarm[]) => counts(these.map((each) => each.severity));
  return {
    total: counted.length, active: counted.filter((each) => each.condition === "active").length, awaitingResponse: counted.filter((each) => each.handling === "awaiting_response").length, whole: true,
    byType: by("type").map(({ value, these }) => ({ type: value, counts: levels(these) })),
    byRegion: by("region").map(({ value, these }) => ({ region: value, name: REGIONS.find((each) => each.code === value)!.name, counts: levels(these) })),
  };
}

function alarmsOf(method: string, id: string | undefined, part: string | undefined, query: URLSearchParams, sees: (outlet: string) => boolean): Said {
  const mine = alarms().filter((each) => sees(each.outletId));
  const one = mine.find((each) => each.alarmId === id);
  if (id && !one) return problem(404, "No such alarm", "没有这条报警");
  if (one && part === "media") return list(mediaBetween(one.outletId, Date.parse(one.lastAt) - 15 * MINUTE, Date.parse(one.lastAt)).filter((each) => each.kind === "clip").slice(0, 1));
  if (one && part) {
    if (part === "resolve") {
      one.condition = "cleared";
      one.clearedAt = iso(Date.now());
    } else if (method === "POST" && one.handling === "responded") return problem(409, "Already responded", "已被处理");
    one.handling = "responded";
    one.commands = [];
    one.history = [{ at: iso(Date.now()), actor: "王建国", role: "city_centre", command: part, before: "awaiting_response", after: "responded", reason: "" }];
    return ok(one);
  }
  if (one) return ok(one);
  const picked = mine.filter(asksFor(query));
  const from = Number(query.get("cursor") ?? 0);
  const most = Number(query.get("limit") ?? 50);
  return ok({ items: picked.slice(from, from + most), nextCursor: from + most < picked.length ? String(from + most) : null });
}

const MINUTE = 60_000;

/** A clip of three minutes every quarter of an hour, a snapshot every five minutes; one is still on its way, one was altered. */
function mediaBetween(outletId: string, from: number, to: number) {
  const starts = (step: number) => Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, index) => Math.ceil(from / step) * step + index * step).filter((at) => at < Date.now() - 4 * MINUTE);
  const one = (cameraId: string, kind: string, start: number, minutes: number) => ({
    mediaId: `${kind}-${cameraId}-${start / 1000}`, outletId, cameraId, kind, start: iso(start), end: iso(start + minutes * MINUTE), recordedAt: iso(start), cause: "", complete: (start / MINUTE) % 45 !== 0,
    check: kind === "snapshot" && (start / MINUTE) % 60 === 25 ? "differs" : kind === "snapshot" && (start / MINUTE) % 60 === 50 ? "pending" : "verified",
    sha256: createHash("sha256").update(`${cameraId}${start}`).digest("hex"), bytes: 100_006, pieces: 1, form: "file", thing: "edge-demo", sequence: start / MINUTE,
  });
  const found = camerasOf(outletId).flatMap(({ cameraId }) => [...starts(15 * MINUTE).map((at) => one(cameraId, "clip", at, 3)), ...starts(5 * MINUTE).map((at) => one(cameraId, "snapshot", at, 0))]);
  return found.sort((a, b) => b.start.localeCompare(a.start)).slice(0, 200);
}

function shownMedia(id: string): Said {
  const [, kind, cameraId, start] = /^(clip|snapshot)-(.+)-(\d+)$/.exec(id) ?? [];
  if (!kind || !cameraId) return problem(404, "No such media", "没有这段影像");
  const at = Number(start) * 1000;
  const media = mediaBetween(cameraId.replace(/-cam\d+$/, ""), at, at + MINUTE).find((each) => each.mediaId === id);
  return media ? ok({ ...media, path: media.check === "verified" ? `/media/${kind === "clip" ? "clip.mp4" : "still.jpg"}` : null }) : problem(404, "No such media", "没有这段影像");
}

/** Half a minute in pieces of two seconds, again and again; the camera needs two seconds to answer. */
const PIECES = 15;
let watchedAt = 0;
function livePlaylist(): Said {
  if (!watchedAt || Date.now() - watchedAt < 2000) return { status: 202, said: "" };
  const first = Math.floor((Date.now() - started) / 2000);
  const pieces = Array.from({ length: 4 }, (_, index) => first + index).map((piece) => `${piece % PIECES ? "" : "#EXT-X-DISCONTINUITY\n"}#EXTINF:2.0,\n/live/live-${piece % PIECES}.mpegts`);
  const breaks = Math.floor((first - 1) / PIECES);
  return { status: 200, said: `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:${first}\n#EXT-X-DISCONTINUITY-SEQUENCE:${breaks}\n${pieces.join("\n")}\n` };
}

function cameraPart(outletId: string, method: string, path: string): Said {
  const [, , , , cameraId, act] = path.split("/");
  if (!cameraId) return list(camerasOf(outletId).map((each) => ({ ...each, state: outletId.startsWith("kailu") ? "failing" : "ok", detail: outletId.startsWith("kailu") ? "frozen" : "", since: iso(started - HOUR) })));
  if (act === "live.m3u8") return livePlaylist();
  if (method === "POST") watchedAt ||= Date.now();
  return ok({ cameraId, playlist: `/outlets/${outletId}/cameras/${cameraId}/live.m3u8` });
}

function partOf(outlet: (typeof outlets)[number], part: string | undefined, query: URLSearchParams): Said {
  const from = Date.parse(query.get("from") ?? "");
  const to = Math.min(Date.parse(query.get("to") ?? ""), Date.now());
  const { outletId } = outlet;
  if (!part) return ok(outletNow(outlet));
  if (part === "media") return list(mediaBetween(outletId, from, Date.parse(query.get("to") ?? "")));
  if (outlet.state === "pending") return part === "series" ? ok({ outletId, step: "raw", times: [], channels: {}, flags: {}, thinned: false }) : list([]);
  if (part === "latest") {
    const at = Math.floor(Date.now() / 10_000) * 10_000;
    const hour = Math.floor(at / HOUR - 1) * HOUR;
    const reported = outlet.factors.flatMap(({ code, unit, name: called }) => [["rtd", at], ["hour", hour]].map(([kind, when]) => ({ factor: code, kind, at: iso(when as number), receivedAt: iso((when as number) + 3000), value: valueAt(outletId, code, when as number).toFixed(digits(code)), converted: code.startsWith("a2") || code.startsWith("a3") ? (valueAt(outletId, code, when as number) * 1.12).toFixed(digits(code)) : null, flag: "N", unit, name: called })));
    const plant = PLANT[outlet.medium as "gas"].map(({ code, name: called, unit }) => ({ factor: code, kind: "rtd", at: iso(at), receivedAt: iso(at + 3000), value: valueAt(outletId, code, at).toFixed(1), converted: null, flag: "N", unit, name: called }));
    return list([...reported, ...plant]);
  }
  if (part === "series") {
    const step = Math.max(10_000, Math.ceil((to - from) / 2000 / 10_000) * 10_000);
    const times = Array.from({ length: Math.max(0, Math.floor((to - from) / step)) }, (_, index) => Math.ceil(from / step) * step + index * step).filter((at) => Math.floor(at / 600_000) % 17 !== 5);
    const codes = (query.get("channels") ?? "").split(",");
    return ok({ outletId, step: "raw", times, channels: Object.fromEntries(codes.map((code) => [code, times.map((at) => Number(valueAt(outletId, code, at * 3).toFixed(digits(code))))])), flags: {}, thinned: false });
  }
  if (part === "frames") {
    const newest = Math.floor(Date.now() / 60_000) * 60_000;
    return list(Array.from({ length: 12 }, (_, index) => ({ receivedAt: iso(newest - index * 60_000), thing: "edge-demo", mn: outlet.mn, raw: `##0176QN=20261124040${index}00000;ST=${outlet.st};CN=2011;PW=123456;MN=${outlet.mn};Flag=5;CP=&&DataTime=2026112404000${index};a21026-Rtd=21.3,a21026-Flag=N&&1C80`, verdict: index === 3 ? "REJECT_CRC" : index === 5 ? "OK_WITH_WARNINGS" : "OK", warnings: index === 5 ? ["lower_case_crc"] : [], reason: index === 3 ? { zh: "校验码声明 1C80，计算得 2B41", en: "CRC says 1C80, computed 2B41" } : { zh: "", en: "" }, acknowledged: index !== 3 })));
  }
  const span = query.get("span") ?? "hour";
  const step = SPAN_MS[span] ?? HOUR;
  const starts = Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, index) => Math.ceil(from / step) * step + index * step).filter((at) => at < to && (span === "day" || !missing(at)));
  return list(starts.flatMap((at) => outlet.factors.map(({ code }) => {
    const flag = span === "day" ? "N" : flagAt(at);
    const value = valueAt(outletId, code, at);
    const converts = code.startsWith("a2") || code.startsWith("a3");
    return { outletId, factor: code, span, start: iso(at), mean: value.toFixed(digits(code)), min: null, max: null, converted: converts ? (value * 1.12).toFixed(digits(code)) : null, cumulative: null, flag, valid: flag === "N", source: "reported", version: 1, knownAt: iso(at + step + 3000) };
  })));
}
