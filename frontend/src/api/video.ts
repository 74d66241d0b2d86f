/** Cameras: asking for a live view, and whether there is something to see. */

import { command, status } from "./client";
import { newKey } from "./key";
import type { Live, PlantCommand } from "./resources";

const UP = 200;

/** Ask for a camera's live view, or for another minute of it. */
export const watchCamera = (outletId: string, cameraId: string): Promise<Live> =>
  command<Live>(`/outlets/${encodeURIComponent(outletId)}/cameras/${encodeURIComponent(cameraId)}/live`, {}, newKey());

/** Ask a camera for a snapshot or a clip; it comes when the camera has made it. */
export const askCamera = (kind: "snapshot" | "clip", outletId: string, asked: Record<string, unknown>, key: string): Promise<PlantCommand> =>
  command<PlantCommand>("/commands", { kind, outletId, arguments: asked }, key);

/** Whether a playlist is there yet. */
export const isUp = async (playlist: string): Promise<boolean> => (await status(playlist)) === UP;
