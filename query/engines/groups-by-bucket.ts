import type { Groups } from '../interpreter/groups.js';

/** The groups of each time bucket, ascending; without those that `admits` does not let in. */
export function groupsByBucket(
  groups: Groups,
  admits: ((group: number) => boolean) | null = null,
): Map<number, number[]> {
  const groupsOf = new Map<number, number[]>();
  for (let group = 0; group < groups.groupCount; group++) {
    if (admits !== null && !admits(group)) continue;
    const bucketMs = groups.bucket(group);
    const known = groupsOf.get(bucketMs);
    if (known === undefined) groupsOf.set(bucketMs, [group]);
    else known.push(group);
  }
  return groupsOf;
}
