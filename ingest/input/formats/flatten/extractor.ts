import { VarveError } from '../../../../core/index.js';
import { firstOutput } from './jq/evaluate.js';
import { parseJq } from './jq/parse.js';
import { Evaluation } from './path/evaluate.js';
import { parsePath } from './path/parse-path.js';
import type { Path } from './path/steps.js';
import { memberOf } from './values.js';

/** Takes one value out of a record. */
export interface Extractor {
  /** The top-level field that is read; null: the whole record. */
  readonly root: string | null;
  /** The value, from that of the field or the record; undefined or null where there is none. */
  read(value: unknown, record: () => unknown): unknown;
}

/** A top-level field, whatever its name looks like. */
export const rootExtractor = (name: string): Extractor => ({ root: name, read: (value) => value });

/** Members of members. */
export function treeExtractor([root, ...nodes]: readonly string[]): Extractor {
  return { root: root!, read: (value) => nodes.reduce(memberOf, value) };
}

/** A JSONPath. Throws UserError naming `field` for what is none. */
export function pathExtractor(text: string, field: string): Extractor {
  const path = parsePath(text, field);
  const [first, ...steps] = path.steps;
  if (first?.kind !== 'keys' || first.keys.length !== 1) return { root: null, read: reader(path) };
  return { root: first.keys[0]!, read: reader({ ...path, steps }) };
}

/** Paths of keys and indexes, as most are, need no list of what they find. */
function reader(path: Path): Extractor['read'] {
  const keys = path.steps.map((step) =>
    step.kind === 'keys' && step.keys.length === 1 ? step.keys[0]! : null,
  );
  if (path.call === null && keys.every((key) => key !== null)) {
    return (value) => keys.reduce<unknown>((at, key) => memberOf(at, key!), value);
  }
  return (value, record) => quietly(() => new Evaluation(record).read(path, value));
}

/** A jq filter, of which the first output counts. Throws UserError naming `field` for what is none, or not supported. */
export function jqExtractor(text: string, field: string): Extractor {
  const filter = parseJq(text, field);
  return { root: null, read: (value) => quietly(() => firstOutput(filter, value)) };
}

/** As in Druid, an expression that fails gives nothing. */
function quietly(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError || error instanceof VarveError) return null;
    throw error;
  }
}
