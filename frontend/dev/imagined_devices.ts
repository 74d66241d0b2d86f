/** Invented edge devices and commands, for work on the page of devices. */

const HOUR = 3_600_000;
const iso = (at: number) => new Date(at + 8 * HOUR).toISOString().replace("Z", "+08:00").replace(".000", "");
const now = () => Math.floor(Date.now() / 2_000) * 2_000;

interface ImaginedOutlet {
  outletId: string;
  enterpriseId: string;
  enterpriseName: { zh: string; en: string };
  name: { zh: string; en: string };
  region: string;
  mn: string;
  st: string;
  factors: unknown[];
  state: string;
}

interface ImaginedCommand {
  commandId: string;
  outletId: string | null;
  thing: string;
  state: string;
  moves: string[];
  history: unknown[];
  [key: string]: unknown;
}

const started = Date.now();
const thingOf = (outlet: ImaginedOutlet) => `edge-${outlet.enterpriseId}`;
/** The one outlet that waits sends its first frame fifteen seconds after the start. */
const stateOf = (outlet: ImaginedOutlet) => (outlet.state === "pending" && Date.now() - started > 15_000 ? "online" : outlet.state);

const clock = (subject: string, offset: number, samples = 20) => ({ at: iso(now() - 30_000), subject, reference: subject === "edge" ? "cloud" : "edge", offset, samples, jumped: false });

/** A clock that drifts, and was set three hours ago. */
export const clocksOf = (subject: string) => Array.from({ length: 96 }, (_, index) => ({ ...clock(subject, index < 84 ? -20 - index * 1.3 : (index % 5) / 10), at: iso(started - (96 - index) * 15 * 60_000), jumped: index === 84 }));

function loggerOf(outlet: ImaginedOutlet, at: number) {
  const state = stateOf(outlet);
  const heard = state === "pending" ? null : state === "offline" ? now() - 3 * HOUR : now() - 4_000;
  const source = { at: iso(now() - HOUR), source: outlet.outletId, kind: "hj212", state: state === "offline" ? "silent" : "ok", detail: state === "offline" ? "no frame for 1800 s" : "", facts: { taken: 8431 + at, refused: at % 5, peer: `10.8.3.${20 + at}`, edition: at % 3 ? "2017" : "2025" }, outletId: outlet.outletId };
  return {
    outletId: outlet.outletId, name: outlet.name, region: outlet.region, mn: outlet.mn, st: outlet.st, factors: outlet.factors, state,
    lastDataAt: heard && iso(heard - 1_800), lastReceivedAt: heard && iso(heard), delay: heard && 1.2 + (at % 7) / 10, gaps: at % 6 === 3 ? 2 : 0,
    clock: state === "pending" ? null : clock(outlet.outletId, at === 4 ? -131.4 : at === 2 ? 18.6 : (at % 5) / 10 - 0.2), sources: state === "pending" ? [] : [source],
  };
}

export function devicesOf(outlets: readonly ImaginedOutlet[]) {
  const things = [...new Set(outlets.map(thingOf))];
  return things.map((thing) => {
    const mine = outlets.filter((outlet) => thingOf(outlet) === thing);
    const loggers = mine.map((outlet) => loggerOf(outlet, outlets.indexOf(outlet)));
    const heard = loggers.some((logger) => logger.state === "online");
    const last = heard ? iso(now() - 1_000) : iso(now() - 3 * HOUR);
    return {
      thing, enterpriseId: mine[0]!.enterpriseId, enterpriseName: mine[0]!.enterpriseName, state: heard ? "online" : "silent",
      lastReceivedAt: last, lastDataAt: last, edgeClock: clock("edge", 0.012, 5), gaps: thing.includes("steel") ? 2 : 0, troubled: heard ? 1 : 2, loggers,
    };
  });
}

const fillsOf = (outletId: string) =>
  [["filled", 2, "2061"], ["absent", 0, "2061"], ["waiting", 0, "2051"]].map(([state, filled, cn], index) => ({ at: iso(started - index * HOUR), outletId, cn, firstAt: iso(started - (9 + index) * HOUR), lastAt: iso(started - (8 + index) * HOUR), missing: 2, filled, state, detail: state === "waiting" ? "the data logger did not answer the request" : "" }));

