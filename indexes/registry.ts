import { bloom } from './bloom.js';
import type { IndexableColumn } from './column.js';
import { inverted } from './inverted.js';
import { jsonPath } from './json/json-path.js';
import { range } from './range/range.js';
import { runs } from './runs.js';
import { countMin } from './sketch/count-min.js';
import { hll } from './sketch/hll.js';
import { kll } from './sketch/kll.js';
import { text } from './text/text.js';
import type { IndexChoice, IndexKind } from './types.js';
import { zones } from './zones/zones.js';

/** Every kind of index, in the order in which a column's indexes are written. */
const KINDS: readonly IndexKind[] = [
  zones,
  runs,
  inverted,
  range,
  bloom,
  text,
  jsonPath,
  hll,
  countMin,
  kll,
];

const BY_NAME = new Map(KINDS.map((kind) => [kind.name, kind]));

/** Undefined for a name that this version does not know: readers do without such an index. */
export const indexKindNamed = (name: string): IndexKind | undefined => BY_NAME.get(name);

export const indexKinds = (): readonly IndexKind[] => KINDS;

/** The kinds that a column is to have, those that then turn out not to be worth their bytes included. */
export const wantedKinds = (column: IndexableColumn, { bitmap, kinds }: IndexChoice): IndexKind[] =>
  KINDS.filter(
    ({ name, askedFor, isUsual }) =>
      isUsual(column, bitmap) || (kinds.includes(name) && askedFor.includes(column.kind)),
  );
