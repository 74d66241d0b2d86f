/** What the pages ask, and how often. Live answers are asked for again every two seconds. */

import { keepPreviousData, useQuery } from "@tanstack/vue-query";
import { computed, type MaybeRefOrGetter, toValue } from "vue";

import { get, type Query } from "./client";
import { everyItem, MOST_PER_PAGE } from "./pages";
import { hasStatus } from "./problem";
import type {
  Alarm,
  AlarmCounts,
  AuditEntry,
  Camera,
  Clock,
  Device,
  DeviceDetail,
  Enterprise,
  FrameRecord,
  Latest,
  Me,
  Media,
  Outlet,
  Overview,
  Page,
  PlantCommand,
  Reading,
  Region,
  Series,
  ShownMedia,
} from "./resources";
import { loggedIn } from "./session";

export const LIVE_MS = 2_000;
const SLOW_MS = 60_000;
const MEDIA_MS = 5_000;
const COUNTED_MS = 60_000;
const PATH_HOLDS_MS = 600_000;
const MOST_READINGS = 10_000;

interface Asked {
  path: string;
  query?: Query;
}

interface Manner {
  every?: number | false;
  keep?: boolean;
}

/** Ask one resource; a null question is not asked. */
function useAsked<Answer>(asked: MaybeRefOrGetter<Asked | null>, manner: MaybeRefOrGetter<Manner> = {}) {
  const before = toValue(manner).keep === false ? undefined : keepPreviousData;
  return useQuery<Answer>({
    queryKey: computed(() => ["api", toValue(asked)?.path ?? "", toValue(asked)?.query ?? {}]),
    queryFn: ({ signal }) => {
      const { path, query } = toValue(asked) as Asked;
      return get<Answer>(path, query ?? {}, signal);
    },
    enabled: computed(() => loggedIn.value && toValue(asked) !== null),
    refetchInterval: () => toValue(manner).every ?? false,
    refetchIntervalInBackground: false,
    // The library's type cannot see that an answer is no function while it is still a parameter.
    placeholderData: before as never,
  });
}

function useWhole<Item>(path: string, every: number | false) {
  return useQuery({
    queryKey: ["whole", path],
    queryFn: ({ signal }) => everyItem<Item>(path, {}, { signal }),
    enabled: loggedIn,
    // A role that may not see the list is not asked for it again and again.
    refetchInterval: ({ state }) => (hasStatus(state.error, 403) ? false : every),
  });
}

export const useMe = () => useAsked<Me>({ path: "/me" });
export const useRegions = () => useWhole<Region>("/regions", false);
export const useEnterprises = () => useWhole<Enterprise>("/enterprises", LIVE_MS);
export const useOutlets = () => useWhole<Outlet>("/outlets", LIVE_MS);
export const useOverview = (region: MaybeRefOrGetter<string>) =>
  useAsked<Overview>(() => ({ path: "/overview", query: { region: prefixOf(toValue(region)) } }), { every: LIVE_MS });

export const useOutlet = (id: MaybeRefOrGetter<string>) =>
  useAsked<Outlet>(() => (toValue(id) ? { path: `/outlets/${encodeURIComponent(toValue(id))}` } : null), {
    every: 10_000,
    keep: false,
  });

export const useLatest = (id: MaybeRefOrGetter<string>) =>
  useAsked<Page<Latest>>(
    () => (toValue(id) ? { path: `/outlets/${encodeURIComponent(toValue(id))}/latest` } : null),
    { every: LIVE_MS, keep: false },
  );

export interface Stretch {
  outletId: string;
  /** Unix milliseconds, `[from, to)`. */
  from: number;
  to: number;
}

export const useReadings = (asked: MaybeRefOrGetter<(Stretch & { span: string }) | null>, live: MaybeRefOrGetter<boolean>) =>
  useQuery({
    queryKey: computed(() => ["readings", toValue(asked)]),
    queryFn: ({ signal }) => {
      const { outletId, span, ...stretch } = toValue(asked) as Stretch & { span: string };
      const query = { span, ...edges(stretch) };
      return everyItem<Reading>(`/outlets/${encodeURIComponent(outletId)}/readings`, query, { signal, most: MOST_READINGS });
    },
    enabled: computed(() => loggedIn.value && toValue(asked) !== null),
    refetchInterval: () => (toValue(live) ? LIVE_MS : SLOW_MS),
    placeholderData: keepPreviousData,
  });

export type Step = Exclude<Series["step"], "raw"> | "auto";

export const useSeries = (
  asked: MaybeRefOrGetter<(Stretch & { channels: string[]; maxPoints: number; step?: Step }) | null>,
  live: MaybeRefOrGetter<boolean>,
) =>
  useAsked<Series>(
    () => {
      const it = toValue(asked);
      return (
        it && {
          path: `/outlets/${encodeURIComponent(it.outletId)}/series`,
          query: { channels: it.channels.join(","), ...edges(it), step: it.step ?? "auto", maxPoints: it.maxPoints },
        }
      );
    },
    () => ({ every: toValue(live) ? LIVE_MS : SLOW_MS }),
  );

