/** How a person looks at one list: which columns, how dense, in which order. */

import { computed, onScopeDispose, type Ref, ref } from "vue";

import { useKept } from "../kept";
import { useUrl } from "../url";
import { type Column, shownOf } from "./columns";

export interface TableView<Row> {
  list: string;
  all: Readonly<Ref<readonly Column<Row>[]>>;
  shown: Readonly<Ref<readonly Column<Row>[]>>;
  dense: Ref<boolean>;
  /** `key`, `-key`, or empty: as the list comes. */
  order: Ref<string>;
  choose: (keys: readonly string[]) => void;
}

const WIDE = "(min-width: 1440px)";
/** Rows are cards there, whose own layout says what they hold. */
const PHONE = "(max-width: 767px)";

/** Columns are kept for the person and the list; an address that names some (`cols`) comes first. The order lives in the address. */
export function useTable<Row>(list: string, columns: () => readonly Column<Row>[]): TableView<Row> {
  const { read, write, text } = useUrl();
  const kept = useKept<string[]>(`columns.${list}`, []);
  const dense = useKept(`dense.${list}`, false);
  const wide = useMatch(WIDE);
  const phone = useMatch(PHONE);
  const all = computed(columns);
  const chosen = computed(() => (read("cols") ? read("cols").split(",") : kept.value));
  return {
    list,
    all,
    dense,
    shown: computed(() => shownOf(all.value, phone.value ? [] : chosen.value, wide.value || phone.value)),
    order: text("sort"),
    choose: (keys) => {
      kept.value = [...keys];
      if (read("cols")) void write({ cols: "" });
    },
  };
}

/** Whether the screen is such, now. */
function useMatch(query: string): Readonly<Ref<boolean>> {
  const asked = window.matchMedia(query);
  const is = ref(asked.matches);
  const heard = (): void => void (is.value = asked.matches);
  asked.addEventListener("change", heard);
  onScopeDispose(() => asked.removeEventListener("change", heard));
  return is;
}
