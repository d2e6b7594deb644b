import { readFileSync } from 'node:fs';

/** Linux counts the time of processes in hundredths of a second, on all machines that Node runs on. */
const MS_PER_TICK = 10;

/** What a process has spent in all of its threads, user and system, in milliseconds; NaN where the system does not tell. */
export function cpuMsOf(pid: number | null | undefined): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program may have blanks; what is after it begins with the third field.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return MS_PER_TICK * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return Number.NaN;
  }
}
