import { ConflictError, type Disk, writeFileAtomically } from '../../core/index.js';

/**
 * Copies the files of a push log into the directory of another node, which goes on where the log ends: with the rows that are not
 * published, and the state of tables and producers. What an earlier run has copied is left as it is. Throws ConflictError
 * where there is another log.
 */
export function copyPushLog(disk: Disk, from: string, to: string): void {
  const names = disk.list(from).filter((name) => name.endsWith('.log'));
  checkNoOther(disk, from, to, names);
  disk.makeDirectory(to);
  for (const name of names) {
    if (disk.stat(`${to}/${name}`) !== null) continue;
    writeFileAtomically(disk, `${to}/${name}`, disk.readFile(`${from}/${name}`));
  }
  disk.syncDirectory(to);
}

/** Throws ConflictError where files are in the directory that are not those of the log. */
function checkNoOther(disk: Disk, from: string, to: string, names: readonly string[]): void {
  const others = disk.list(to).filter((name) => {
    // Left by a run that was killed while it wrote it.
    if (name.endsWith('.log.tmp')) return false;
    return !names.includes(name) || !isSame(disk, `${from}/${name}`, `${to}/${name}`);
  });
  if (others.length === 0) return;
  throw new ConflictError(
    `${to} has a push log of its own already (${others[0]}); give the configuration of a realtime node that was never started, or remove the directory if nothing in it is needed`,
  );
}

const isSame = (disk: Disk, a: string, b: string): boolean =>
  Buffer.compare(disk.readFile(a), disk.readFile(b)) === 0;
