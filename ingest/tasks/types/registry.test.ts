import { expect, test } from 'vitest';
import { parseTask } from './registry.js';

test.each([
  [
    { type: 'index_hadoop' },
    "'index_hadoop'",
    'not built yet',
    'index_parallel, index, compact, kill',
  ],
  [{ type: 'archive' }, "'archive'", 'not built yet'],
  [{ type: 'nonsense' }, '"nonsense"', 'index_parallel, index'],
  [{ type: 7 }, 'type: ', '7'],
  [{}, 'type: ', 'nothing'],
  [[], 'task: want an object'],
])('%j is no task', (json, ...parts) => {
  for (const part of parts) expect(() => parseTask(json)).toThrow(part);
});
