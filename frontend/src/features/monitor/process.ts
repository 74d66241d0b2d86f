/** What the plant does (工况): channels of production and treatment, gathered by what they measure. */

import type { Factor, Latest, Series } from "@/api/resources";

import { type Curves, curvesOfSeries } from "./curve";

/** Channels that share an axis: one class of devices, at most as many as there are colours. */
export interface Gauge {
  key: string;
  name: Factor["name"];
  unit: string;
  channels: Factor[];
}

/** As many lines as colour-blind eyes can tell apart; more go to a lane of their own. */
export const MOST_LINES = 8;
export const MOST_GAUGES = 12;
/** As many channels as one question of the API may name. */
const MOST_CHANNELS = 32;
const USUAL_GAUGES = 2;
export const NONE = "none";

/** g10401 and g10402 are two devices of the class g104: the last two digits number them (HJ 212-2017, annex B). */
const classOf = (code: string): string => (/^[ge]\d{5}$/.test(code) ? code.slice(0, 4) : code);

/** The newest values of the plant among an outlet's: whatever is told now and is no factor of a stack or a drain. */
export function processValues(latest: readonly Latest[], own: readonly Factor[]): Latest[] {
  const reported = new Set(own.map((each) => each.code));
  const told = latest.filter((each) => each.kind === "rtd" && !reported.has(each.factor) && !/^[aw]/.test(each.factor));
  return told.sort((a, b) => a.factor.localeCompare(b.factor));
}

export function gaugesOf(latest: readonly Latest[], own: readonly Factor[]): Gauge[] {
  const classes = new Map<string, Factor[]>();
  for (const { factor, name, unit } of processValues(latest, own)) {
    classes.set(classOf(factor), [...(classes.get(classOf(factor)) ?? []), { code: factor, name, unit }]);
  }
  return [...classes].flatMap(([key, channels]) =>
    chunks(channels).map((some, index) => ({ key: index ? `${key}.${index + 1}` : key, name: shared(some), unit: some[0]?.unit ?? "", channels: some })),
  );
}

/** The gauges the address names; without any, the first that measure something with a unit. */
export function chosenGauges(gauges: readonly Gauge[], asked: string): Gauge[] {
  if (asked === NONE) return [];
  const keys = asked.split(",");
  const named = gauges.filter((each) => keys.includes(each.key)).slice(0, MOST_GAUGES).filter((_, at, all) => count(all.slice(0, at + 1)) <= MOST_CHANNELS);
  return named.length ? named : gauges.filter((each) => each.unit).slice(0, USUAL_GAUGES);
}

const count = (gauges: readonly Gauge[]): number => gauges.reduce((sum, each) => sum + each.channels.length, 0);

/** The gauges there is still room for. */
export function addable(gauges: readonly Gauge[], chosen: readonly Gauge[]): Gauge[] {
  const keys = chosen.map((each) => each.key);
  const room = chosen.length < MOST_GAUGES ? MOST_CHANNELS - count(chosen) : 0;
  return gauges.filter((each) => !keys.includes(each.key) && each.channels.length <= room);
}

export function curvesOfGauges(series: Series, gauges: readonly Gauge[]): Curves {
  return curvesOfSeries(series, gauges.flatMap((each) => each.channels), () => null);
}

/** The number of a device as its name tells it, for a legend that has the class in its head. */
export const numberOf = (code: string): string => (classOf(code) === code ? "" : String(Number(code.slice(-2))));

/** The name of the class: without the bracket that numbers the device, which the legend tells. */
function shared([first]: readonly Factor[]): Factor["name"] {
  if (!first) return { zh: "", en: "" };
  if (!numberOf(first.code)) return first.name;
  const bare = (text: string) => text.replace(/\s*[（(][^（(]*$/, "");
  return { zh: bare(first.name.zh), en: bare(first.name.en) };
}

const chunks = (channels: readonly Factor[]): Factor[][] =>
  Array.from({ length: Math.ceil(channels.length / MOST_LINES) }, (_, index) => channels.slice(index * MOST_LINES, (index + 1) * MOST_LINES));
