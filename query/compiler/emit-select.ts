import { eachRow, emitBlocks } from './emit-blocks.js';
import { KernelBuilder } from './kernel-builder.js';
import { IN_ROW_MASK } from './row-masks.js';
import { allOf, emitTest, type Test } from './tests.js';
import { get, i32, op, set, store } from './wasm/code.js';

/**
 * Writes the kernel that finds rows: the numbers of those that pass go to `states`, 4 bytes each, ascending, and
 * how many they are to `count`. There must be room for all rows of the call.
 */
export function emitSelect(filter: Test, isMasked: boolean): KernelBuilder {
  const kernel = new KernelBuilder();
  const mask = kernel.local('mask', 'i64');
  const end = kernel.local('end', 'i32');
  const states = get(kernel.call('states'));
  const count = op('i32.shr_u', op('i32.sub', get(end), states), i32(2));
  const tested = isMasked ? allOf([IN_ROW_MASK, filter]) : filter;
  const test = emitTest(kernel, tested, mask, mask);
  const passed = eachRow(kernel, mask, [
    store('i32.store', get(end), get(kernel.row)),
    set(end, op('i32.add', get(end), i32(4))),
  ]);
  kernel.fn.body = [
    ...kernel.prologue,
    set(end, states),
    ...emitBlocks(kernel, mask, { first: [], test, passed }),
    set(kernel.call('count'), count),
    kernel.storeCall('count'),
    get(kernel.to),
  ];
  return kernel;
}
