/** Fewer rows than this are left by the indexes of a segment: then it is one job, and goes with others. */
export const FEW_ROWS = 1000;

const NO_CUTS: ReadonlySet<number> = new Set();
const MAX_JOBS = 32;
const MAX_ROWS = 4000;

/**
 * Jobs that one worker does together: so many that it is worth a message. A job of more than `FEW_ROWS` is alone. Fixed by what is known of the segments, and not by how many
 * workers there are, so that what is added up together is the same on every machine.
 *
 * `rows` has, by job, how many rows are looked at, about; before those of `cuts` a bundle ends. Gives where each one ends.
 */
export function bundlesOf(rows: readonly number[], cuts: ReadonlySet<number> = NO_CUTS): number[] {
  const ends: number[] = [];
  let jobs = 0;
  let sum = 0;
  for (const [i, count] of rows.entries()) {
    const isAlone = count > FEW_ROWS || (i > 0 && rows[i - 1]! > FEW_ROWS);
    const isFull = isAlone || cuts.has(i) || jobs === MAX_JOBS || sum + count > MAX_ROWS;
    if (i > 0 && isFull) {
      ends.push(i);
      jobs = 0;
      sum = 0;
    }
    jobs++;
    sum += count;
  }
  if (rows.length > 0) ends.push(rows.length);
  return ends;
}
