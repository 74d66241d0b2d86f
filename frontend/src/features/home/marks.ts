/** The map's marks as SVG: an enterprise is a glyph in a ring of its worst severity, a cluster a donut. */

import { type Enterprise, SEVERITIES } from "@/api/resources";

const GLYPHS: Record<string, string> = {
  power: "M12.500 6 8 12.500h3.500L10.500 18 16 11h-3.800z",
  water: "M12 5.500c3 3.500 4.500 5.700 4.500 8a4.500 4.500 0 0 1-9 0c0-2.300 1.500-4.500 4.500-8z",
  metal: "M7 16 9 9h6l2 7zM9.500 6.500h5",
  cement: "M7 17V9l3-3h4l3 3v8zM10 17v-4h4v4",
  stack: "M8.500 17V9h3v8M12.500 17v-5h3v5M9 6.500c1-1.500 2.500.5 4-1",
};
const GLYPH_OF: [RegExp, string][] = [
  [/power|turbine|heat|energy|火力|电厂|热电|燃气/i, "power"],
  [/sewage|water|污水/i, "water"],
  [/alumin|steel|coking|carbon|metal|铝|钢|焦化/i, "metal"],
  [/cement|水泥/i, "cement"],
];
/** A camera at the upper right: this place can be seen. */
const CAMERA = '<g transform="translate(15.500 .500)"><rect width="8" height="8" rx="2" fill="var(--card)"/><path d="M1 2.500h4v3.400H1zM5 3.700l2-1v3l-2-1" fill="none" stroke="var(--ink-2)" stroke-width="1" stroke-linejoin="round"/></g>';
const RING = 10.6;

const glyphOf = (industry: string): string =>
  GLYPHS[GLYPH_OF.find(([pattern]) => pattern.test(industry))?.[1] ?? "stack"] as string;

const colour = (level: string | null): string => (level ? `var(--${level.toLowerCase()})` : "var(--brand)");

/** 28 px; a gap opens the ring when something is wrong, a dashed hollow ring says offline. */
export function enterpriseMark(enterprise: Enterprise): string {
  const { worst, online, offline, industry } = enterprise;
  const hollow = online === 0;
  const ring = worst ? 'stroke-dasharray="54 12.600" transform="rotate(-57 12 12)"' : "";
  const dashes = hollow && !worst ? 'stroke-dasharray="2.500 2.500"' : ring;
  const ink = hollow ? "var(--ink-3)" : "var(--ink)";
  const rim = hollow && !worst ? "var(--ink-3)" : colour(worst);
  return (
    `<svg viewBox="0 0 24 24" width="30" height="30"><circle cx="12" cy="12" r="11.500" fill="var(--card)"/>` +
    `<circle cx="12" cy="12" r="${RING}" fill="none" stroke="${rim}" stroke-width="${worst ? 2.4 : 1.6}" ${dashes}/>` +
    `<path d="${glyphOf(industry)}" fill="${hollow ? "none" : ink}" fill-opacity=".9" stroke="${ink}" stroke-width="1.200" stroke-linejoin="round" stroke-linecap="round"/>` +
    (enterprise.cameras ? CAMERA : "") +
    (offline && !hollow ? `<circle cx="20" cy="20" r="3" fill="var(--card)" stroke="var(--ink-3)" stroke-width="1.400"/>` : "") +
    "</svg>"
  );
}

/** A donut of the enterprises' worst severities, with their count. */
export function clusterMark(enterprises: readonly Enterprise[]): string {
  const radius = 15;
  const round = 2 * Math.PI * radius;
  let offset = 0;
  const arcs = [...SEVERITIES, null].map((level) => {
    const share = (enterprises.filter((each) => each.worst === level).length / enterprises.length) * round;
    const arc = share ? `<circle cx="20" cy="20" r="${radius}" fill="none" stroke="${colour(level)}" stroke-width="4" stroke-dasharray="${share} ${round - share}" stroke-dashoffset="${-offset}" transform="rotate(-90 20 20)"/>` : "";
    offset += share;
    return arc;
  });
  return (
    `<svg viewBox="0 0 40 40" width="40" height="40"><circle cx="20" cy="20" r="18" fill="var(--card)"/>${arcs.join("")}` +
    `<text x="20" y="24.500" text-anchor="middle" font-size="13" font-weight="600" fill="var(--ink)">${enterprises.length}</text></svg>`
  );
}
