import { ingestionSpec } from '../query/data-set.js';
import type { StarSet } from './star-set.js';

/** How a table is configured: without trees, with those of its set, or with what is derived of its rows. */
export const CONFIGURATIONS = ['none', 'set', 'auto'] as const;
export type Configuration = (typeof CONFIGURATIONS)[number];

/** The task of a user who loads JSON lines as one time chunk and wants these trees. */
export function loadSpec({ dataSet, trees }: StarSet, file: string, configuration: Configuration) {
  const task = ingestionSpec({ ...dataSet, segmentGranularity: 'ALL' }, file, 'json') as Task;
  const starTrees = configuration === 'set' ? trees : configuration;
  return {
    ...task,
    spec: { ...task.spec, dataSchema: { ...task.spec.dataSchema, starTrees } },
  };
}

interface Task {
  readonly spec: { readonly dataSchema: object };
}