export const useCameras = (outletId: MaybeRefOrGetter<string>) =>
  useAsked<Page<Camera>>(
    () => (toValue(outletId) ? { path: `/outlets/${encodeURIComponent(toValue(outletId))}/cameras` } : null),
    { every: 10_000, keep: false },
  );

/** What the cameras of an outlet recorded, the newest of a range. */
export const useMedia = (asked: MaybeRefOrGetter<Stretch | null>, live: MaybeRefOrGetter<boolean>) =>
  useAsked<Page<Media>>(
    () => {
      const it = toValue(asked);
      return it && { path: `/outlets/${encodeURIComponent(it.outletId)}/media`, query: { ...edges(it), limit: MOST_PER_PAGE } };
    },
    () => ({ every: toValue(live) ? MEDIA_MS : SLOW_MS }),
  );

/** What was filmed because of an alarm; a clip comes up to ten minutes after it. */
export const useAlarmMedia = (id: MaybeRefOrGetter<string>) =>
  useAsked<Page<Media>>(() => (toValue(id) ? { path: `/alarms/${encodeURIComponent(toValue(id))}/media` } : null), {
    every: 10_000,
    keep: false,
  });

/** One snapshot or clip with the path that shows it, which holds for a quarter of an hour. */
export const useShownMedia = (id: MaybeRefOrGetter<string>) =>
  useQuery({
    queryKey: computed(() => ["media", toValue(id)]),
    queryFn: ({ signal }) => get<ShownMedia>(`/media/${encodeURIComponent(toValue(id))}`, {}, signal),
    enabled: computed(() => loggedIn.value && toValue(id) !== ""),
    staleTime: PATH_HOLDS_MS,
    gcTime: PATH_HOLDS_MS,
    refetchInterval: ({ state }) => (state.data?.check === "pending" ? MEDIA_MS : false),
  });

/** One command to a plant, asked again until it has ended. */
export const usePlantCommand = (id: MaybeRefOrGetter<string>) =>
  useAsked<PlantCommand>(() => (toValue(id) ? { path: `/commands/${encodeURIComponent(toValue(id))}` } : null), {
    every: LIVE_MS,
    keep: false,
  });

export const useFrames = (asked: MaybeRefOrGetter<Stretch | null>) =>
  useAsked<Page<FrameRecord>>(
    () => {
      const it = toValue(asked);
      return it && { path: `/outlets/${encodeURIComponent(it.outletId)}/frames`, query: { ...edges(it), limit: MOST_PER_PAGE } };
    },
    { every: 5_000 },
  );

export const useDeviceFrames = (asked: MaybeRefOrGetter<{ thing: string; from: number; to: number } | null>) =>
  useAsked<Page<FrameRecord>>(
    () => {
      const it = toValue(asked);
      return it && { path: `/devices/${encodeURIComponent(it.thing)}/frames`, query: { ...edges(it), limit: MOST_PER_PAGE } };
    },
    { every: 5_000 },
  );

export const useDeviceClocks = (asked: MaybeRefOrGetter<{ thing: string; subject: string; from: number; to: number }>) =>
  useAsked<Page<Clock>>(
    () => {
      const it = toValue(asked);
      return { path: `/devices/${encodeURIComponent(it.thing)}/clocks`, query: { subject: it.subject, ...edges(it) } };
    },
    { every: SLOW_MS },
  );

export const useDevices = () => useWhole<Device>("/devices", LIVE_MS);
export const useDevice = (thing: MaybeRefOrGetter<string>) =>
  useAsked<DeviceDetail>(() => (toValue(thing) ? { path: `/devices/${encodeURIComponent(toValue(thing))}` } : null), {
    every: LIVE_MS,
    keep: false,
  });

export const useAlarms = (query: MaybeRefOrGetter<Query | null>) =>
  useAsked<Page<Alarm>>(
    () => {
      const it = toValue(query);
      return it && { path: "/alarms", query: { ...it, region: prefixOf(String(it["region"] ?? "")) } };
    },
    { every: LIVE_MS },
  );

/** How many alarms a question has, whatever the pages that are shown. */
export const useAlarmCounts = (query: MaybeRefOrGetter<Query>) =>
  useAsked<AlarmCounts>(
    () => {
      const { limit: _, ...asked } = toValue(query);
      return { path: "/alarm-counts", query: { ...asked, region: prefixOf(String(asked["region"] ?? "")) } };
    },
    { every: COUNTED_MS },
  );

export const useAlarm = (id: MaybeRefOrGetter<string>) =>
  useAsked<Alarm>(() => (toValue(id) ? { path: `/alarms/${encodeURIComponent(toValue(id))}` } : null), {
    every: LIVE_MS,
    keep: false,
  });

export const useAudit = (query: MaybeRefOrGetter<Query>) =>
  useAsked<Page<AuditEntry>>(() => ({ path: "/audit", query: toValue(query) }), { every: SLOW_MS });

/** A prefecture's code ends in 00 and stands for all its counties: the API takes the prefix. */
export const prefixOf = (region: string): string => region.replace(/(00)+$/, "");

function edges({ from, to }: { from: number; to: number }): Query {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}
