import { parseTaskSpec } from '../../ingest/spec/parse-task-spec.js';
import type { TreeDefinition } from '../../segments/index.js';
import { type Configuration, loadSpec } from './load-spec.js';
import type { StarSet } from './star-set.js';

/** What the files of a table that is so configured shall have, as its task says. */
export const treeDefinitions = (
  set: StarSet,
  configuration: Configuration,
): readonly TreeDefinition[] =>
  parseTaskSpec(loadSpec(set, '/rows', configuration)).starTrees ?? [];
