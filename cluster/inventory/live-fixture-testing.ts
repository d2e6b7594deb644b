import { invariant, type SeededRandom } from '../../core/index.js';
import {
  DEAD_LETTERS,
  type LiveGeneration,
  type LivePart,
  type LiveTable,
  type PushCatalog,
} from '../../ingest/index.js';
import { chunkSegment, days } from '../testing.js';
import type { SegmentInventory } from './segment-inventory.js';

/** For tests: a live part that holds rows by name, and no memory. */
function fakePart(id: number, dataSource: string, rows: readonly string[], layout = 0): LivePart {
  const handle = {
    kind: 'mutable',
    path: rows.join(),
    rowCount: rows.length,
    minTimeMs: 0,
    maxTimeMs: 0,
    sortedByTime: true,
    columns: [],
  };
  const source = { kind: 'mutable', handle } as unknown as LivePart['source'];
  return { id, layout, dataSource, rowCount: rows.length, minTimeMs: 0, maxTimeMs: 0, source };
}

/** For tests: chance as choices. */
export class Dice {
  constructor(private readonly random: SeededRandom) {}

  below(n: number): number {
    return this.random.nextUint32() % n;
  }

  isTrue(percent: number): boolean {
    return this.below(100) < percent;
  }
}

/** For tests: places at which work pauses until it is chosen to go on. */
export class Steps {
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly dice: Dice) {}

  pause(): Promise<void> {
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  /** Lets one go on, and all that follows from it until the next pauses. */
  async step(): Promise<void> {
    const at = this.dice.below(Math.max(1, this.#waiting.length));
    this.#waiting.splice(at, 1)[0]?.();
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** An object whose methods pause before and after, and fail at either place with some chance. */
  around<T extends object>(target: T, failPercent: number): T {
    const mayFail = async () => {
      await this.pause();
      if (this.dice.isTrue(failPercent)) throw new Error('injected');
    };
    return new Proxy(target, {
      get: (object, key) => {
        const value: unknown = Reflect.get(object, key);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          await mayFail();
          const result: unknown = await Reflect.apply(value, object, args);
          await mayFail();
          return result;
        };
      },
    });
  }
}

interface FakeGeneration extends LiveGeneration {
  readonly parts: LivePart[];
}

/** What all tables of a fake engine share: the log's position, and every part as it was last announced. */
export interface FakeLog {
  position: number;
  readonly parts: Map<number, LivePart>;
}

/** For tests: the rules by which an engine announces and hands off, for one table, with fake rows. */
export class FakeEngine {
  #frozen: FakeGeneration[] = [];
  #growing: LivePart[] = [];
  #from: number;
  /** Rows that were announced, by data source. */
  readonly pushed = new Map<string, string[]>();

  constructor(
    readonly table: string,
    private readonly log: FakeLog,
    private readonly inventory: SegmentInventory,
    private readonly catalog: PushCatalog,
    private readonly dice: Dice,
  ) {
    this.#from = log.position;
  }

  /** A command: rows and letters go into the growing parts, or into none. */
  push(): void {
    this.log.position += 1 + this.dice.below(5);
    for (const dataSource of [this.table, DEAD_LETTERS]) {
      const count = this.dice.below(3);
      const rows = Array.from({ length: count }, (_, i) => this.#name(dataSource, i));
      this.pushed.set(dataSource, [...(this.pushed.get(dataSource) ?? []), ...rows]);
      if (rows.length > 0) this.#grow(dataSource, rows);
    }
    this.#announce();
  }

  /** The growing parts of a data source become one piece. */
  swap(): void {
    this.#growing = this.#growing.map((part) => this.#newPart(part.dataSource, rowsOf(part)));
    this.#announce();
  }

  async handOff(): Promise<void> {
    const [from, to] = [this.#from, this.log.position];
    if (from === to) return;
    this.#frozen.push({ to, parts: this.#growing });
    const frozen = this.#growing;
    this.#growing = [];
    this.#from = to;
    this.#announce();
    const segments = new Map<string, ReturnType<typeof chunkSegment>[]>();
    for (const part of frozen) {
      const list = segments.get(part.dataSource) ?? [];
      segments.set(part.dataSource, list);
      list.push(chunkSegment(days(0, 1), rowsOf(part).join()));
    }
    await untilItWorks(() => {
      const cut = [...segments].map(([name, list]) => {
        const chunkIntervals = this.inventory.chunkIntervals(name);
        return [name, { chunkIntervals, segments: list }] as const;
      });
      return this.catalog.publish({ table: this.table, from, to, segments: new Map(cut) });
    });
    this.#frozen = this.#frozen.filter((generation) => generation.to !== to);
    this.#announce();
  }

  #grow(dataSource: string, rows: readonly string[]): void {
    const at = this.#growing.findIndex((part) => part.dataSource === dataSource);
    const part = this.#growing[at];
    if (part === undefined || this.dice.isTrue(20)) {
      this.#growing.push(this.#newPart(dataSource, rows));
      return;
    }
    const layout = part.layout + (this.dice.isTrue(30) ? 1 : 0);
    const grown = fakePart(part.id, dataSource, [...rowsOf(part), ...rows], layout);
    this.log.parts.set(part.id, grown);
    this.#growing[at] = grown;
  }

  #newPart(dataSource: string, rows: readonly string[]): LivePart {
    const part = fakePart(this.log.parts.size, dataSource, rows);
    this.log.parts.set(part.id, part);
    return part;
  }

  #announce(): void {
    const growing = { to: Number.POSITIVE_INFINITY, parts: [...this.#growing] };
    const generations = [...this.#frozen, growing];
    const table: LiveTable = { table: this.table, generations };
    this.inventory.announce({ logId: 'log', position: this.log.position, tables: [table] });
  }

  #name(dataSource: string, i: number): string {
    return `${this.table}-${dataSource}-${this.log.position}-${i}`;
  }
}

/** The rows of a fake part, live or published, from the text that stands for them. */
export const rowsOf = ({ source }: LivePart): string[] => {
  invariant(source.kind === 'mutable', 'fake parts are');
  return source.handle.path.split(',');
};

/** Repeats what may fail with any outcome. */
export async function untilItWorks(work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    const worked = await work().then(
      () => true,
      () => false,
    );
    if (worked) return;
  }
}
