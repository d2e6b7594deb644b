import type { Aggregate, Cell } from './aggregates.js';
import { blockColumn, foldBlock } from './block-folds.js';
import { eachRow, emitBlocks } from './emit-blocks.js';
import { GroupFinder, type GroupShape } from './emit-groups.js';
import { type CallParameter, KernelBuilder } from './kernel-builder.js';
import { bytesOf, u32At } from './keys.js';
import { COUNT_OFFSET, isConditional } from './layout.js';
import { IN_ROW_MASK } from './row-masks.js';
import { ALWAYS, allOf, emitTest, type Test } from './tests.js';
import {
  add,
  block,
  br,
  brIf,
  type Code,
  get,
  i32,
  i64,
  type Local,
  load,
  loop,
  op,
  ret,
  set,
  store,
  when,
} from './wasm/code.js';

/** What a kernel does: which rows, into which groups, folding what. */
export interface KernelPlan extends GroupShape {
  readonly filter: Test;
  /** Runs have masks of rows (see `row-masks.ts`). */
  readonly isMasked?: boolean;
}

/**
 * Writes the kernel of a plan:
 *
 *     for each block of 64 rows
 *       mask of the rows that pass the filter       SIMD where the test is a range
 *       masks of filtered aggregators
 *       for each row of the mask                    a plain loop where all 64 pass
 *         the group's address                       by key: in locals, an array, or a hash table
 *         update of each aggregator
 */
export function emitKernel(plan: KernelPlan): KernelBuilder {
  return new Emitter(plan).emit();
}

class Emitter {
  readonly #kernel = new KernelBuilder();
  readonly #mask: Local;
  readonly #group: Local;
  /** By aggregator: the rows of the block that it counts; null where it counts all. */
  readonly #masks: readonly (Local | null)[];
  /** Single group: the fields, the flags and the count of rows in locals. */
  readonly #fields: readonly (Local | null)[];
  readonly #flags: Local;
  readonly #rows: Local;
  readonly #finder: GroupFinder;

