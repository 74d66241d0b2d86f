/** The lanes as one picture: their canvases below one another, under a head that says what they show. */

import { token } from "@/ui/theme";

const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", system-ui, sans-serif';
const HEAD_PX = 40;
const NAME_PX = 24;
const SIDE_PX = 12;

export interface Strip {
  canvas: HTMLCanvasElement;
  name: string;
}

/** The lanes within a box, each with the words at its side. */
export const stripsIn = (box: HTMLElement): Strip[] =>
  [...box.querySelectorAll<HTMLElement>(".lane")].flatMap((lane) => {
    const canvas = lane.querySelector("canvas");
    const name = [...lane.querySelectorAll(".readout-name > *")].map((each) => each.textContent?.trim()).join("  ");
    return canvas ? [{ canvas, name }] : [];
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
  for (const { canvas, name } of strips) {
    write(name, y + (NAME_PX / 2) * scale, 13, "ink-2");
    pen.drawImage(canvas, SIDE_PX * scale, y + NAME_PX * scale);
    y += NAME_PX * scale + canvas.height;
  }
  return new Promise((resolve) => sheet.toBlob(resolve, "image/png"));
}
