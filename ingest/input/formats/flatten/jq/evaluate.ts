import { isNumber, isRecord, memberOf } from '../values.js';
import { compute, each, isTrue, JqError, typeName } from './arithmetic.js';
import { callBuiltin, toText } from './builtins.js';
import type { Filter } from './filter.js';

/** Steps that one evaluation may take: a filter may be without end. */
const MAX_STEPS = 100_000;

/** The first value that a filter gives; undefined where it gives none. Throws RangeError when it fails or takes too long. */
export function firstOutput(filter: Filter, input: unknown): unknown {
  for (const value of new JqRun().run(filter, input)) return value;
  return undefined;
}

/** One evaluation of a filter and of those within it. */
export class JqRun {
  #steps = 0;

  /** The values that a filter gives, as they are asked for. */
  *run(filter: Filter, input: unknown): Generator<unknown> {
    this.step();
    switch (filter.kind) {
      case 'identity':
        yield input;
        return;
      case 'literal':
        yield filter.value;
        return;
      case 'recurse':
        yield* this.below(input);
        return;
      case 'at':
        for (const target of this.run(filter.target, input)) {
          for (const key of this.run(filter.key, input)) {
            yield* below(filter, () => [at(target, key)]);
          }
        }
        return;
      case 'slice':
        yield* this.#slices(filter, input);
        return;
      case 'each':
        for (const target of this.run(filter.target, input)) {
          yield* below(filter, () => each(target));
        }
        return;
      case 'try':
        yield* this.#try(filter.body, input);
        return;
      case 'list':
        yield filter.body === null ? [] : [...this.run(filter.body, input)];
        return;
      case 'object':
        yield* this.#objects(filter.entries, input, {});
        return;
      case 'text':
        yield* this.#texts(filter.parts, input, '');
        return;
      case 'negate':
        for (const value of this.run(filter.body, input)) yield compute('-', 0, value);
        return;
      case 'binary':
        yield* this.#binary(filter.operator, filter.left, filter.right, input);
        return;
      case 'if':
        for (const condition of this.run(filter.condition, input)) {
          if (isTrue(condition)) yield* this.run(filter.then, input);
          else if (filter.otherwise === null) yield input;
          else yield* this.run(filter.otherwise, input);
        }
        return;
      case 'call':
        yield* callBuiltin(this, filter.name, filter.arguments, input);
    }
  }

  /** Counts a step. */
  step(): void {
    if (++this.#steps > MAX_STEPS) throw new JqError('the filter takes too many steps');
  }

  /** A value and all values below it. */
  *below(value: unknown): Generator<unknown> {
    this.step();
    yield value;
    if (!Array.isArray(value) && !isRecord(value)) return;
    for (const child of each(value)) yield* this.below(child);
  }

  *#slices(filter: Filter & { kind: 'slice' }, input: unknown): Generator<unknown> {
    const ends = (one: Filter | null) => (one === null ? [null] : this.run(one, input));
    for (const target of this.run(filter.target, input)) {
      for (const end of ends(filter.end)) {
        for (const start of ends(filter.start)) yield slice(target, start, end);
      }
    }
  }

  *#try(body: Filter, input: unknown): Generator<unknown> {
    try {
      yield* this.run(body, input);
    } catch (error) {
      // Too many steps are too many here as well.
      if (!(error instanceof JqError) || this.#steps > MAX_STEPS) throw error;
    }
  }

  *#objects(
    [entry, ...others]: readonly (readonly [Filter, Filter])[],
    input: unknown,
    begun: object,
  ): Generator<unknown> {
    if (entry === undefined) {
      yield begun;
      return;
    }
    for (const key of this.run(entry[0], input)) {
      if (typeof key !== 'string') throw new JqError(`${typeName(key)} cannot be a key`);
      for (const value of this.run(entry[1], input)) {
        yield* this.#objects(others, input, { ...begun, [key]: value });
      }
    }
  }

  *#texts([part, ...others]: readonly Filter[], input: unknown, begun: string): Generator<unknown> {
    if (part === undefined) yield begun;
    else {
      for (const value of this.run(part, input)) {
        yield* this.#texts(others, input, begun + toText(value));
      }
    }
  }

  *#binary(operator: string, left: Filter, right: Filter, input: unknown): Generator<unknown> {
    switch (operator) {
      case '|':
        for (const value of this.run(left, input)) yield* this.run(right, value);
        return;
      case ',':
        yield* this.run(left, input);
        yield* this.run(right, input);
        return;
      case '//':
        yield* this.#alternative(left, right, input);
        return;
      case 'and':
      case 'or':
        for (const a of this.run(left, input)) {
          if (isTrue(a) === (operator === 'or')) yield operator === 'or';
          else for (const b of this.run(right, input)) yield isTrue(b);
        }
        return;
      default:
        for (const b of this.run(right, input)) {
          for (const a of this.run(left, input)) yield compute(operator, a, b);
        }
    }
  }

  /** Of the left what is neither null nor false; the right where there is none, errors or not. */
  *#alternative(left: Filter, right: Filter, input: unknown): Generator<unknown> {
    let isEmpty = true;
    for (const value of this.#try(left, input)) {
      if (!isTrue(value)) continue;
      isEmpty = false;
      yield value;
    }
    if (isEmpty) yield* this.run(right, input);
  }
}

/** What a step leads to. */
function below(
  step: { readonly isQuiet?: boolean },
  read: () => readonly unknown[],
): readonly unknown[] {
  try {
    return read();
  } catch (error) {
    if (step.isQuiet === true && error instanceof JqError) return [];
    throw error;
  }
}

function at(target: unknown, key: unknown): unknown {
  const isNothing = target === null || target === undefined;
  if (typeof key === 'string' && (isNothing || isRecord(target))) {
    return memberOf(target, key) ?? null;
  }
  if (isNumber(key) && (isNothing || Array.isArray(target))) {
    return isNothing ? null : (target.at(Math.floor(Number(key))) ?? null);
  }
  throw new JqError(`${typeName(target)} has no member ${typeName(key)}`);
}

function slice(target: unknown, start: unknown, end: unknown): unknown {
  if (target === null || target === undefined) return null;
  if (typeof target !== 'string' && !Array.isArray(target)) {
    throw new JqError(`${typeName(target)} cannot be sliced`);
  }
  const from = isNumber(start) ? Math.floor(Number(start)) : 0;
  const to = isNumber(end) ? Math.ceil(Number(end)) : undefined;
  if (Array.isArray(target)) return target.slice(from, to);
  return [...target].slice(from, to).join('');
}
