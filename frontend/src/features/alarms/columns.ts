/** The columns of the alarm list, on the screen and in a file. */

import { useOutlets, useRegions } from "@/api/queries";
import type { Alarm, Limit } from "@/api/resources";
import { NOTHING, excess, numeric } from "@/ui/number";
import type { Column } from "@/ui/table/columns";
import { MINUTE_MS, moment, short, unix } from "@/ui/time";
import { useWords } from "@/ui/words";

const tail = (id: string) => id.slice(-8).toUpperCase();
const lastedMs = (alarm: Alarm) => unix(alarm.lastAt) - unix(alarm.firstAt);
const timesOf = (alarm: Alarm) => excess(alarm.value, alarm.limit);

/** On which basis an alarm's value was judged: that of the limit it names, if all such limits of its outlet agree. */
export function basisOf({ factor, limit, firstAt }: Alarm, limits: readonly Limit[]): string {
  const at = unix(firstAt);
  const such = limits.filter((each) => each.factor === factor && numeric(each.ceiling) === numeric(limit) && unix(each.validFrom) <= at && (!each.validTo || at < unix(each.validTo)));
  const bases = new Set(such.map((each) => each.basis));
  return limit !== null && bases.size === 1 ? String([...bases][0]) : "";
}

export function useAlarmColumns() {
  const { t, named, word, lasting } = useWords();
  const { data: outlets } = useOutlets();
  const { data: regions } = useRegions();

  const basis = (alarm: Alarm) => {
    const found = basisOf(alarm, outlets.value?.find((each) => each.outletId === alarm.outletId)?.limits ?? []);
    return found && word("basis", found);
  };
  const beijing = (key: string) => t("table.beijing", { what: t(`alarms.${key}`) });
  const at = (key: "first" | "last" | "raised" | "cleared", of: (alarm: Alarm) => string | null, column: Partial<Column<Alarm>> = {}): Column<Alarm> => ({
    key, word: t(`alarms.${key}`), text: (alarm) => (of(alarm) ? short(of(alarm) as string) : NOTHING), title: (alarm) => moment(of(alarm)), by: of,
    file: [{ word: beijing(key), text: (alarm) => (of(alarm) ? moment(of(alarm)) : "") }], ...column,
  });
  const plain = (key: string, text: (alarm: Alarm) => string, column: Partial<Column<Alarm>> = {}): Column<Alarm> => ({ key, word: t(`alarms.${key}`), text, by: text, ...column });
  const lastBy = (alarm: Alarm) => alarm.history.at(-1)?.actor ?? "";

  return (): Column<Alarm>[] => [
    plain("severity", (alarm) => `${alarm.severity} ${word("severity", alarm.severity)}`),
    plain("id", ({ alarmId }) => tail(alarmId), { look: "mono", title: ({ alarmId }) => alarmId, file: [{ word: t("alarms.id"), text: ({ alarmId }) => alarmId }], usual: "wide" }),
    at("first", ({ firstAt }) => firstAt, { usual: "wide" }),
    at("last", ({ lastAt }) => lastAt, { look: "at-right" }),
    plain("lasted", (alarm) => lasting(lastedMs(alarm)), { number: true, by: lastedMs, usual: "wide", file: [{ word: t("table.lastedMinutes"), text: (alarm) => String(Math.round(lastedMs(alarm) / MINUTE_MS)) }] }),
    plain("enterprise", ({ enterpriseName }) => named(enterpriseName)),
    plain("outlet", ({ outletName }) => named(outletName), { file: [{ word: t("alarms.outlet"), text: ({ outletName }) => named(outletName) }, { word: t("alarms.outletId"), text: ({ outletId }) => outletId }] }),
    plain("type", ({ type }) => word("alarmType", type), { look: "at-right" }),
    plain("factor", ({ factor, factorName }) => (factor ? named(factorName) : NOTHING), {
      file: [{ word: t("alarms.factor"), text: ({ factorName }) => named(factorName) }, { word: t("alarms.factorCode"), text: ({ factor }) => factor }],
    }),
    plain("value", ({ value }) => value ?? NOTHING, {
      number: true, look: "at-right", by: ({ value }) => numeric(value),
      file: [
        { word: t("alarms.worstValue"), text: ({ value }) => value ?? "" }, { word: t("alarms.limit"), text: ({ limit }) => limit ?? "" },
        { word: t("monitor.unit"), text: ({ unit }) => unit }, { word: t("alarms.basis"), text: basis },
      ],
    }),
    plain("times", timesOf, { number: true, by: (alarm) => numeric(timesOf(alarm)) }),
    plain("count", ({ count }) => String(count), { number: true, by: ({ count }) => count }),
    plain("condition", ({ condition }) => word("condition", condition)),
    plain("handling", ({ handling }) => word("handling", handling), { look: "at-right" }),
    plain("region", ({ region }) => named(regions.value?.find((each) => each.code === region)?.name) || region, { usual: "never" }),
    at("raised", ({ raisedAt }) => raisedAt, { usual: "never" }),
    at("cleared", ({ clearedAt }) => clearedAt, { usual: "never" }),
    plain("source", ({ source }) => word("alarmSource", source), { usual: "never" }),
    plain("rule", ({ rule }) => `${rule.id} v${rule.version}`, { usual: "never" }),
    plain("handler", (alarm) => lastBy(alarm) || NOTHING, { usual: "never", by: lastBy, file: [{ word: t("alarms.handler"), text: lastBy }] }),
    plain("sentence", ({ sentence }) => named(sentence), { usual: "never", title: ({ sentence }) => named(sentence) }),
    { key: "act", word: t("alarms.act"), text: () => "", file: [], fixed: true },
  ];
}
