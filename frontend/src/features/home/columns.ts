/** The columns of the list of enterprises, on the screen and in a file. */

import type { Enterprise } from "@/api/resources";
import type { Column } from "@/ui/table/columns";
import { useWords } from "@/ui/words";

const total = (enterprise: Enterprise) => Object.values(enterprise.activeAlarms).reduce((sum, each) => sum + each, 0);

export function useEnterpriseColumns() {
  const { t, named, word } = useWords();
  const plain = (key: string, text: (each: Enterprise) => string, column: Partial<Column<Enterprise>> = {}): Column<Enterprise> => ({ key, word: t(`home.${key}`), text, by: text, ...column });
  const count = (key: string, of: (each: Enterprise) => number, column: Partial<Column<Enterprise>> = {}) => plain(key, (each) => String(of(each)), { number: true, by: of, ...column });
  return (): Column<Enterprise>[] => [
    plain("worst", ({ worst }) => (worst ? `${worst} ${word("severity", worst)}` : t("severity.none")), { by: ({ worst }) => worst }),
    plain("enterprise", ({ name }) => named(name)),
    plain("region", ({ regionName }) => named(regionName), { look: "second at-right" }),
    plain("industry", ({ industry }) => word("industry", industry), { look: "second", title: ({ industry }) => word("industry", industry) }),
    plain("attention", ({ attention }) => word("attention", attention), { usual: "never" }),
    count("outlets", ({ outletIds }) => outletIds.length, { usual: "never" }),
    count("online", ({ online }) => online, { word: word("outletState", "online") }),
    count("offline", ({ offline }) => offline, { word: word("outletState", "offline") }),
    count("active", total, { look: "at-right" }),
    plain("cameras", ({ cameras }) => String(cameras), { word: t("video.cameras"), number: true, by: ({ cameras }) => cameras, usual: "never" }),
    plain("address", ({ address }) => address, { usual: "never" }),
  ];
}
