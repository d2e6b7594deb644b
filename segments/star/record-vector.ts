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
import type { RecordOfRows } from './fold-by-record.js';
import { FoldedRows, type RowsOfRecords } from './folded-rows.js';

interface RowsByRecord {
  readonly order: Uint32Array;
  readonly ends: Uint32Array;
}

/** Metrics of a star-tree: of each record the state of its rows, as a stored column of the aggregator has it. */
export class RecordVectors {
  readonly #folded: FoldedRows;
  /** Made when the first metric asks that has to be told row by row. */
  #byRecord: RowsByRecord | null = null;

  constructor(
    private readonly records: StarRecords,
    private readonly base: RecordOfRows,
    private readonly rows: RowsOfRecords,
  ) {
    this.#folded = new FoldedRows(rows, base);
  }

  /** Base records are made of rows; later ones by the combining aggregator of earlier ones. */
  of(aggregator: Aggregator): Vector {
    const { count, baseCount, members, ends } = this.records;
    const combining = aggregator.combining();
    const values = new RecordValues(aggregator, count);
    const ofRows = this.#rowStates(aggregator);
    const ofRecords = combining.accumulator(values);
    const ofMembers = (record: number): State => {
      let state: State = combining.initial();
      for (let at = ends[record - 1]!; at < ends[record]!; at++) {
        values.row = members[at]!;
        state = ofRecords.fold(state);
      }
      return state;
    };
    for (let record = 0; record < count; record++) {
      values.push(record < baseCount ? ofRows(record) : ofMembers(record));
    }
    return values.vector();
  }

  /** The state of the rows of a base record. */
  #rowStates(aggregator: Aggregator): (record: number) => State {
    const folded = this.#folded.of(aggregator);
    if (folded !== null) return (record) => numberAt(folded, record);
    const { rows } = this;
    const { order, ends } = this.#rowsByRecord();
    const accumulator = aggregator.accumulator(rows);
    return (record) => {
      let state: State = aggregator.initial();
      for (let at = record === 0 ? 0 : ends[record - 1]!; at < ends[record]!; at++) {
        rows.row = order[at]!;
        state = accumulator.fold(state);
      }
      return state;
    };
  }

  /** A counting sort: record r has rows [ends[r - 1], ends[r]) of `order`, which ascend. */
  #rowsByRecord(): RowsByRecord {
    if (this.#byRecord !== null) return this.#byRecord;
    const { recordOf, recordCount } = this.base;
    const ends = new Uint32Array(recordCount);
    for (const record of recordOf) ends[record]!++;
    const places = new Uint32Array(recordCount);
    for (let record = 1; record < recordCount; record++) {
      places[record] = ends[record - 1]!;
      ends[record]! += ends[record - 1]!;
    }
    const order = new Uint32Array(recordOf.length);
    for (let row = 0; row < recordOf.length; row++) order[places[recordOf[row]!]!++] = row;
    this.#byRecord = { order, ends };
    return this.#byRecord;
  }
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
