/** CRC-32 as of zip, gzip and xz: reflected, polynomial 0xedb88320. `sum` is that of the bytes before. */
export function crc32(bytes: Uint8Array, sum = 0): number {
  let crc = ~sum;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ CRC32[(crc ^ bytes[i]!) & 0xff]!;
  return ~crc >>> 0;
}

const CRC32 = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc >>> 0;
});

/** CRC-64 as of xz: reflected, polynomial 0xc96c5795d7870f42, in two halves. */
export class Crc64 {
  #low = 0xffffffff;
  #high = 0xffffffff;

  update(bytes: Uint8Array): void {
    let low = this.#low;
    let high = this.#high;
    for (let i = 0; i < bytes.length; i++) {
      const entry = (low ^ bytes[i]!) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ CRC64_LOW[entry]!;
      high = (high >>> 8) ^ CRC64_HIGH[entry]!;
    }
    this.#low = low;
    this.#high = high;
  }

  /** Eight bytes, little-endian. */
  digest(): Uint8Array {
    const bytes = new Uint8Array(8);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, ~this.#low >>> 0, true);
    view.setUint32(4, ~this.#high >>> 0, true);
    return bytes;
  }
}

const CRC64 = BigUint64Array.from({ length: 256 }, (_, byte) => {
  let crc = BigInt(byte);
  for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0xc96c5795d7870f42n : crc >> 1n;
  return crc;
});
const CRC64_LOW = Uint32Array.from(CRC64, (crc) => Number(crc & 0xffffffffn));
const CRC64_HIGH = Uint32Array.from(CRC64, (crc) => Number(crc >> 32n));
