import type { Disk } from '../../core/index.js';
import type { Aggregator } from '../../model/index.js';
import { type BlockSink, inSharedMemory } from '../compiler/group-blocks.js';
import type { GroupDecoder, GroupPartial } from '../interpreter/group-partial.js';
import { noVisibleTimes } from '../interpreter/visible-times.js';
import { partialBytes } from './partial-bytes.js';
import { intoFile } from './spill-block.js';
import { SpillFile } from './spill-file.js';
import { spillPartial } from './spill-partial.js';
import type { SpilledGroups, SpillTarget } from './spilled.js';

/** Where the groups of one job go that are not to stay in memory: into a file of its own. Close it when the job is done. */
export class JobSpill {
  /** Of kernels. Small blocks stay in memory. */
  readonly keepBlock: BlockSink;
  readonly #file: SpillFile;

  constructor(
    disk: Disk,
    private readonly target: SpillTarget,
    job: number,
  ) {
    const { path, written, leastBytes } = target;
    this.#file = new SpillFile(disk, `${path}-${job}`, written);
    const keep = intoFile(this.#file);
    this.keepBlock = (words, ends) =>
      words.byteLength < leastBytes ? inSharedMemory(words, ends) : keep(words, ends);
  }

  /** The groups on disk; or as they came, where they take little. */
  groups(
    partial: GroupPartial,
    decoder: GroupDecoder | null,
    aggregations: readonly Aggregator[],
  ): GroupPartial | SpilledGroups {
    const { groupCount, visible, rowsScanned, compiled } = partial;
    if (groupCount === 0 || partialBytes(partial) < this.target.leastBytes) return partial;
    const pieces = [spillPartial(partial, decoder, aggregations, this.#file)];
    return { kind: 'spilled', pieces, visible, rowsScanned, compiled };
  }

  /** All of these, in their order, whatever they take. */
  all(
    partials: readonly GroupPartial[],
    decoder: GroupDecoder | null,
    aggregations: readonly Aggregator[],
  ): SpilledGroups {
    const pieces = partials.map((each) => spillPartial(each, decoder, aggregations, this.#file));
    return { kind: 'spilled', pieces, visible: noVisibleTimes(0), rowsScanned: 0, compiled: null };
  }

  close(): void {
    this.#file.close();
  }
}
