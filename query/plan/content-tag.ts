import { type JsonObject, sha256Hex, stringifyJson, utf8Encode } from '../../core/index.js';
import type { Aggregator } from '../../model/index.js';
import type { ColumnSchema } from '../engines/engine.js';
import type { NativeQuery } from '../native/query.js';
import type { TablePart, TableSnapshot } from '../tables.js';
import { togetherOf } from '../window/processors/processor.js';
import { namesRead, partsIn, queriesIn } from './query-tables.js';
import { columnsIn } from './table-columns.js';

/**
 * A text that is another one whenever the answer may be: a hash of the query, of the columns of its tables, and of every part that
 * it reads of them in this snapshot. Null where no text can promise that: where rows are not published yet, where chance
 * has a part in the answer, and where the query asks how it was answered. Nothing is read for it.
 */
export function contentTag(query: NativeQuery, snapshot: TableSnapshot): string | null {
  const all = queriesIn(query);
  if (all.some((each) => mayVary(each))) return null;
  const parts = all.flatMap((each) => partsIn(snapshot, namesRead(each), each));
  if (parts.some(({ contentId }) => contentId === undefined)) return null;
  const columns = all.map((each) => columnsText(columnsIn(snapshot, namesRead(each))));
  const text = [stringifyJson(asked(query)), ...columns, ...parts.map(partText)].join('\n');
  return sha256Hex(utf8Encode(text)).slice(0, TAG_CHARACTERS);
}

/** There may be thousands of them in every query: no JSON is made. */
const partText = ({ contentId, interval }: TablePart): string =>
  `${contentId} ${interval.startMs} ${interval.endMs}`;

/** The columns of a table are the same object until they change. */
const texts = new WeakMap<readonly ColumnSchema[], string>();

function columnsText(columns: readonly ColumnSchema[]): string {
  const known = texts.get(columns) ?? stringifyJson(columns);
  texts.set(columns, known);
  return known;
}

/** 128 bits. */
const TAG_CHARACTERS = 32;

/** Keys of the context that say who asks, how long it may take, and what may be missing. Whatever else is there may change a whole answer. */
const IDLE = new Set([
  'queryId',
  'subQueryId',
  'sqlQueryId',
  'parentQueryId',
  'timeout',
  'priority',
  'lane',
  'ingestToken',
  'useCache',
  'populateCache',
  'useResultLevelCache',
  'populateResultLevelCache',
  'returnPartialResults',
  'uncoveredIntervalsLimit',
]);

function asked({ spec, context }: NativeQuery): JsonObject {
  const counting = Object.entries(context.all).filter(([key]) => !IDLE.has(key));
  return { ...spec, context: Object.fromEntries(counting) };
}

/** Whether chance has a part in the answer, or it is asked how the query was answered. */
export function mayVary(query: NativeQuery): boolean {
  const { explainFilter, explainStarTree, explainMetrics } = query.context;
  const isTold = explainFilter || explainStarTree || explainMetrics;
  return isTold || aggregationsOf(query).some(isSample);
}

function aggregationsOf(query: NativeQuery): readonly Aggregator[] {
  if (query.queryType === 'windowOperator') return togetherOf(query.operators).aggregations;
  return 'aggregations' in query ? query.aggregations : [];
}

const isSample = ({ storedType }: Aggregator): boolean => storedType === 'COMPLEX<reservoirSample>';
