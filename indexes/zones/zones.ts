import { compareNumbers, type NumberRange, type NumberTest } from '../../model/index.js';
import { bytesOf, checkLengths, wordsOf } from '../blocks.js';
import { type CodeSet, nextCode } from '../codes.js';
import type { ColumnIndex, IndexKind, IndexPredicate, LoadedBlocks, RowAnswer } from '../types.js';
import { ZONE_ROWS, type ZoneExtremes, zoneCount, zoneExtremes, zoneNulls } from './extremes.js';

/** Zones that span so much of what the column spans, on average, are not worth asking. */
const TELLING_SHARE = 0.9;

/** Bytes of an entry. */
const WIDTHS: Readonly<Record<string, number>> = { codes: 4, longs: 8, doubles: 8 };

/**
 * The smallest and the largest value of every 4,096 rows, and how many of them are null: a zone map.
 *
 *     parameters     form: codes, longs or doubles; nulls: 1 where there is the last block, else 0
 *     zones.least    zones × u32, i64 or f64: of the values that are not null. Codes of lists are those of the elements;
 *                    a cell without elements has the code after the last
 *     zones.most     likewise; below `least` where all rows of the zone are null
 *     zones.nulls    zones × u32, of numbers with nulls only
 */
export const zones: IndexKind = {
  name: 'zones',
  isPacked: false,

  askedFor: [],
  isUsual: ({ kind }) => kind !== 'JSON',

  build(column, sink) {
    if (column.kind === 'JSON' || column.rowCount <= ZONE_ROWS) return null;
    const extremes = zoneExtremes(column);
    if (spanShare(extremes) > TELLING_SHARE) return null;
    sink.block('zones.least', [bytesOf(extremes.least)]);
    sink.block('zones.most', [bytesOf(extremes.most)]);
    const nulls = zoneNulls(column);
    if (nulls !== null) sink.block('zones.nulls', [bytesOf(nulls)]);
    return { form: extremes.kind, nulls: nulls === null ? 0 : 1 };
  },

  check(written, rowCount) {
    const width = WIDTHS[String(written.parameters.form)];
    if (width === undefined) return 'want parameter form';
    const zones = zoneCount(rowCount);
    return checkLengths(written, {
      'zones.least': width * zones,
      'zones.most': width * zones,
      ...(written.parameters.nulls === 1 && { 'zones.nulls': 4 * zones }),
    });
  },

  attach: (blocks) => new ZoneMap(blocks),
};

/** How much of the column's span a zone spans, on average; all of it when there are no two values. */
function spanShare({ least, most }: ZoneExtremes): number {
  let [low, high, spans] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let zone = 0; zone < least.length; zone++) {
    const [from, to] = [Number(least[zone]!), Number(most[zone]!)];
    if (!(from <= to)) continue;
    low = Math.min(low, from);
    high = Math.max(high, to);
    spans += to - from;
  }
  if (!(low < high)) return 1;
  const share = spans / least.length / (high - low);
  // Infinities are apart, whatever their difference says.
  return Number.isNaN(share) ? 0 : share;
}

class ZoneMap implements ColumnIndex {
  readonly #rowCount: number;
  readonly #least: (zone: number) => number | bigint;
  readonly #most: (zone: number) => number | bigint;
  readonly #nulls: Uint32Array | null;
  readonly #hasCodes: boolean;

  constructor({ rowCount, parameters, bytes }: LoadedBlocks) {
    const { form } = parameters;
    this.#rowCount = rowCount;
    this.#hasCodes = form === 'codes';
    this.#least = entriesOf(bytes('zones.least'), form);
    this.#most = entriesOf(bytes('zones.most'), form);
    this.#nulls = parameters.nulls === 1 ? wordsOf(bytes('zones.nulls')) : null;
  }

  estimate(predicate: IndexPredicate): number | null {
    const passes = this.#test(predicate);
    if (passes === null) return null;
    let count = 0;
    for (let zone = 0; zone < zoneCount(this.#rowCount); zone++) {
      if (!passes(zone)) continue;
      const rows = Math.min(ZONE_ROWS, this.#rowCount - zone * ZONE_ROWS);
      count += predicate.kind === 'nulls' ? Math.min(rows, this.#nulls![zone]!) : rows;
    }
    return count;
  }

  rows(predicate: IndexPredicate): RowAnswer | null {
    const passes = this.#test(predicate);
    if (passes === null) return null;
    const ranges: number[] = [];
    for (let zone = 0; zone < zoneCount(this.#rowCount); zone++) {
      if (!passes(zone)) continue;
      const from = zone * ZONE_ROWS;
      if (ranges.at(-1) === from) ranges.pop();
      else ranges.push(from);
      ranges.push(Math.min(this.#rowCount, from + ZONE_ROWS));
    }
    const exact = ranges.length === 0;
    return { rows: { kind: 'ranges', ranges: Uint32Array.from(ranges) }, exact };
  }

  #test(predicate: IndexPredicate): ((zone: number) => boolean) | null {
    switch (predicate.kind) {
      case 'codes':
        return this.#hasCodes ? (zone) => this.#mayHaveCode(zone, predicate.codes) : null;
      case 'numbers':
        return this.#hasCodes ? null : (zone) => this.#mayHaveNumber(zone, predicate);
      case 'nulls': {
        if (this.#hasCodes) return null;
        const nulls = this.#nulls;
        return (zone) => nulls !== null && nulls[zone]! > 0;
      }
      default:
        return null;
    }
  }

  #mayHaveCode(zone: number, codes: CodeSet): boolean {
    return nextCode(codes, this.#least(zone) as number) <= this.#most(zone);
  }

  #mayHaveNumber(zone: number, { ranges, points }: Pick<NumberTest, 'ranges' | 'points'>): boolean {
    const [least, most] = [this.#least(zone), this.#most(zone)];
    if (compareNumbers(least, most) > 0) return false;
    return (
      ranges.some((range) => meets(range, least, most)) ||
      points.some((point) => compareNumbers(least, point) <= 0 && compareNumbers(point, most) <= 0)
    );
  }
}

function entriesOf(
  { buffer, byteOffset, length }: Uint8Array,
  form: unknown,
): (zone: number) => number | bigint {
  if (form === 'longs') {
    const longs = new BigInt64Array(buffer, byteOffset, length / 8);
    return (zone) => longs[zone]!;
  }
  const numbers =
    form === 'doubles'
      ? new Float64Array(buffer, byteOffset, length / 8)
      : new Uint32Array(buffer, byteOffset, length / 4);
  return (zone) => numbers[zone]!;
}

/** Whether a number in [least, most] may be in the range. */
function meets(
  { lower, upper, lowerStrict, upperStrict }: NumberRange,
  least: number | bigint,
  most: number | bigint,
): boolean {
  const above = lower === null ? 1 : compareNumbers(most, lower);
  const below = upper === null ? -1 : compareNumbers(least, upper);
  return (lowerStrict ? above > 0 : above >= 0) && (upperStrict ? below < 0 : below <= 0);
}
