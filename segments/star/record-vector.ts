import type { StarRecords } from '../../indexes/index.js';
import {
  type Aggregator,
  type ComplexType,
  complexName,
  complexType,
  isComplexType,
  NULL_READER,
  type RowCursor,
  type State,
  type Value,
} from '../../model/index.js';
import type { DoubleVector, FloatVector, LongWords, Vector } from '../encodings/vector.js';
import { isNull } from '../null-bitmap.js';
import { vectorOf } from '../seal/value-vector.js';
import { readLong } from '../words.js';
import { ByteList } from './byte-list.js';
import { foldedRows, type RecordRows, type RowsOfRecords } from './folded-rows.js';

/**
 * A metric of a star-tree: of each record the state of its rows, as a stored column of the aggregator has it. Base records are
 * made of rows; later ones by the combining aggregator of earlier ones.
 */
export function recordVector(
  { count, baseCount, members, ends }: StarRecords,
  base: RecordRows,
  aggregator: Aggregator,
  rows: RowsOfRecords,
): Vector {
  const combining = aggregator.combining();
  const records = new RecordValues(aggregator, count);
  const ofRows = rowStates(aggregator, base, rows);
  const ofRecords = combining.accumulator(records);
  const ofMembers = (record: number): State => {
    let state: State = combining.initial();
    for (let at = ends[record - 1]!; at < ends[record]!; at++) {
      records.row = members[at]!;
      state = ofRecords.fold(state);
    }
    return state;
  };
  for (let record = 0; record < count; record++) {
    records.push(record < baseCount ? ofRows(record) : ofMembers(record));
  }
  return records.vector();
}

/** The state of the rows of a base record. */
function rowStates(
  aggregator: Aggregator,
  base: RecordRows,
  rows: RowsOfRecords,
): (record: number) => State {
  const folded = foldedRows(aggregator, base, rows);
  if (folded !== null) return (record) => numberAt(folded, record);
  const accumulator = aggregator.accumulator(rows);
  return (record) => {
    let state: State = aggregator.initial();
    for (let at = record === 0 ? 0 : base.ends[record - 1]!; at < base.ends[record]!; at++) {
      rows.row = base.rows[at]!;
      state = accumulator.fold(state);
    }
    return state;
  };
}

function numberAt(vector: LongWords | DoubleVector | FloatVector, i: number): Value {
  if (vector.nulls !== null && isNull(vector.nulls, i)) return null;
  return vector.kind === 'LONG' ? readLong(vector.words, 2 * i) : vector.values[i]!;
}

/** The records so far as rows with one column. Sketches are kept as bytes: as objects they would take many times the room. */
class RecordValues implements RowCursor {
  row = 0;
  readonly #numbers: Value[] = [];
  readonly #bytes: ByteList | null;
  readonly #serde;

  constructor(
    private readonly aggregator: Aggregator,
    readonly rowCount: number,
  ) {
    const { storedType } = aggregator;
    this.#serde = isComplexType(storedType) ? complexType(complexName(storedType)) : null;
    this.#bytes = this.#serde === null ? null : new ByteList();
  }

  column(name: string) {
    const { aggregator } = this;
    if (name !== aggregator.name) return NULL_READER;
    return {
      type: aggregator.storedType,
      multiValue: false,
      exists: true,
      get: () => this.#get(this.row),
    };
  }

  push(value: Value): void {
    if (this.#bytes === null) this.#numbers.push(value);
    else this.#bytes.push(value === null ? null : this.#serde!.encode(value as object));
  }

  vector(): Vector {
    const { aggregator, rowCount } = this;
    const { storedType } = aggregator;
    const [numbers, bytes] = [this.#numbers, this.#bytes];
    return bytes === null
      ? vectorOf(storedType, rowCount, (record) => numbers[record]!)
      : {
          kind: 'COMPLEX',
          type: storedType as ComplexType,
          rowCount,
          bytes: (record) => bytes.at(record),
        };
  }

  #get(record: number): Value {
    if (this.#bytes === null) return this.#numbers[record]!;
    const bytes = this.#bytes.at(record);
    return bytes === null ? null : (this.#serde!.decode(bytes) as Value);
  }
}
