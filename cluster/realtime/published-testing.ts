import { ArenaPool, type Disk } from '../../core/index.js';
import { openSegment } from '../../segments/index.js';
import type { MetadataStore } from '../metadata/metadata-store.js';

const MIB = 2 ** 20;
const POOL = new ArenaPool({ arenaBytes: MIB, maxBytes: 256 * MIB });

/** For tests: the values of `id` in all published rows of the table t, in order; `diskOf` says where a file is. */
export async function publishedIds(
  store: MetadataStore,
  diskOf: (path: string) => Disk,
): Promise<string[]> {
  const ids: string[] = [];
  for (const { sealed } of await store.segments.used('t')) {
    const segment = openSegment(diskOf(sealed.path), sealed.path, POOL);
    const cursor = segment.cursor();
    const reader = cursor.column('id');
    for (let row = 0; row < segment.rowCount; row++) {
      cursor.row = row;
      ids.push(String(reader.get()));
    }
    segment.close();
  }
  return ids.sort();
}
