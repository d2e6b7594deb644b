import { Pace, ResourceLimitError, type Turns } from '../../core/index.js';
import { isComplexType, type Value, type ValueType, valueCaster } from '../../model/index.js';
import type { FinishLimits, Outcome } from '../engines/engine.js';
import type { SignatureField, WindowOperatorQuery } from '../native/query.js';
import type { ResultField, ResultSet } from '../result.js';
import { readRows } from './read-rows.js';
import type { WindowRows } from './window-rows.js';

/** The answer of a window query over its rows, which are inline or those of another query. */
export function* answerWindows(
  query: WindowOperatorQuery,
  source: ResultSet,
  { maxResultRows }: FinishLimits,
): Turns<Outcome> {
  const pace = new Pace();
  let rows = yield* readRows(source, query.inputs, pace);
  for (const operator of query.operators) rows = yield* operator.run(rows, pace);
  if (rows.rowCount > maxResultRows) {
    throw new ResourceLimitError(
      `the answer has ${rows.rowCount} rows, more than ${maxResultRows} (maxResultRows); end with a "scan" operator that has an "offsetLimit", or read fewer rows`,
      maxResultRows,
      rows.rowCount,
    );
  }
  return yield* shownRows(query.outputSignature, rows, pace);
}

function* shownRows(
  signature: readonly SignatureField[],
  { columns, order }: WindowRows,
  pace: Pace,
): Turns<Outcome> {
  const readers = signature.map(({ name, type }) => {
    const column = columns.get(name);
    if (column === undefined) return { type: type ?? 'STRING', at: (): Value => null };
    const { values } = column;
    const shown = shownType(column.type, type);
    const cast = valueCaster(column.type, shown);
    return { type: shown, at: (id: number) => cast(values[id]!) };
  });
  const rows: Value[][] = [];
  for (const id of order) {
    rows.push(readers.map(({ at }) => at(id)));
    if (pace.isDue(1)) yield;
  }
  const fields = signature.map(({ name }, i): ResultField => ({ name, type: readers[i]!.type }));
  return { fields, rows };
}

/** What a query asks for, but for sketches and the like, which are nothing else. */
const shownType = (own: ValueType, asked: ValueType | null): ValueType =>
  asked === null || isComplexType(own) || isComplexType(asked) ? own : asked;
