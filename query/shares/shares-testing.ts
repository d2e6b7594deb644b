import type { QueryEngine } from '../query-engine.js';
import type { PartFacts, PartOutline, TablePart, TableProvider, TableSnapshot } from '../tables.js';
import type { PartHolder, ShareAnswer, ShareQuery } from './share.js';
import { slicesOf } from './slices.js';

/** Small, so that many answers come in pieces. */
const SLICE_BYTES = 1000;

/**
 * For tests: the same tables as another process sees them, their parts dealt out to so many processes, each of which has an engine. What
 * crosses is copied; answers come in another order than that of the parts.
 */
export class SharedTables implements TableProvider {
  /** How many shares were asked for. */
  shares = 0;

  constructor(
    private readonly tables: TableProvider,
    private readonly engines: readonly QueryEngine[],
  ) {}

  snapshot(dataSources: readonly string[]): TableSnapshot {
    const snapshot = this.tables.snapshot(dataSources);
    const known = new Map<TablePart, TablePart>();
    const elsewhere = (part: TablePart): TablePart => {
      const { pinLoaded, pin, facts, ...rest } = part;
      const told = facts === null ? {} : { outline: outlineOf(facts) };
      const there = {
        ...rest,
        ...told,
        facts: null,
        holder,
        pin: async () => refuse(),
        origin: part,
      };
      return known.get(part) ?? there;
    };
    const holder = this.#holder();
    return {
      ...snapshot,
      parts: (name, intervals) =>
        snapshot.parts(name, intervals).map((part) => {
          const there = elsewhere(part);
          known.set(part, there);
          return there;
        }),
      release: () => snapshot.release(),
    };
  }

  waitFor(token: string, signal: AbortSignal): Promise<void> {
    return this.tables.waitFor(token, signal);
  }

  #holder(): PartHolder {
    const { engines } = this;
    const scanned = async (
      share: ShareQuery,
      parts: readonly TablePart[],
      node: number,
      signal: AbortSignal,
    ): Promise<{ parts: number[]; answer: ShareAnswer }[]> => {
      const numbers = parts.map((_, i) => i).filter((i) => i % engines.length === node);
      if (numbers.length === 0) return [];
      this.shares++;
      const own = numbers.map((i) => (parts[i] as TablePart & { origin: TablePart }).origin);
      const { release, ...answer } = await engines[node]!.shares.scan(
        structuredClone(share),
        own,
        signal,
      );
      try {
        const items = [];
        for await (const item of answer.items) items.push(item);
        return [{ parts: numbers, answer: structuredClone({ ...answer, items }) }];
      } finally {
        await release();
      }
    };
    return {
      analyse: async (query, parts, _onLost, signal) => {
        const own = parts.map((part) => (part as TablePart & { origin: TablePart }).origin);
        return structuredClone(await engines[0]!.shares.analyse(query, own, signal));
      },
      scan: async function* (share, parts, intake, signal) {
        const scanning = engines.map((_, node) => scanned(share, parts, node, signal));
        // Also after a failure: nobody is left at work.
        await Promise.allSettled(scanning);
        const answers = (await Promise.all(scanning)).flat();
        for (const { parts: numbers, answer } of answers.reverse()) {
          const items = [];
          for (const item of answer.items) {
            for (const partial of slicesOf(item.partial, SLICE_BYTES)) {
              items.push({ ...item, partial: await intake.take(partial) });
            }
          }
          yield { parts: numbers, absent: [], answer: { ...answer, items } };
        }
      },
    };
  }
}

const outlineOf = (facts: PartFacts): PartOutline => ({
  shardSpec: facts.shardSpec,
  column: (name) => facts.column(name),
});

function refuse(): never {
  throw new Error('parts that others have are not pinned');
}
