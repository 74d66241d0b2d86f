/** A HJ 212 frame taken apart for reading; what it means is the platform's verdict, not this. */

export interface Part {
  name: string;
  value: string;
}

const WHOLE = /^##(\d{4})(.*?)CP=&&(.*)&&([0-9A-Fa-f]{4})\s*$/s;

/** Length, head fields, data fields and CRC, in their order; a frame that does not parse is one part. */
export function partsOf(raw: string): Part[] {
  const found = WHOLE.exec(raw);
  if (!found) return [{ name: "?", value: raw }];
  const [, length = "", head = "", data = "", crc = ""] = found;
  const fields = [...head.split(";"), ...data.split(/[;,]/)].filter(Boolean).map((text) => {
    const [name = "", ...rest] = text.split("=");
    return { name, value: rest.join("=") };
  });
  return [{ name: "LEN", value: String(Number(length)) }, ...fields, { name: "CRC", value: crc }];
}