  constructor(private readonly plan: KernelPlan) {
    const kernel = this.#kernel;
    this.#mask = kernel.local('mask', 'i64');
    this.#group = kernel.local('group', 'i32');
    this.#flags = kernel.local('flags', 'i32');
    this.#rows = kernel.local('rows', 'i64');
    this.#finder = new GroupFinder(plan, kernel, this.#group);
    this.#masks = plan.aggregates.map(({ filter }) =>
      filter === ALWAYS ? null : kernel.local('counted', 'i64'),
    );
    this.#fields = plan.aggregates.map(({ field }) =>
      field === null || plan.layout.strategy !== 'single'
        ? null
        : kernel.local('field', field.kind),
    );
  }

  emit(): KernelBuilder {
    const kernel = this.#kernel;
    // The tests come first: they say what every block has to prepare.
    const { filter, isMasked } = this.plan;
    const test = isMasked ? allOf([IN_ROW_MASK, filter]) : filter;
    const tested = emitTest(kernel, test, this.#mask, this.#mask);
    const masks = this.plan.aggregates.flatMap(({ filter }, i) => {
      const mask = this.#masks[i];
      return mask ? emitTest(kernel, filter, this.#mask, mask) : [];
    });
    const counts = this.#isSingle ? this.#countBlock() : [];
    const rows = eachRow(kernel, this.#mask, this.#row());
    if (this.#isSingle) this.#keepInLocals();
    kernel.fn.body = [
      ...kernel.prologue,
      ...emitBlocks(kernel, this.#mask, {
        first: this.#stopWhenFull(),
        test: tested,
        passed: [...masks, ...counts, ...rows],
      }),
      ...this.#atEnd(),
      get(kernel.to),
    ];
    return kernel;
  }

  get #isSingle(): boolean {
    return this.plan.layout.strategy === 'single';
  }

  /** A hash table that could not take the groups of a whole block is left to the caller. */
  #stopWhenFull(): Code[] {
    const kernel = this.#kernel;
    const { strategy } = this.plan.layout;
    const at: Code = {
      kind: 'if',
      test: op('i32.gt_u', get(kernel.from), get(kernel.blockRow)),
      yes: [get(kernel.from)],
      no: [get(kernel.blockRow)],
      gives: 'i32',
    };
    if (strategy === 'hash') return this.#stopAt(at, 'count', 'limit');
    return this.#isSingle ? [...this.#stopForSketches(at), ...this.#stopForGathers(at)] : [];
  }

  #stopForSketches(at: Code): Code[] {
    if (!this.plan.layout.hasSketches) return [];
    return this.#stopAt(at, 'sketchNext', 'sketchLimit');
  }

  /** What was put down has to be folded. */
  #stopForGathers(at: Code): Code[] {
    return this.#gathers ? this.#stopAt(at, 'gatherNext', 'gatherLimit') : [];
  }

  get #gathers(): boolean {
    return this.plan.aggregates.some(({ gather }) => gather !== null);
  }

  #stopAt(row: Code, taken: CallParameter, limit: CallParameter): Code[] {
    const isFull = op('i32.gt_u', get(this.#kernel.call(taken)), get(this.#kernel.call(limit)));
    return [when(isFull, [...this.#atEnd(), ret(row)])];
  }

  /** What a call leaves behind. */
  #atEnd(): Code[] {
    const kernel = this.#kernel;
    const { strategy, hasSketches } = this.plan.layout;
    return [
      ...kernel.epilogue,
      ...(strategy === 'hash' ? [kernel.storeCall('count')] : []),
      ...(hasSketches ? [kernel.storeCall('sketchNext')] : []),
      ...(this.#gathers ? [kernel.storeCall('gatherNext'), kernel.storeCall('gatherStates')] : []),
    ];
  }

  /** What is done with one row that passes the filter. */
  #row(): Code[] {
    const { strategy } = this.plan.layout;
    if (strategy === 'single') return this.#updates();
    return [
      ...this.#stopForSketches(get(this.#kernel.row)),
      ...this.#stopForGathers(get(this.#kernel.row)),
      ...this.#withKeys(0, [], (codes) => [...this.#finder.find(codes), ...this.#updates()]),
    ];
  }

  /** Runs `inner` for every combination of the row's key parts: once, unless there are lists. */
  #withKeys(
    part: number,
    codes: readonly (Code | null)[],
    inner: (codes: readonly (Code | null)[]) => Code[],
  ): Code[] {
    const kernel = this.#kernel;
    const key = this.plan.keys[part];
    if (key === undefined) return inner(codes);
    const go = (code: Code | null) => this.#withKeys(part + 1, [...codes, code], inner);
    if (key.kind === 'codes') return go(key.code(kernel));
    if (key.kind !== 'lists') return go(null);
    const [at, end, offsets] = [
      kernel.local('element', 'i32'),
      kernel.local('end', 'i32'),
      kernel.table(bytesOf(key.offsets)),
    ];
    const elements = kernel.table(bytesOf(key.elements));
    const list = kernel.local('list', 'i32');
    return [
      set(list, key.list(kernel)),
      set(at, u32At(get(offsets), get(list))),
      set(end, u32At(get(offsets), add(get(list), i32(1)))),
      block('listed', (listed) => [
        loop('elements', (next) => [
          brIf(listed, op('i32.ge_u', get(at), get(end))),
          ...go(u32At(get(elements), get(at))),
          set(at, op('i32.add', get(at), i32(1))),
          br(next),
        ]),
      ]),
    ];
  }

  #updates(): Code[] {
    const isDense = this.plan.layout.strategy === 'dense';
    const always = isDense ? this.#markGroup() : [];
    return [...always, ...this.plan.aggregates.flatMap((each, i) => this.#update(each, i))];
  }

  /** Without conditional aggregators bit 0 is the only flag there is. */
  #markGroup(): Code[] {
    if (this.plan.aggregates.some(isConditional)) return this.#orFlags(1);
    return [store('i32.store', get(this.#group), i32(1))];
  }

  #update(aggregate: Aggregate, i: number): Code[] {
    const kernel = this.#kernel;
    if (this.#isSingle && takesBlocks(aggregate)) return [];
    const { valid } = aggregate;
    const steps = aggregate.update(kernel, this.#cell(i));
    if (!isConditional(aggregate)) return steps;
    const mask = this.#masks[i];
    const tests = [...(mask ? [kernel.bit(mask)] : []), ...(valid === null ? [] : [valid(kernel)])];
    const test = tests.reduce((a, b) => op('i32.and', a, b));
    return [when(test, [...steps, ...this.#orFlags(this.plan.layout.flags[i]!)])];
  }

  #orFlags(bits: number): Code[] {
    if (this.#isSingle) return [set(this.#flags, op('i32.or', get(this.#flags), i32(bits)))];
    const group = get(this.#group);
    return [store('i32.store', group, op('i32.or', load('i32.load', group), i32(bits)))];
  }

  #cell(i: number): Cell {
    const local = this.#fields[i];
    if (local)
      return {
        read: () => get(local),
        write: (value) => set(local, value),
        address: null,
        isOnly: true,
      };
    const { kind } = this.plan.aggregates[i]!.field ?? { kind: 'i64' };
    const offset = this.plan.layout.fieldOffsets[i]!;
    return {
      read: () => load(`${kind}.load`, get(this.#group), offset),
      write: (value) => store(`${kind}.store`, get(this.#group), value, offset),
      address: this.plan.layout.hasPairs ? add(get(this.#group), i32(offset)) : null,
      isOnly: false,
    };
  }

  #countBlock(): Code[] {
    const addBits = (local: Local, mask: Local): Code =>
      set(local, op('i64.add', get(local), op('i64.popcnt', get(mask))));
    const counts = this.plan.aggregates.flatMap(({ isCount }, i) => {
      const field = this.#fields[i];
      return isCount && field ? [addBits(field, this.#masks[i] ?? this.#mask)] : [];
    });
    return [addBits(this.#rows, this.#mask), ...counts, ...this.#foldBlock()];
  }

  #foldBlock(): Code[] {
    const kernel = this.#kernel;
    return this.plan.aggregates.flatMap((aggregate, i) => {
      const [column, field] = [blockColumn(aggregate), this.#fields[i]];
      if (column === null || !field) return [];
      const rows = this.#masks[i] ?? this.#mask;
      const { steps, count } = foldBlock(kernel, aggregate.longFold!, column, field, rows);
      const flag = this.plan.layout.flags[i]!;
      if (flag !== 0) {
        kernel.epilogue.push(when(op('i64.ne', get(count), i64(0n)), this.#orFlags(flag)));
      }
      return steps;
    });
  }

  /** The state of a single group: read before the first block, written behind the last one. */
  #keepInLocals(): void {
    const { prologue, epilogue } = this.#kernel;
    const states = get(this.#kernel.call('states'));
    const keep = (local: Local, offset: number): void => {
      prologue.push(set(local, load(`${local.type}.load`, states, offset)));
      epilogue.push(store(`${local.type}.store`, states, get(local), offset));
    };
    keep(this.#flags, 0);
    keep(this.#rows, COUNT_OFFSET);
    for (const [i, field] of this.#fields.entries()) {
      if (field) keep(field, this.plan.layout.fieldOffsets[i]!);
    }
  }
}

/** What a single group takes 64 rows at a time. */
const takesBlocks = (aggregate: Aggregate): boolean =>
  aggregate.isCount || blockColumn(aggregate) !== null;
