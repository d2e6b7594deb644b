import type { JsonObject } from '../../core/index.js';
import { type TreeDefinition, treeSpec } from '../../segments/index.js';
import { Problems } from '../spec/problems.js';
import { readStarTrees } from '../spec/star-trees.js';
import type { TaskSpec } from '../spec/task-spec.js';
import type { CompactSpec } from './compact-spec.js';
import type { DescribedSegment } from './described-segment.js';
import { newestFirst } from './newest-first.js';

/**
 * The star-trees of what a compaction writes: those that it says, or else those that the table is declared with, or else
 * those that were asked for when the newest segment was written of which that was said, as far as there is what they are of in what
 * `task` writes. Undefined where nobody said anything. Throws UserError where the compaction itself is wrong.
 */
export function keptTrees(
  { starTrees: said }: CompactSpec,
  declared: readonly TreeDefinition[] | undefined,
  segments: readonly DescribedSegment[],
  task: TaskSpec,
): unknown {
  if (said !== null) {
    const problems = new Problems();
    problems.collect('starTrees', () => readStarTrees(said, 'starTrees', task, problems));
    problems.throwIfAny();
    return said;
  }
  return (declared?.map(treeSpec) ?? choiceOf(segments))?.filter((tree) => fits(tree, task));
}

const choiceOf = (segments: readonly DescribedSegment[]): readonly JsonObject[] | undefined =>
  newestFirst(segments).find(({ directory }) => directory.treeChoice !== undefined)?.directory
    .treeChoice;

/** Whether the task writes what the tree is of. */
function fits(tree: JsonObject, task: TaskSpec): boolean {
  const problems = new Problems();
  readStarTrees([tree], 'starTrees', task, problems);
  return problems.isEmpty;
}
