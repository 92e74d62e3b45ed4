/** Checksums of TFRecord files. */
import { expect, test } from "vitest";
import { crc32c, maskedCrc32c } from "../../../../src/track/tensorboard/crc32c.ts";

test.each([
  ["32 zeros", new Uint8Array(32), 0x8a9136aa],
  ["32 ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ["rising bytes", Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
  ["123456789", new TextEncoder().encode("123456789"), 0xe3069283],
  ["nothing", new Uint8Array(), 0],
])("known answers of RFC 3720: %s", (_name, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
});

test("the mask rotates and adds, modulo 2^32", () => {
  expect(maskedCrc32c(new Uint8Array())).toBe(0xa282ead8);
  const crc = 0xe3069283n;
  const masked = (((crc >> 15n) | (crc << 17n)) % 2n ** 32n) + 0xa282ead8n;
  expect(maskedCrc32c(new TextEncoder().encode("123456789"))).toBe(Number(masked % 2n ** 32n));
});
