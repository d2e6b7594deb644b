import type { Long } from '../../core/index.js';
import { type ArrayType, elementType, type Scalar } from '../../model/index.js';
import { readLong, writeLong } from '../words.js';
import { bytesOf, type ExpectedBlocks } from './checks.js';
import type { Content } from './content.js';
import type { ContentFault } from './content-checks.js';
import type { BlockSink } from './encoding.js';
import type { LoadedColumn } from './loaded-column.js';
import {
  checkTexts,
  TEXT_CONTENTS,
  TextDictionary,
  textBlocks,
  textListOf,
  writeTexts,
} from './text-dictionary.js';

/**
 * The distinct elements of arrays, null first where there is one, then ascending:
 *
 *     STRING    dictionary.bytes and dictionary.offsets, see `text-dictionary.ts`
 *     LONG      elements: size × i64, 0 for null
 *     DOUBLE    elements: size × f64, 0 for null
 */
export function writeElements(type: ArrayType, elements: readonly Scalar[], sink: BlockSink): void {
  switch (elementType(type)) {
    case 'STRING':
      writeTexts(textListOf(elements as readonly (string | null)[]), sink);
      break;
    case 'LONG': {
      const words = new Uint32Array(2 * elements.length);
      for (const [i, value] of elements.entries()) writeLong(words, 2 * i, (value ?? 0) as Long);
      sink.block('elements', [bytesOf(words)]);
      break;
    }
    default: {
      const doubles = Float64Array.from(elements, (value) => Number(value ?? 0));
      sink.block('elements', [bytesOf(doubles)]);
    }
  }
}

/** The blocks of so many elements. */
export const elementBlocks = (type: ArrayType, size: number): ExpectedBlocks =>
  elementType(type) === 'STRING' ? textBlocks(size) : { elements: 8 * size };

/** What their entries are. */
export const elementContents = (type: ArrayType): Readonly<Record<string, Content>> =>
  elementType(type) === 'STRING'
    ? TEXT_CONTENTS
    : { elements: elementType(type) === 'LONG' ? 'i64' : 'f64' };

/** Of numbers any will do. */
export const checkElements = (type: ArrayType, column: LoadedColumn): ContentFault =>
  elementType(type) === 'STRING' ? checkTexts(column) : null;

/** Reads elements by id. */
export function openElements(
  type: ArrayType,
  column: LoadedColumn,
  hasNull: boolean,
  isSorted: boolean,
): (id: number) => Scalar {
  switch (elementType(type)) {
    case 'STRING': {
      const texts = new TextDictionary(column, hasNull, isSorted);
      return (id) => texts.text(id);
    }
    case 'LONG': {
      const words = column.u32('elements');
      return (id) => (hasNull && id === 0 ? null : readLong(words, 2 * id));
    }
    default: {
      const doubles = column.f64('elements');
      return (id) => (hasNull && id === 0 ? null : doubles[id]!);
    }
  }
}
