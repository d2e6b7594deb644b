import { type Disk, ManualClock, VirtualDisk } from '../../core/index.js';
import { type InputBatch, valueIn } from './batch.js';
import type { InputFormat } from './formats/format.js';
import { rangesOf } from './sources/entity.js';
import type { InputEntity, InputEnvironment } from './sources/source.js';

/** For tests: an entity over bytes, cut at the given offsets (in any order, beyond the end too). */
export function entityOf(content: string | Uint8Array, cuts: readonly number[] = []): InputEntity {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const ends = [...new Set([...cuts, bytes.length])]
    .filter((cut) => cut <= bytes.length)
    .sort((a, b) => a - b);
  const entity: InputEntity = {
    uri: 'test:',
    sizeBytes: bytes.length,
    parts: async function* () {
      yield entity;
    },
    chunks: async function* () {
      let start = 0;
      // One buffer for all chunks, as a reader may use it.
      const buffer = new Uint8Array(bytes.length);
      for (const end of ends) {
        buffer.fill(0x58).set(bytes.subarray(start, end));
        yield buffer.subarray(0, end - start);
        start = end;
      }
    },
    bytes: async () => bytes,
    ranges: async () => rangesOf(bytes),
  };
  return entity;
}

/** For tests: a world with an empty disk, of which `root` may be read. */
export const testEnvironment = (
  disk: Disk = new VirtualDisk(),
  root = '/in',
): InputEnvironment => ({
  disk,
  localRoots: [root],
  httpHosts: [],
  fetch,
  maxEntityBytes: 2 ** 30,
  clock: new ManualClock(0),
});

/** For tests: all records of an entity as objects without their undefined fields, and the bad ones. */
export async function readAll(
  format: InputFormat,
  entity: InputEntity,
  environment = testEnvironment(),
): Promise<{ rows: Record<string, unknown>[]; bad: InputBatch['bad'][number][]; bytes: number }> {
  const rows: Record<string, unknown>[] = [];
  const bad: InputBatch['bad'][number][] = [];
  let bytes = 0;
  for await (const batch of format.read(entity, environment)) {
    for (let row = 0; row < batch.rowCount; row++) {
      const cells = [...batch.columns].map(
        ([name, values]) => [name, valueIn(values, row)] as const,
      );
      rows.push(Object.fromEntries(cells.filter(([, value]) => value !== undefined)));
    }
    for (const [name, values] of batch.columns) {
      if (values.length !== batch.rowCount) throw new Error(`column ${name} has another length`);
    }
    bad.push(...batch.bad);
    bytes += batch.bytes;
  }
  return { rows, bad, bytes };
}
