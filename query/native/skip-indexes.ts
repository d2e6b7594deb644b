import { isJsonObject } from '../../core/index.js';

/** Which indexes a query shall do without: for tests, and to measure what they are worth. */
export class SkippedIndexes {
  private constructor(
    private readonly of: (column: string, kind: string) => boolean,
    /** As it was parsed. */
    readonly spec: unknown,
  ) {}

  static readonly NONE = new SkippedIndexes(() => false, false);

  /**
   * `true`: all; `{"column": true}`: all of the column; `{"column": ["inverted"]}`: those of these kinds. Null for JSON of
   * another shape.
   */
  static parse(json: unknown): SkippedIndexes | null {
    if (json === null || json === false) return SkippedIndexes.NONE;
    if (json === true) return new SkippedIndexes(() => true, true);
    if (!isJsonObject(json)) return null;
    const kinds = new Map<string, ReadonlySet<unknown> | null>();
    for (const [column, value] of Object.entries(json)) {
      if (value === false) continue;
      const isList = Array.isArray(value) && value.every((kind) => typeof kind === 'string');
      if (value !== true && !isList) return null;
      kinds.set(column, value === true ? null : new Set(value as readonly unknown[]));
    }
    return new SkippedIndexes((column, kind) => {
      const skipped = kinds.get(column);
      return skipped === null || (skipped?.has(kind) ?? false);
    }, json);
  }

  has(column: string, kind: string): boolean {
    return this.of(column, kind);
  }
}
