import type { StarRecords } from '../../indexes/index.js';
import {
  type Aggregator,
  complexName,
  complexType,
  isComplexType,
  NULL_READER,
  type RowCursor,
  type State,
  type Value,
} from '../../model/index.js';
import type { Vector } from '../encodings/vector.js';
import { vectorOf } from '../seal/value-vector.js';
import { ByteList } from './byte-list.js';

/**
 * A metric of a star-tree: of each record the state of its members, as a stored column of the aggregator has it. `rows` are those that
 * base records are made of; later records are made by the combining aggregator of earlier ones.
 */
export function recordVector(
  { count, baseCount, members, ends }: StarRecords,
  aggregator: Aggregator,
  rows: RowCursor,
): Vector {
  const combining = aggregator.combining();
  const records = new RecordValues(aggregator, count);
  const [ofRows, ofRecords] = [aggregator.accumulator(rows), combining.accumulator(records)];
  return vectorOf(aggregator.storedType, count, (record) => {
    const isBase = record < baseCount;
    const [cursor, accumulator] = isBase ? [rows, ofRows] : [records, ofRecords];
    let state: State = (isBase ? aggregator : combining).initial();
    for (let at = record === 0 ? 0 : ends[record - 1]!; at < ends[record]!; at++) {
      cursor.row = members[at]!;
      state = accumulator.fold(state);
    }
    records.push(state);
    return state;
  });
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

  #get(record: number): Value {
    if (this.#bytes === null) return this.#numbers[record]!;
    const bytes = this.#bytes.at(record);
    return bytes === null ? null : (this.#serde!.decode(bytes) as Value);
  }
}
