import { describe, expect, it } from "vitest";

import { base64 } from "./sheet";

describe("base64", () => {
  it("writes what RFC 4648 writes", () => {
    const written = (text: string) => base64(new TextEncoder().encode(text));
    expect([written(""), written("f"), written("fo"), written("foobar")]).toEqual(["", "Zg==", "Zm8=", "Zm9vYmFy"]);
  });

  it("writes files longer than one step whole", () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => at % 251);
    const back = Uint8Array.from(atob(base64(bytes)), (letter) => letter.charCodeAt(0));
    expect(back).toEqual(bytes);
  });
});
