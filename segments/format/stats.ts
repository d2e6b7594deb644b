import { type Long, parseLong } from '../../core/index.js';
import type { ValueType } from '../../model/index.js';
import type { Facts } from '../encodings/vector.js';
import { numberText, parseNumberText } from '../number-text.js';
import type { ColumnDescription, ColumnStorage } from '../types.js';
import type { ColumnEntry, SegmentDirectory, StatsEntry, TreeEntry } from './directory.js';

/** Statistics in the form of the directory. */
export function encodeStats(facts: Facts, type: ValueType, sizeBytes: number): StatsEntry {
  const { cardinality, min, max, hasNulls } = facts;
  const text = (value: Facts['min']) => (value === null ? null : statText(value, type));
  return { cardinality, min: text(min), max: text(max), hasNulls, sizeBytes };
}

function statText(value: string | Long, type: ValueType): string {
  return typeof value === 'number' && type !== 'LONG' ? numberText(value) : String(value);
}

/** A column of a file as a `Segment` describes it. */
export function describeColumn(entry: ColumnEntry): ColumnDescription & { storage: ColumnStorage } {
  const { name, type, multiValue, role, auto, stats } = entry;
  const value = (text: string | null) => (text === null ? null : statValue(text, type));
  const described = { ...stats, min: value(stats.min), max: value(stats.max) };
  return {
    name,
    type,
    multiValue,
    role: role === 'path' ? 'dimension' : role,
    ...(auto && { auto }),
    stats: described,
    storage: storageOf(entry),
  };
}

function storageOf({
  encoding,
  parameters,
  runnerUp,
  indexes,
  indexChoice,
}: ColumnEntry): ColumnStorage {
  const sizes = indexes.map(({ kind, blocks }) => ({
    kind,
    sizeBytes: blocks.reduce((sum, { length }) => sum + length, 0),
  }));
  const storage = { encoding, parameters, runnerUp: runnerUp ?? null, indexes: sizes };
  return indexChoice === undefined ? storage : { ...storage, indexChoice };
}

/** The columns of a file by name. */
export interface ColumnFacts {
  /** Null when there is none of this name. */
  column(name: string): ColumnDescription | null;
  /** The kinds of indexes that it has. */
  indexes(name: string): readonly string[];
  readonly trees: readonly TreeEntry[];
}

/** Each column is described when it is first asked for. */
export function columnFacts({
  columns,
  trees,
}: Pick<SegmentDirectory, 'columns' | 'trees'>): ColumnFacts {
  const entries = new Map(columns.map((entry) => [entry.name, entry]));
  const described = new Map<string, ColumnDescription>();
  const kinds = new Map(
    columns.map(({ name, indexes }) => [name, indexes.map(({ kind }) => kind)]),
  );
  return {
    column(name) {
      const entry = entries.get(name);
      if (entry === undefined) return null;
      const column = described.get(name) ?? describeColumn(entry);
      described.set(name, column);
      return column;
    },
    indexes: (name) => kinds.get(name) ?? [],
    trees,
  };
}

function statValue(text: string, type: ValueType): string | Long | null {
  if (type === 'LONG') return parseLong(text);
  return type === 'STRING' ? text : parseNumberText(text);
}
