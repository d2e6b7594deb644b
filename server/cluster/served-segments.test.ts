import { expect, test } from 'vitest';
import { ServedSegments } from './served-segments.js';

const segment = (idText: string, sizeBytes: number) => ({ idText, sealed: { sizeBytes } });

function world() {
  const state = {
    version: 0,
    published: [segment('a', 1), segment('b', 20)],
    node: { node: { incarnation: 'x' }, number: 0, segments: new Set(['a', 'b', 'gone']) },
    reads: 0,
  };
  const tables = {
    get version() {
      return state.version;
    },
    segments: () => {
      state.reads++;
      return state.published;
    },
  };
  const view = { node: (name: string) => (name === 'h' ? state.node : null) };
  const parts = [tables, view] as unknown as ConstructorParameters<typeof ServedSegments>;
  const served = new ServedSegments(...parts);
  const ids = () => served.of('h').segments.map(({ idText }) => idText);
  return { state, served, ids };
}

test('what a node tells and is published, with its size; of others nothing', () => {
  const { served, ids } = world();
  expect(ids()).toEqual(['a', 'b']);
  expect(served.of('h').sizeBytes).toBe(21);
  expect(served.of('other')).toEqual({ segments: [], sizeBytes: 0 });
});

test('is worked out again when the node tells something, is another one, or others are published', () => {
  const { state, served, ids } = world();
  const first = served.of('h');
  expect(served.of('h')).toBe(first);
  expect(state.reads).toBe(1);

  state.node.segments.delete('a');
  state.node.number++;
  expect(ids()).toEqual(['b']);
  expect(state.reads).toBe(1);

  state.node = { ...state.node, node: { incarnation: 'y' }, segments: new Set(['a']) };
  expect(ids()).toEqual(['a']);

  state.published = [segment('c', 5)];
  state.node.segments = new Set(['c']);
  state.version++;
  expect(ids()).toEqual(['c']);
  expect(state.reads).toBe(2);
});
