/** What a lane paints beside uPlot's lines: limit, flags, and the part of a line that exceeds. */

import type uPlot from "uplot";

import type { Limit } from "@/api/resources";
import { token } from "@/ui/theme";

import { flagRuns, type Told } from "./curve";

const FONT = "12px system-ui, 'PingFang SC', 'Noto Sans CJK SC', sans-serif";
const HATCH_PX = 7;

/** A line's colour: its own below the ceiling, L1 above. */
export function strokeOver(u: uPlot, colour: string, limit: Limit | null): string | CanvasGradient {
  const { top, height } = u.bbox;
  if (!limit || u.scales["y"]?.max == null || !height) return colour;
  const stop = (u.valToPos(Number(limit.ceiling), "y", true) - top) / height;
  if (!(stop > 0)) return colour;
  const at = Math.min(1, stop);
  const gradient = u.ctx.createLinearGradient(0, top, 0, top + height);
  gradient.addColorStop(0, token("l1"));
  gradient.addColorStop(at, token("l1"));
  gradient.addColorStop(at, colour);
  gradient.addColorStop(1, colour);
  return gradient;
}

/** The ceiling (and floor) as dashed lines, each labelled at its right end. */
export function limitLine(u: uPlot, limit: Limit | null, label: (value: string) => string): void {
  if (!limit) return;
  for (const value of [limit.ceiling, limit.floor]) if (value !== null) dashed(u, value, label(value));
}

function dashed(u: uPlot, value: string, label: string): void {
  const { ctx, bbox } = u;
  const y = Math.round(u.valToPos(Number(value), "y", true)) + 0.5;
  if (y < bbox.top || y > bbox.top + bbox.height) return;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = token("limit");
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.font = scaled(FONT);
  ctx.textAlign = "right";
  ctx.textBaseline = "bottom";
  haloed(ctx, label, bbox.left + bbox.width - 2 * devicePixelRatio, y - 2 * devicePixelRatio);
  ctx.restore();
}

/** Hatched bands where the flag is not N, with its letter on top. */
export function hatchFlags(u: uPlot, times: readonly number[], told: readonly (Told | null)[]): void {
  const { ctx, bbox } = u;
  const right = bbox.left + bbox.width;
  ctx.save();
  ctx.font = scaled(FONT);
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  for (const run of flagRuns(times, told)) {
    const from = Math.max(bbox.left, u.valToPos(run.from / 1000, "x", true));
    const to = Math.min(right, u.valToPos(run.to / 1000, "x", true));
    if (to > from) hatch(ctx, from, to, bbox.top, bbox.height, run.flag);
  }
  ctx.restore();
}

function hatch(ctx: CanvasRenderingContext2D, from: number, to: number, top: number, height: number, letter: string): void {
  const step = HATCH_PX * devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(from, top, to - from, height);
  ctx.clip();
  ctx.strokeStyle = token("hatch");
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  for (let x = from - height; x < to; x += step) {
    ctx.moveTo(x, top + height);
    ctx.lineTo(x + height, top);
  }
  ctx.stroke();
  ctx.restore();
  ctx.fillStyle = token("ink-2");
  ctx.fillText(letter, (from + to) / 2, top + 2 * devicePixelRatio);
}

/** Text that stays readable over a curve. */
function haloed(ctx: CanvasRenderingContext2D, text: string, x: number, y: number): void {
  ctx.setLineDash([]);
  ctx.strokeStyle = token("card");
  ctx.lineWidth = 4 * devicePixelRatio;
  ctx.lineJoin = "round";
  ctx.strokeText(text, x, y);
  ctx.fillText(text, x, y);
}

const scaled = (font: string): string => font.replace(/^(\d+)px/, (_, size: string) => `${Number(size) * devicePixelRatio}px`);
