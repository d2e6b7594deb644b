import type { CodeSet } from '../../indexes/index.js';
import { FALSE, type Ternary, type TextTest, TRUE } from '../../model/index.js';
import { withCode } from '../compiler/code-set.js';
import type { Columns } from '../compiler/columns.js';
import { codesNamed } from '../compiler/filter-codes.js';
import { TextBytes } from '../compiler/text-bytes.js';
import { withCodeBehind } from './predicates.js';

/** Codes of elements: cells that have one of them, or more. */
interface AskedElements {
  readonly codes: CodeSet;
  /** False: other elements may be among them. */
  readonly isWhole: boolean;
}

/** The texts that are elements of a column's lists. */
export class ElementCodes {
  private constructor(
    private readonly columns: Columns,
    private readonly texts: TextBytes,
    private readonly size: number,
  ) {}

  /** Null where they do not lie in memory. */
  static of(columns: Columns, column: string): ElementCodes | null {
    const { scanMemory } = columns.segment;
    const elements = columns.stored(column)?.elements ?? null;
    if (scanMemory === null || elements === null) return null;
    const { texts, size } = elements;
    return new ElementCodes(columns, new TextBytes(scanMemory.memory, texts, size), size);
  }

  /**
   * With `wanted` TRUE those elements that make a cell TRUE; with FALSE those that keep it from being FALSE. Null where only
   * a filter's predicate tells.
   */
  passing(test: TextTest, wanted: Ternary): AskedElements | null {
    const { columns, texts, size } = this;
    let isWhole = true;
    const named = codesNamed(columns, test, texts, size, () => {
      isWhole = false;
      return true;
    });
    if (wanted === FALSE && !isWhole) return null;
    const countsNull = wanted === TRUE ? test.forNull === TRUE : test.forNull !== FALSE;
    if (!countsNull) return { codes: named, isWhole };
    const set = texts.hasNull ? withCode(named, 0, size) : named;
    return { codes: withCodeBehind(set, size), isWhole };
  }
}