export function deviceOf(outlets: readonly ImaginedOutlet[], thing: string) {
  const found = devicesOf(outlets).find((device) => device.thing === thing);
  if (!found) return null;
  const gap = { at: iso(started - 2 * HOUR), class: "telemetry", loss: "thinned", firstAt: iso(started - 9 * HOUR), lastAt: iso(started - 5 * HOUR), count: 14_400, reason: "disk 90 % full" };
  return {
    ...found, serial: "0A31F7C2", provisionedAt: iso(started - 90 * 24 * HOUR), sequence: 1_785_000_000_000 + Math.floor((Date.now() - started) / 1000),
    boots: [{ bootId: "9f41c2d07e", firstAt: iso(started - 26 * HOUR) }, { bootId: "70ab13ee20", firstAt: iso(started - 800 * HOUR) }],
    clocks: [found.edgeClock, ...found.loggers.flatMap((logger) => (logger.clock ? [logger.clock] : []))],
    sources: [
      ...found.loggers.flatMap((logger) => logger.sources),
      { at: iso(started - 5 * HOUR), source: "eth0", kind: "route", state: "ok", detail: "", facts: { rtt: 41 }, outletId: null },
      { at: iso(started - HOUR), source: "wwan0", kind: "route", state: "failing", detail: "no answer for 60 s", facts: {}, outletId: null },
    ],
    gapRecords: found.gaps ? [gap, { ...gap, loss: "dropped", class: "events", count: 12, firstAt: gap.lastAt }] : [],
    fills: found.loggers.flatMap((logger) => (logger.gaps ? fillsOf(logger.outletId) : [])),
    commands: commands(thing),
  };
}

const kept: ImaginedCommand[] = [];

function commands(thing: string): ImaginedCommand[] {
  if (!kept.some((one) => one.thing === thing)) kept.push(...past(thing));
  return kept.filter((one) => one.thing === thing).sort((a, b) => String(b["askedAt"]).localeCompare(String(a["askedAt"])));
}

const step = (at: number, actor: string, move: string, reason = "") => ({ at: iso(at), actor, role: "county", move, before: null, after: "", reason });

function made(thing: string, outletId: string | null, kind: string, at: number, said: object): ImaginedCommand {
  return {
    commandId: `CM${kind}${at}`, kind, thing, outletId, outletName: { zh: "", en: "" }, enterpriseId: thing.slice(5), region: "150502", arguments: {}, state: "done", dualControl: false,
    askedAt: iso(at), askedBy: "李红", reason: "", issuedAt: iso(at), expiresAt: iso(at + 15 * 60_000), updatedAt: iso(at + 2_000), history: [step(at, "李红", "ask")], receipts: [], moves: [], version: 3, ...said,
  };
}

function past(thing: string): ImaginedCommand[] {
  const at = started - 20 * 60_000;
  const receipt = { at: iso(at + 3_000), stage: "done", detail: "", result: { systemTime: "20261124080003", offset: -131.4 } };
  return [
    made(thing, null, "reload", at - 3 * HOUR, { state: "refused", receipts: [{ ...receipt, stage: "refused", detail: "bad configuration", result: null }], history: [step(at, "王建国", "ask"), step(at + 1_000, "plume", "send"), step(at + 2_000, thing, "refused", "bad configuration")] }),
    made(thing, null, "read_time", at, { receipts: [receipt], history: [step(at, "李红", "ask"), step(at + 500, "plume", "send"), step(at + 1_500, thing, "accepted"), step(at + 3_000, thing, "done")] }),
    made(thing, null, "set_time", at + 5 * 60_000, { state: "awaiting_approval", dualControl: true, reason: "与北京时间相差 131 秒", expiresAt: iso(at + 24 * HOUR), moves: ["approve", "reject"], history: [step(at + 5 * 60_000, "李红", "ask", "与北京时间相差 131 秒")] }),
  ];
}

/** Ask, approve, reject or withdraw; gives the command as it stands then. */
export function commanded(path: readonly string[], body: string, outlets: readonly ImaginedOutlet[]): ImaginedCommand | null {
  const said = JSON.parse(body || "{}") as { kind?: string; outletId?: string; thing?: string; arguments?: object; reason?: string };
  const [, , id, move] = path;
  if (!id) {
    const outlet = outlets.find((one) => one.outletId === said.outletId);
    const dual = ["set_time", "calibrate", "set_password", "set_parameter", "set_mn", "set_cipher_key"].includes(said.kind ?? "");
    const asked = made(said.thing ?? thingOf(outlet!), said.outletId ?? null, said.kind ?? "", Date.now(), { arguments: said.arguments ?? {}, reason: said.reason ?? "", dualControl: dual, state: dual ? "awaiting_approval" : "sent", moves: dual ? ["withdraw"] : [], askedBy: "王建国" });
    kept.push(asked);
    return asked;
  }
  const one = kept.find((each) => each.commandId === id);
  if (!one) return null;
  one.state = { approve: "sent", reject: "rejected", withdraw: "withdrawn" }[move ?? ""] ?? one.state;
  one.moves = [];
  one.history = [...one.history, step(Date.now(), "王建国", move ?? "", said.reason)];
  return one;
}
