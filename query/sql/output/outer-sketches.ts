import type { Value } from '../../../model/index.js';
import type {
  HllSketch,
  KllSketch,
  QuantilesSketch,
  ThetaSketch,
  TupleSketch,
} from '../../../sketches/index.js';
import type { Rel } from '../algebra/rel.js';
import type { SqlType } from '../algebra/types.js';
import type { SqlColumn } from './formats.js';

/** The number that stands for a sketch: the one its native aggregator finalises it to. */
interface Final {
  readonly type: SqlType;
  readonly of: (sketch: Value) => number;
}

const estimate: Final = {
  type: 'DOUBLE',
  of: (sketch) => (sketch as HllSketch | ThetaSketch | TupleSketch).estimate(),
};

const count: Final = {
  type: 'BIGINT',
  of: (sketch) => (sketch as QuantilesSketch | KllSketch).n,
};

const FINALS: ReadonlyMap<SqlType, Final> = new Map<SqlType, Final>([
  ['COMPLEX<HLLSketch>', estimate],
  ['COMPLEX<thetaSketch>', estimate],
  ['COMPLEX<arrayOfDoublesSketch>', estimate],
  ['COMPLEX<quantilesDoublesSketch>', count],
  ['COMPLEX<KllDoublesSketch>', count],
  ['COMPLEX<KllFloatsSketch>', count],
]);

interface Answer {
  readonly columns: readonly SqlColumn[];
  readonly rows: readonly (readonly Value[])[];
}

/** What a statement answers, with sketches that its aggregates made as numbers; stored ones, and those computed of others, stay. */
export function finalisedSketches(rel: Rel, { columns, rows }: Answer): Answer {
  const finals = columns.map(({ type }, i) =>
    isAggregate(rel, i) ? (FINALS.get(type) ?? null) : null,
  );
  const shown = (value: Value, i: number): Value => {
    const final = finals[i] ?? null;
    return final === null || value === null ? value : final.of(value);
  };
  return {
    columns: columns.map((column, i) => ({ ...column, type: finals[i]?.type ?? column.type })),
    rows: rows.map((row) => row.map(shown)),
  };
}

/** Whether a column of the relation is an aggregate as it is. */
function isAggregate(rel: Rel, index: number): boolean {
  switch (rel.kind) {
    case 'aggregate':
      return index >= rel.groups.length;
    case 'sort':
    case 'filter':
      return isAggregate(rel.input, index);
    case 'project': {
      const rex = rel.expressions[index]!;
      return rex.kind === 'column' && isAggregate(rel.input, rex.index);
    }
    case 'union':
      return rel.inputs.every((input) => isAggregate(input, index));
    default:
      return false;
  }
}
