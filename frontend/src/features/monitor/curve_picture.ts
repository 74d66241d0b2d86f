/** The lanes as one picture: their canvases below one another, under a head that says what they show. */

import { token } from "@/ui/theme";

const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", system-ui, sans-serif';
const HEAD_PX = 40;
const NAME_PX = 24;
const SIDE_PX = 12;
const GAP_PX = 16;
const DASH_PX = 14;

export interface Strip {
  canvas: HTMLCanvasElement;
  name: string;
  /** What each colour stands for. */
  legend: { colour: string; text: string }[];
}

const LEGEND = ".readout dt.measured, .readout dt.converted, .process-values > li";

/** The words beside a lane, with the token of the colour they name. */
function legendOf(lane: HTMLElement): Strip["legend"] {
  return [...lane.querySelectorAll<HTMLElement>(LEGEND)].map((each) => ({
    colour: each.className.replace(/^line-/, "p"),
    text: (each.querySelector("span") ?? each).textContent?.trim() ?? "",
  }));
}

/** The lanes within a box, each with the words at its side. */
export const stripsIn = (box: HTMLElement): Strip[] =>
  [...box.querySelectorAll<HTMLElement>(".lane")].flatMap((lane) => {
    const canvas = lane.querySelector("canvas");
    const name = [...lane.querySelectorAll(".readout-name > *")].map((each) => each.textContent?.trim()).join("  ");
    return canvas ? [{ canvas, name, legend: legendOf(lane) }] : [];
  });

export async function pictureOf(head: string, strips: readonly Strip[]): Promise<Blob | null> {
  const scale = window.devicePixelRatio || 1;
  const width = Math.max(0, ...strips.map(({ canvas }) => canvas.width));
  const sheet = document.createElement("canvas");
  sheet.width = width + 2 * SIDE_PX * scale;
  sheet.height = HEAD_PX * scale + strips.reduce((sum, { canvas }) => sum + NAME_PX * scale + canvas.height, 0) + SIDE_PX * scale;
  const pen = sheet.getContext("2d");
  if (!pen || !width) return null;
  pen.fillStyle = token("card");
  pen.fillRect(0, 0, sheet.width, sheet.height);
  pen.textBaseline = "middle";
  const write = (text: string, y: number, px: number, colour: string): void => {
    pen.fillStyle = token(colour);
    pen.font = `${px * scale}px ${FONT}`;
    pen.fillText(text, SIDE_PX * scale, y);
  };
  write(head, (HEAD_PX / 2) * scale, 15, "ink");
  let y = HEAD_PX * scale;
  for (const { canvas, name, legend } of strips) {
    write(name, y + (NAME_PX / 2) * scale, 13, "ink-2");
    let x = (SIDE_PX + GAP_PX) * scale + pen.measureText(name).width;
    for (const { colour, text } of legend) {
      pen.fillStyle = token(colour);
      pen.fillRect(x, y + (NAME_PX / 2 - 1) * scale, DASH_PX * scale, 2 * scale);
      x += (DASH_PX + 4) * scale;
      pen.fillText(text, x, y + (NAME_PX / 2) * scale);
      x += pen.measureText(text).width + GAP_PX * scale;
    }
    pen.drawImage(canvas, SIDE_PX * scale, y + NAME_PX * scale);
    y += NAME_PX * scale + canvas.height;
  }
  return new Promise((resolve) => sheet.toBlob(resolve, "image/png"));
}
