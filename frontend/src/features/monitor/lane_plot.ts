/** The plot under every lane: one clock for all, a cursor shared by all, redrawn when the theme changes. */

import "uplot/dist/uPlot.min.css";

import uPlot from "uplot";
import { onBeforeUnmount, onMounted, type ShallowRef, watch } from "vue";

import { shown as shownTheme, token } from "@/ui/theme";
import { clockSeconds, DAY_MS, short } from "@/ui/time";
import { useWords } from "@/ui/words";

import type { Kind } from "./curve";

/** Where a lane lies in time [unix milliseconds], where the cursor stands, and whether it carries the axis. */
export interface LaneClock {
  times: number[];
  kind: Kind;
  from: number;
  to: number;
  cursor: number | null;
  last: boolean;
}

export interface LaneDrawing {
  height: () => number;
  series: uPlot.Series[];
  columns: () => (number | null)[][];
  range: uPlot.Range.Function;
  under?: (plot: uPlot) => void;
  over?: (plot: uPlot) => void;
}

export interface LaneHands {
  point: (at: number | null) => void;
  zoom: (from: number, to: number) => void;
  reset: () => void;
}

export const AXIS_HEIGHT = 26;
/** Half a label of the time axis, and the room at the right of the plot. */
const HALF_LABEL_PX = 34;
const EDGE_PX = 12;
const LEAST_DRAG_PX = 8;
const PX_PER_DOT = 14;

/** Dots are drawn when there is room between them. */
export const dots = (plot: uPlot, _: number, from: number, to: number): boolean => to - from < plot.bbox.width / devicePixelRatio / PX_PER_DOT;

export function useLanePlot(canvas: Readonly<ShallowRef<HTMLElement | null>>, clock: LaneClock, drawing: LaneDrawing, hands: LaneHands): void {
  const { locale } = useWords();
  let plot: uPlot | undefined;
  let sizes: ResizeObserver | undefined;
  let ours = false;
  let heard: MouseEvent | undefined;

  const columns = (): uPlot.AlignedData => [clock.times.map((at) => at / 1000), ...drawing.columns()] as uPlot.AlignedData;
  /** A label that would be cut at an edge is left out. */
  const fits = (u: uPlot, at: number): boolean => u.valToPos(at, "x") <= u.bbox.width / devicePixelRatio - HALF_LABEL_PX + EDGE_PX;
  const xLabels = (u: uPlot, splits: number[]) =>
    splits.map((at) => (!fits(u, at) ? "" : clock.to - clock.from > DAY_MS ? short(at * 1000).slice(0, clock.kind === "day" ? 5 : 11) : clockSeconds(at * 1000).slice(0, 5)));

  function options(width: number): uPlot.Options {
    const grid = { stroke: () => token("line"), width: 1 };
    const axis = { stroke: () => token("ink-3"), font: "12px system-ui", grid, ticks: { ...grid, size: 4 } };
    return {
      width, height: drawing.height(), padding: [10, 12, clock.last ? 0 : 8, 0], legend: { show: false },
      tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Asia/Shanghai"),
      cursor: {
        sync: { key: "plume-clock", setSeries: false, scales: ["x", null] }, points: { size: 7 },
        drag: { x: true, y: false, setScale: false }, bind: { dblclick: () => () => { hands.reset(); return null; } },
      },
      scales: { x: { time: true, range: () => [clock.from / 1000, clock.to / 1000] }, y: { range: drawing.range } },
      axes: [
        { ...axis, size: clock.last ? AXIS_HEIGHT : 0, gap: 4, space: 72, values: clock.last ? xLabels : () => [] },
        { ...axis, size: 52, gap: 4, space: 32 },
      ],
      series: [{}, ...drawing.series],
      hooks: { drawClear: [(u) => drawing.under?.(u)], draw: [(u) => drawing.over?.(u)], setCursor: [pointed], setSelect: [selected] },
    };
  }

  /** Tell where a hand points: new data and a playing film move the cursor too, and say nothing. */
  function pointed(u: uPlot): void {
    if (ours || !u.cursor.event || u.cursor.event === heard) return;
    heard = u.cursor.event;
    const { left, idx } = u.cursor;
    hands.point(left != null && left >= 0 && idx != null ? (clock.times[idx] ?? null) : null);
  }

  function selected(u: uPlot): void {
    const { left, width } = u.select;
    if (width < LEAST_DRAG_PX) return;
    hands.zoom(Math.round(u.posToVal(left, "x") * 1000), Math.round(u.posToVal(left + width, "x") * 1000));
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  }

  /** A cursor moved by keys or by the address is put on the canvas too. */
  function follow(at: number | null): void {
    if (!plot || at === null) return;
    const { idx, left } = plot.cursor;
    if (idx != null && clock.times[idx] === at && (left ?? -1) >= 0) return;
    ours = true;
    plot.setCursor({ left: plot.valToPos(at / 1000, "x"), top: 10 }, false);
    ours = false;
  }

  onMounted(() => {
    const box = canvas.value as HTMLElement;
    plot = new uPlot(options(box.clientWidth), columns(), box);
    sizes = new ResizeObserver(() => plot?.setSize({ width: box.clientWidth, height: drawing.height() }));
    sizes.observe(box);
  });
  onBeforeUnmount(() => {
    sizes?.disconnect();
    plot?.destroy();
  });
  watch(() => [drawing.columns(), clock.times, clock.from, clock.to], () => plot?.setData(columns()), { flush: "post" });
  watch([shownTheme, locale], () => plot?.redraw(false, true), { flush: "post" });
  watch(() => clock.cursor, follow, { flush: "post" });
}
