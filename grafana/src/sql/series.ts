import type { Cell } from './answer.js';
import type { Field, Frame } from './frames.js';
import { filled, type Grid, type Series, type TimeRange } from './grid.js';
import type { Fill } from './macros.js';

/**
 * Turns a table into time series, as Grafana's SQL data sources do: one time column, number columns
 * as values, all others as labels. The result is wide: one sorted time field, and a value field for
 * each combination of value column and labels, in order of the labels, null where it has no row.
 * Without labels every row stays a row. Throws an Error in plain words if there is no time or no value.
 */
export function seriesFrame(columns: Frame, fill: Fill | null, range: TimeRange): Frame {
  const time = timeField(columns.fields);
  const others = columns.fields.filter((field) => field.name !== time.name);
  const values = others.filter((field) => field.type === 'number');
  const labels = others.filter((field) => field.type !== 'number');
  if (values.length === 0) {
    throw new Error(
      'a time series needs a column of numbers, such as COUNT(*); choose the format Table to see other columns',
    );
  }
  const order = rowsByTime(time);
  const grid = gridOf(time, values, labels, order);
  const { times, series } = fill === null ? grid : filled(grid, fill, range);
  return {
    fields: [
      { name: time.name, type: 'time', values: times },
      ...series.map((line) => lineField(line, values.length === 1)),
    ],
    notices: [...columns.notices, ...missed(time.values.length - order.length, grid.hidden)],
  };
}

/** What of the rows is not in the lines. */
function missed(untimed: number, hidden: number): string[] {
  const notices: string[] = [];
  if (untimed > 0) notices.push(`${untimed} rows have no time and are not shown.`);
  if (hidden > 0) {
    notices.push(
      `${hidden} rows have the time and labels of a later row and are not shown: group by all columns that are not numbers.`,
    );
  }
  return notices;
}

/** The field of a line; `alone` if its value column is the only one, so that labels suffice as a name. */
function lineField({ name, labels, cells }: Series, alone: boolean): Field {
  // `from`, since map would leave out the cells that are not there.
  const values = Array.from(cells, (cell) => cell ?? null);
  const texts = Object.values(labels);
  if (texts.length === 0) return { name, type: 'number', values };
  // Else Grafana would call it "flights {origin="SEA"}".
  const displayNameFromDS = alone ? texts.join(', ') : `${name} ${texts.join(', ')}`;
  return { name, type: 'number', values, labels, config: { displayNameFromDS } };
}

/** A column named time, else the first TIMESTAMP; numbers so named are seconds or milliseconds. */
function timeField(fields: readonly Field[]): Field {
  const named = (list: readonly Field[]) => list.find((field) => /^(__)?time$/i.test(field.name));
  const times = fields.filter((field) => field.type === 'time');
  const field = named(times) ?? times[0];
  if (field !== undefined) return field;
  const epoch = named(fields.filter((each) => each.type === 'number'));
  if (epoch !== undefined) return { ...epoch, values: epoch.values.map(epochMs) };
  throw new Error(
    'a time series needs a column of times: select $__timeGroupAlias(__time, $__interval), or choose the format Table',
  );
}

/** What is smaller is seconds: until the year 5138. */
const SECONDS_BELOW = 1e11;

const epochMs = (cell: Cell): Cell =>
  typeof cell === 'number' && Math.abs(cell) < SECONDS_BELOW ? cell * 1_000 : cell;

/** The indexes of the rows that have a time, in order of time, and else as they came. */
function rowsByTime({ values }: Field): number[] {
  const rows = [...values.keys()].filter((row) => typeof values[row] === 'number');
  return rows.sort((a, b) => (values[a] as number) - (values[b] as number));
}

/** A line's values are doubles: the nearest, where an integer is beyond 2^53. */
const numberOf = (cell: Cell | undefined): Cell =>
  typeof cell === 'string' ? Number(cell) : (cell ?? null);

/** The text of a row as a label. */
function labelOf({ type, values }: Field, row: number): string {
  const cell = values[row] ?? null;
  return type === 'time' && cell !== null ? new Date(cell as number).toISOString() : String(cell);
}

function gridOf(
  time: Field,
  values: readonly Field[],
  labels: readonly Field[],
  order: readonly number[],
): Grid {
  const times: number[] = [];
  /** The lines of each combination of labels, parallel to `values`. */
  const groups = new Map<string, Series[]>();
  const groupOf = (texts: readonly string[]): Series[] => {
    const key = JSON.stringify(texts);
    const group =
      groups.get(key) ?? values.map(({ name }) => ({ name, labels: labelsOf(texts), cells: [] }));
    groups.set(key, group);
    return group;
  };
  const labelsOf = (texts: readonly string[]) =>
    Object.fromEntries(labels.map(({ name }, i) => [name, texts[i] as string]));
  // Without labels the lines are there whether or not there are rows.
  if (labels.length === 0) groupOf([]);
  let hidden = 0;
  for (const row of order) {
    const at = time.values[row] as number;
    if (labels.length === 0 || times.at(-1) !== at) times.push(at);
    const group = groupOf(labels.map((field) => labelOf(field, row)));
    const index = times.length - 1;
    if (group[0]?.cells[index] !== undefined) hidden++;
    for (const [i, { cells }] of group.entries()) cells[index] = numberOf(values[i]?.values[row]);
  }
  // By label rather than by first appearance: a line keeps its colour when the range moves on.
  const series = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, group]) => group);
  for (const { cells } of series) cells.length = times.length;
  return { times, series, hidden };
}
