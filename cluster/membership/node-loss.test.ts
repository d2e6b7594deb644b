import { expect, test } from 'vitest';
import { UnavailableError } from '../../core/index.js';
import type { NodeChange } from './cluster-nodes.js';
import { lossOf } from './node-loss.js';

function world() {
  const listeners = new Set<(changes: readonly NodeChange[]) => void>();
  const nodes = {
    listen(onChanges: (changes: readonly NodeChange[]) => void) {
      listeners.add(onChanges);
      return () => listeners.delete(onChanges);
    },
  };
  const tell = (kind: NodeChange['kind'], name: string) => {
    for (const listener of listeners) listener([{ kind, node: { name } } as NodeChange]);
  };
  return { nodes, tell, listeners };
}

test('it is told when the node is lost, and of no other', () => {
  const { nodes, tell } = world();
  const { signal } = lossOf(nodes, 'r1');
  tell('found', 'r1');
  tell('changed', 'r1');
  tell('lost', 'r2');
  expect(signal.aborted).toBe(false);
  tell('lost', 'r1');
  expect(signal.reason).toBeInstanceOf(UnavailableError);
  expect(signal.reason.message).toMatch(/the node "r1" was lost .* send the request again/);
});

test('who does not ask any more is not told', () => {
  const { nodes, tell, listeners } = world();
  const { signal, end } = lossOf(nodes, 'r1');
  end();
  tell('lost', 'r1');
  expect(signal.aborted).toBe(false);
  expect(listeners.size).toBe(0);
});
