/** CRC-32C (Castagnoli), as frames of TFRecord files have it. */

/** The polynomial 0x1EDC6F41 with its bits reversed. */
const polynomial = 0x82f63b78;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) {
    value = (value & 1) === 1 ? (value >>> 1) ^ polynomial : value >>> 1;
  }
  return value >>> 0;
});

/**
 * The checksum of bytes, from 0 to 2^32 - 1.
 * @see RFC 3720, appendix B.4, for known answers.
 */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}

/**
 * The checksum as TFRecord files store it: rotated and shifted, so that a checksum of data that holds checksums does not
 * come out trivially.
 * @see TensorFlow, `lib/hash/crc32c.h`.
 */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
