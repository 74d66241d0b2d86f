import { expect, test } from "vitest";

import type { Alarm } from "@/api/resources";

import { laidOut } from "./tracks";

const HOUR = 3_600_000;
const at = (hour: number) => new Date(hour * HOUR).toISOString();
const alarm = (alarmId: string, severity: Alarm["severity"], first: number, last: number) => ({ alarmId, severity, firstAt: at(first), lastAt: at(last) }) as Alarm;
const told = (alarms: Alarm[]) => laidOut(alarms, 0, 10 * HOUR).map((each) => [each.alarm.alarmId, each.track, each.left, each.width]);

test("an alarm is cut at the ends of the range and left out beyond them", () => {
  expect(told([alarm("a", "L1", -5, 2), alarm("b", "L1", 9, 12), alarm("c", "L1", 11, 12)])).toEqual([["a", 0, 0, 20], ["b", 0, 90, 10]]);
});

test("alarms of one time lie beside one another, the worst first", () => {
  expect(told([alarm("slight", "L4", 1, 3), alarm("grave", "L1", 2, 4), alarm("later", "L4", 5, 6)])).toEqual([["grave", 0, 20, 20], ["slight", 1, 10, 20], ["later", 0, 50, 10]]);
});

test("when every track is taken, the last is shared", () => {
  const four = ["a", "b", "c", "d"].map((id) => alarm(id, "L2", 1, 2));
  expect(told(four).map(([, track]) => track)).toEqual([0, 1, 2, 2]);
});
