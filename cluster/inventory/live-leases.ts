import { invariant } from '../../core/index.js';
import type { LivePart, LiveRelease } from '../../ingest/index.js';

/**
 * Who reads which live parts: queries, and the announcement that shows them to new ones. The memory
 * of a part, and that of an older arrangement of it, is free when nobody holds it any more.
 */
export class LiveLeases {
  /** By part id: how many hold each of its layouts. */
  readonly #holders = new Map<number, Map<number, number>>();

  /** How many parts are held. */
  get partCount(): number {
    return this.#holders.size;
  }

  hold(parts: Iterable<LivePart>): void {
    for (const { id, layout } of parts) {
      const layouts = this.#holders.get(id) ?? new Map<number, number>();
      this.#holders.set(id, layouts);
      layouts.set(layout, (layouts.get(layout) ?? 0) + 1);
    }
  }

  /** Undoes one `hold` of the same parts. Gives what is free since. */
  letGo(parts: Iterable<LivePart>): LiveRelease[] {
    const before = new Map<number, number>();
    for (const { id, layout } of parts) {
      const layouts = this.#holders.get(id);
      const holders = layouts?.get(layout);
      invariant(layouts !== undefined && holders !== undefined, 'what is let go was held');
      if (!before.has(id)) before.set(id, lowest(layouts));
      if (holders > 1) layouts.set(layout, holders - 1);
      else layouts.delete(layout);
    }
    return [...before].flatMap(([id, lowestBefore]) => this.#free(id, lowestBefore));
  }

  #free(id: number, lowestBefore: number): LiveRelease[] {
    const layouts = this.#holders.get(id)!;
    if (layouts.size === 0) {
      this.#holders.delete(id);
      return [{ id, lowestLayout: null }];
    }
    const lowestLayout = lowest(layouts);
    return lowestLayout > lowestBefore ? [{ id, lowestLayout }] : [];
  }
}

const lowest = (layouts: ReadonlyMap<number, unknown>): number => Math.min(...layouts.keys());
