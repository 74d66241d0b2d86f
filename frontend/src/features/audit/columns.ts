/** The columns of the audit trail, on the screen and in a file. */

import type { AuditEntry } from "@/api/resources";
import { NOTHING } from "@/ui/number";
import type { Column } from "@/ui/table/columns";
import { moment } from "@/ui/time";
import { useWords } from "@/ui/words";

import { actOf, toldOf } from "./acts";

export function useAuditColumns() {
  const { t, word } = useWords();
  const plain = (key: string, text: (one: AuditEntry) => string, column: Partial<Column<AuditEntry>> = {}): Column<AuditEntry> => ({
    key, word: t(`audit.${key}`), text: (one) => text(one) || NOTHING, by: text, file: [{ word: t(`audit.${key}`), text }], ...column,
  });
  return (): Column<AuditEntry>[] => [
    plain("at", ({ at }) => moment(at), { file: [{ word: t("table.beijing", { what: t("audit.at") }), text: ({ at }) => moment(at) }] }),
    plain("who", ({ name, actor }) => name || actor, { file: [{ word: t("audit.who"), text: ({ name, actor }) => name || actor }, { word: t("audit.actor"), text: ({ actor }) => actor }, { word: t("account.role"), text: ({ role }) => word("role", role) }] }),
    plain("act", ({ act }) => actOf(act, word), { file: [{ word: t("audit.act"), text: ({ act }) => actOf(act, word) }, { word: t("audit.actCode"), text: ({ act }) => act }] }),
    plain("subject", ({ subject }) => subject, { look: "mono" }),
    plain("detail", ({ detail }) => toldOf(detail, word), { title: ({ detail }) => detail }),
    plain("reason", ({ reason }) => reason),
    plain("device", ({ device }) => device, { look: "caption" }),
  ];
}
