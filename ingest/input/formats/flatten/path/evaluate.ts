import { compareText, longCompare } from '../../../../../core/index.js';
import { isEqual, isNumber, isRecord, memberOf } from '../values.js';
import { callFunction } from './functions.js';
import { isDefinite, type Operand, type Path, type Step, type Test } from './steps.js';

/** Values that one evaluation may look at: paths that scan within scans are without end otherwise. */
const MAX_VISITS = 1_000_000;

/** Evaluates paths over one record. */
export class Evaluation {
  #visits = 0;

  /** `record` gives the whole record, for paths inside of paths that begin with `$`. */
  constructor(private readonly record: () => unknown) {}

  /**
   * What a path leads to from a value: a value or undefined, where it is definite, else a list. Throws RangeError when that
   * takes too long.
   */
  read(path: Path, from: unknown): unknown {
    const found = this.#matches(path, from);
    const { call } = path;
    if (call === null) return isDefinite(path) ? found[0] : found;
    const values = call.arguments.map((operand) => this.#operand(operand, from));
    return callFunction(call.name, found, values);
  }

  #matches({ steps }: Path, from: unknown): unknown[] {
    const found: unknown[] = [];
    this.#visit(from, steps, 0, found);
    return found;
  }

  #visit(value: unknown, steps: readonly Step[], at: number, found: unknown[]): void {
    if (value === undefined) return;
    if (++this.#visits > MAX_VISITS) throw new RangeError('the path looks at too many values');
    const step = steps[at];
    if (step === undefined) found.push(value);
    else if (step.kind === 'scan') this.#scan(value, steps, at + 1, found);
    else {
      const isLast = at === steps.length - 1;
      for (const next of this.#below(value, step, isLast)) this.#visit(next, steps, at + 1, found);
    }
  }

  /** The steps from `at` on from the value and from all below it, parents first. */
  #scan(value: unknown, steps: readonly Step[], at: number, found: unknown[]): void {
    this.#visit(value, steps, at, found);
    for (const child of childrenOf(value)) {
      if (isRecord(child) || Array.isArray(child)) this.#scan(child, steps, at, found);
    }
  }

  #below(
    value: unknown,
    step: Exclude<Step, { kind: 'scan' }>,
    isLast: boolean,
  ): readonly unknown[] {
    switch (step.kind) {
      case 'keys':
        return keysBelow(value, step.keys, isLast);
      case 'indexes':
        return Array.isArray(value) ? step.indexes.map((index) => value.at(index)) : [];
      case 'slice':
        return Array.isArray(value) ? value.slice(step.start ?? 0, step.end ?? undefined) : [];
      case 'all':
        return childrenOf(value);
      case 'filter': {
        const items = Array.isArray(value) ? value : isRecord(value) ? [value] : [];
        return items.filter((item) => this.#holds(step.test, item));
      }
    }
  }

  #holds(test: Test, item: unknown): boolean {
    switch (test.kind) {
      case 'or':
        return test.tests.some((one) => this.#holds(one, item));
      case 'and':
        return test.tests.every((one) => this.#holds(one, item));
      case 'not':
        return !this.#holds(test.test, item);
      case 'exists':
        return this.#exists(test.operand, item);
      case 'compare':
        return this.#compare(test.operator, test.left, test.right, item);
    }
  }

  #exists(operand: Operand, item: unknown): boolean {
    if (operand.kind === 'literal') return operand.value === true;
    if (operand.kind === 'regex') return false;
    const value = this.#operand(operand, item);
    return isDefinite(operand.path)
      ? value !== undefined
      : (value as readonly unknown[]).length > 0;
  }

  #compare(operator: string, left: Operand, right: Operand, item: unknown): boolean {
    const a = this.#operand(left, item);
    if (operator === '=~') {
      return right.kind === 'regex' && typeof a === 'string' && right.regex.test(a);
    }
    const b = this.#operand(right, item);
    return compare(operator, a, b);
  }

  #operand(operand: Operand, item: unknown): unknown {
    if (operand.kind === 'literal') return operand.value;
    if (operand.kind === 'regex') return undefined;
    return this.read(operand.path, operand.isFromRecord ? this.record() : item);
  }
}

/** Of several keys at the end of a path: an object of those that are there. */
function keysBelow(value: unknown, keys: readonly string[], isLast: boolean): readonly unknown[] {
  if (keys.length === 1 || !isLast) return keys.map((key) => memberOf(value, key));
  if (!isRecord(value)) return [];
  const there = keys.filter((key) => Object.hasOwn(value, key));
  return [Object.fromEntries(there.map((key) => [key, value[key]]))];
}

function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isRecord(value) ? Object.values(value) : [];
}

function compare(operator: string, a: unknown, b: unknown): boolean {
  switch (operator) {
    case '==':
    case '===':
      return isEqual(a, b);
    case '!=':
    case '!==':
    case '<>':
      return !isEqual(a, b);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return isOrdered(operator, a, b);
    case 'size':
      return sizeOf(a) !== null && isEqual(sizeOf(a), b);
    case 'empty':
      return sizeOf(a) !== null && (sizeOf(a) === 0) === b;
    case 'contains':
      return typeof a === 'string' ? typeof b === 'string' && a.includes(b) : has(a, b);
    default:
      return compareSets(operator, a, b);
  }
}

function compareSets(operator: string, a: unknown, b: unknown): boolean {
  switch (operator) {
    case 'in':
      return has(b, a);
    case 'nin':
      return !has(b, a);
    case 'subsetof':
      return Array.isArray(a) && a.every((item) => has(b, item));
    case 'anyof':
      return Array.isArray(a) && a.some((item) => has(b, item));
    default:
      return Array.isArray(a) && !a.some((item) => has(b, item));
  }
}

const has = (list: unknown, value: unknown): boolean =>
  Array.isArray(list) && list.some((item) => isEqual(item, value));

const sizeOf = (value: unknown): number | null =>
  typeof value === 'string' || Array.isArray(value) ? value.length : null;

function isOrdered(operator: string, a: unknown, b: unknown): boolean {
  let order: number;
  if (isNumber(a) && isNumber(b)) order = longCompare(a, b);
  else if (typeof a === 'string' && typeof b === 'string') order = compareText(a, b);
  else return false;
  if (order === 0) return operator.length === 2;
  return operator.startsWith('<') === order < 0;
}
