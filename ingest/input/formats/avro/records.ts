import { UserError } from '../../../../core/index.js';
import type { ValueType } from '../../../../model/index.js';
import type { InputBatch } from '../../batch.js';
import type { AvroInput } from './data-input.js';
import { type DecodeOptions, Decoders, type FieldStep } from './decode.js';
import type { AvroType, RecordType } from './schema.js';

const BATCH_ROWS = 8192;

/** Types that columns of these kinds have. */
const TYPES: ReadonlyMap<string, ValueType> = new Map([
  ['int', 'LONG'],
  ['long', 'LONG'],
  ['float', 'FLOAT'],
  ['double', 'DOUBLE'],
]);

/** Decodes records of one schema, which another may have written, field by field into columns. */
export class AvroRecords {
  readonly #names: readonly string[];
  readonly #steps: readonly FieldStep[];
  readonly #types: ReadonlyMap<string, ValueType>;

  /** Throws UserError when the schema is none of records. */
  constructor(writer: AvroType, reader: AvroType, options: DecodeOptions) {
    const written = recordOf(writer);
    const wanted = recordOf(reader);
    this.#names = wanted.fields.map(({ name }) => name);
    this.#steps = new Decoders(options).fields(written, wanted);
    this.#types = new Map(
      wanted.fields.flatMap(({ name, type }) => {
        const known = typeOf(type);
        return known === null ? [] : [[name, known] as const];
      }),
    );
  }

  /**
   * Batches of at most 8192 of the `count` records that `input` holds. What is behind a record that cannot be read
   * is lost, each record counted; `where` says to the report what the bytes are of.
   */
  *read(input: AvroInput, count: number, where: string): Generator<InputBatch> {
    input.expectItems(count);
    for (let done = 0; done < count; done += BATCH_ROWS) {
      const rows = Math.min(BATCH_ROWS, count - done);
      const columns = this.#names.map(() => new Array<unknown>(rows));
      const start = input.position;
      const problem = this.#fill(input, columns, rows);
      const rowCount = problem?.row ?? rows;
      for (const column of columns) column.length = rowCount;
      const fields = new Map(this.#names.map((name, i) => [name, columns[i]!]));
      const lost = problem === null ? 0 : Math.min(count - done - rowCount, input.remaining + 1);
      const bad = Array.from({ length: lost }, (_, i) => {
        const reason = i === 0 ? problem!.reason : 'it follows a record that cannot be read';
        return { input: `record ${done + rowCount + i} of ${where}`, reason };
      });
      const bytes = input.position - start;
      yield { rowCount, columns: fields, types: this.#types, bad, bytes };
      if (problem !== null) return;
    }
  }

  /** Fills the columns up to the first record that cannot be read. */
  #fill(
    input: AvroInput,
    columns: readonly unknown[][],
    rows: number,
  ): { readonly row: number; readonly reason: string } | null {
    const steps = this.#steps;
    for (let row = 0; row < rows; row++) {
      const start = input.position;
      try {
        for (let i = 0; i < steps.length; i++) {
          const { index, decode } = steps[i]!;
          const value = decode(input);
          if (index >= 0) columns[index]![row] = value;
        }
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        return { row, reason: `not an Avro record at byte ${start}: ${error.message}` };
      }
    }
    return null;
  }
}

function recordOf(type: AvroType): RecordType {
  if (type.kind === 'record') return type;
  throw new UserError(`an Avro schema of rows must be a record; it is ${type.kind}`, 'spec');
}

/** Of a column whose values have one type, but for nulls. */
function typeOf(type: AvroType): ValueType | null {
  if ('decimal' in type && type.decimal !== null) return 'DOUBLE';
  if (type.kind !== 'union') return TYPES.get(type.kind) ?? null;
  const branches = type.branches.filter(({ kind }) => kind !== 'null');
  return branches.length === 1 ? typeOf(branches[0]!) : null;
}
