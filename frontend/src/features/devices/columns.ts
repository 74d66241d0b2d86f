/** The columns of the list of data loggers, on the screen and in a file. */

import { NOTHING, numeric } from "@/ui/number";
import { type Column, headOf } from "@/ui/table/columns";
import { moment, short } from "@/ui/time";
import { useWords } from "@/ui/words";

import { factOf, gapsOf, refusedShare, type Row, sourceOf } from "./rows";

export function useDeviceColumns() {
  const { t, named, word } = useWords();
  const plain = (key: string, text: (row: Row) => string, column: Partial<Column<Row>> = {}): Column<Row> => ({ key, word: t(`devices.${key}`), text, by: text, ...column });
  /** A number that may be missing: a dash on the screen, nothing in a file. */
  const measured = (key: string, unit: string, of: (row: Row) => number | null, column: Partial<Column<Row>> = {}): Column<Row> => ({
    key, word: t(`devices.${key}`), unit, number: true, by: of, text: (row) => of(row)?.toFixed(1) ?? NOTHING,
    file: [{ word: headOf(t(`devices.${key}`), unit), text: (row) => String(of(row) ?? "") }], ...column,
  });
  const protocol = (row: Row) => {
    const source = sourceOf(row.logger);
    return source ? [word("sourceKind", source.kind), factOf(source, "edition")].filter(Boolean).join(" ") : "";
  };
  const peer = (row: Row) => factOf(sourceOf(row.logger), "peer");
  const heard = ({ logger }: Row) => logger.lastReceivedAt;
  const offset = ({ logger }: Row) => logger.clock?.offset ?? null;

  return (): Column<Row>[] => [
    plain("state", ({ state }) => t(`devices.${state}`)),
    plain("enterprise", ({ device }) => named(device.enterpriseName)),
    plain("outlet", ({ logger }) => named(logger.name), { file: [{ word: t("devices.outlet"), text: ({ logger }) => named(logger.name) }, { word: t("alarms.outletId"), text: ({ logger }) => logger.outletId }] }),
    plain("mn", ({ logger }) => logger.mn, { look: "mono" }),
    plain("protocol", (row) => protocol(row) || NOTHING, { usual: "wide", file: [{ word: t("devices.protocol"), text: protocol }] }),
    plain("peer", (row) => peer(row) || NOTHING, { look: "mono", usual: "wide", file: [{ word: t("devices.peer"), text: peer }] }),
    {
      key: "lastFrame", word: t("devices.lastFrame"), look: "at-right", by: heard, title: (row) => moment(heard(row)), text: (row) => (heard(row) ? short(heard(row) as string) : NOTHING),
      file: [{ word: t("table.beijing", { what: t("devices.lastFrame") }), text: (row) => (heard(row) ? moment(heard(row)) : "") }],
    },
    measured("delay", "s", ({ logger }) => logger.delay),
    measured("offset", "s", offset, { look: "at-right" }),
    measured("gaps", "", gapsOf),
    measured("refused", "%", (row) => numeric(refusedShare(sourceOf(row.logger))), { usual: "wide" }),
    plain("thing", ({ device }) => device.thing, { look: "mono" }),
    plain("thingState", ({ device }) => word("devices", device.state), { usual: "never" }),
    plain("st", ({ logger }) => logger.st, { usual: "never", word: t("monitor.st") }),
  ];
}
