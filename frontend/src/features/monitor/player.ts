/** Plays HLS into a video element. This file and hls.js are loaded when the first film is asked for. */

import Hls from "hls.js/light";

import { authorised } from "@/api/client";

export interface Player {
  stop: () => void;
}

/** Whether this browser can play films that come in pieces. */
export const canPlay = (): boolean => Hls.isSupported();

/** Play the playlist at a path of the API; `lost` is called once when it cannot go on. */
export async function play(video: HTMLVideoElement, path: string, lost: () => void): Promise<Player> {
  const { url } = await authorised(path);
  const hls = new Hls({
    enableWorker: false, // A worker from a blob would need a wider policy.
    liveSyncDurationCount: 1,
    liveMaxLatencyDurationCount: 4,
    maxBufferLength: 20,
    xhrSetup: (xhr, asked) => open(xhr, asked, new URL(url, location.href).pathname),
  });
  hls.on(Hls.Events.ERROR, (_, { fatal }) => {
    if (!fatal) return;
    hls.destroy();
    lost();
  });
  hls.attachMedia(video);
  hls.loadSource(url);
  void video.play().catch(() => undefined); // Without leave to start by itself it waits for a click.
  return { stop: () => hls.destroy() };
}

/** Only the playlist is asked of the API; its segments carry their own signature. */
async function open(xhr: XMLHttpRequest, asked: string, playlist: string): Promise<void> {
  xhr.open("GET", asked, true);
  if (new URL(asked, location.href).pathname !== playlist) return;
  const { headers } = await authorised("");
  for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
}
