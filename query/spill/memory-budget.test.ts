import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ResourceLimitError } from '../../core/index.js';
import { MemoryBudget, type QueryMemory } from './memory-budget.js';

const LIMIT = 1000;
const QUERY_LIMIT = 400;

const step = fc.record({
  query: fc.nat(4),
  action: fc.constantFrom('hold', 'hold', 'release', 'close'),
  bytes: fc.nat(300),
});

test('what queries hold adds up, within both limits, and closing gives all of it back', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const budget = new MemoryBudget(LIMIT);
      const open = (): { memory: QueryMemory; held: number } => ({
        memory: budget.open(QUERY_LIMIT),
        held: 0,
      });
      const queries = Array.from({ length: 5 }, open);
      const sum = () => queries.reduce((total, { held }) => total + held, 0);
      for (const { query, action, bytes } of steps) {
        const each = queries[query]!;
        const { memory } = each;
        if (action === 'release') {
          const freed = Math.min(bytes, each.held);
          memory.release(freed);
          each.held -= freed;
        } else if (action === 'close') {
          memory.close();
          memory.release(each.held);
          queries[query] = open();
        } else {
          const fits = each.held + bytes <= QUERY_LIMIT && sum() + bytes <= LIMIT;
          expect(memory.hasRoom(bytes)).toBe(fits);
          if (fits) memory.hold(bytes);
          else expect(() => memory.hold(bytes)).toThrow(ResourceLimitError);
          if (fits) each.held += bytes;
        }
        expect(budget.usedBytes).toBe(sum());
        for (const { memory, held } of queries) expect(memory.usedBytes).toBe(held);
      }
    }),
  );
});

test('an error names the limit, what there would be, and what to do', () => {
  const budget = new MemoryBudget(LIMIT);
  const [a, b, c] = [budget.open(600), budget.open(600), budget.open(600)];
  a.hold(500);
  expect(() => a.hold(101)).toThrow(
    'would hold 601 bytes in memory, more than maxQueryBytes = 600',
  );
  b.hold(500);
  expect(() => c.hold(1)).toThrow('all queries together may hold query.memoryBytes = 1000');
});
