import type { Random } from '../../core/index.js';
import { formatInstant } from '../../model/index.js';

/** `index_parallel_wiki_mhkgnoha_2024-01-01T00:00:00.000Z`: type, table, eight letters a to p, creation time. */
export function makeTaskId(
  type: string,
  dataSource: string,
  nowMs: number,
  random: Random,
): string {
  const bits = random.nextUint32();
  const letters = Array.from({ length: 8 }, (_, i) =>
    String.fromCharCode(97 + ((bits >>> (4 * i)) & 15)),
  );
  return `${type}_${dataSource}_${letters.join('')}_${formatInstant(nowMs)}`;
}
