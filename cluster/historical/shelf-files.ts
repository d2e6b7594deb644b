import { z } from 'zod';
import {
  crc32c,
  type Disk,
  NotFoundError,
  parseJson,
  sha256Hex,
  stringifyJson,
  utf8Decode,
  utf8Encode,
  writeFileAtomically,
} from '../../core/index.js';
import type { StoredSegment } from '../metadata/stored-segment.js';

/** A file on the shelf, as its note tells. */
export interface KeptFile {
  readonly segment: StoredSegment;
  /** The coordinator wants it here; others were only asked for. */
  readonly isAssigned: boolean;
}

/** On the file system of the shelf: files are renamed from there. Emptied when the shelf is opened. */
export const shelfTemporaryDir = (directory: string): string => `${directory}/tmp`;

/** Damaged files are kept for people to look at, so many. */
const MOST_DAMAGED = 3;

/**
 * The files of the shelf. Of each segment two, by the hash of its id: `<hash>.varve`, and `<hash>.note`, which is
 * the CRC-32C of the text behind it, in hexadecimal, a line end, and JSON of a KeptFile. The note is written after the file
 * and removed before it, so that whatever has a note was whole.
 */
export class ShelfFiles {
  readonly #damagedDir: string;

  constructor(
    private readonly disk: Disk,
    private readonly directory: string,
  ) {
    this.#damagedDir = `${directory}/damaged`;
  }

  pathOf(idText: string): string {
    return `${this.#baseOf(idText)}.varve`;
  }

  /** What is there; all else is removed. */
  open(): KeptFile[] {
    const { disk, directory } = this;
    disk.makeDirectory(directory);
    disk.removeTree(shelfTemporaryDir(directory));
    const kept = new Map<string, KeptFile>();
    for (const name of disk.list(directory)) {
      if (!name.endsWith('.note')) continue;
      const file = this.#read(`${directory}/${name}`);
      if (file !== null) kept.set(name.slice(0, -'.note'.length), file);
    }
    for (const name of disk.list(directory)) {
      const [base = '', ending] = name.split('.');
      const path = `${directory}/${name}`;
      const isOurs = kept.has(base) && (name === `${base}.varve` || name === `${base}.note`);
      if (!isOurs && ending !== undefined) disk.remove(path);
    }
    return [...kept.values()];
  }

  /** Durable. */
  note(file: KeptFile): void {
    const text = utf8Encode(stringifyJson(file));
    const head = utf8Encode(`${crc32c(text).toString(16)}\n`);
    const bytes = new Uint8Array(head.length + text.length);
    bytes.set(head);
    bytes.set(text, head.length);
    writeFileAtomically(this.disk, this.#notePath(file.segment.idText), bytes);
  }

  removeNote(idText: string): void {
    this.disk.remove(this.#notePath(idText));
  }

  remove(idText: string): void {
    this.removeNote(idText);
    this.disk.remove(this.pathOf(idText));
  }

  /** Takes a damaged file from the shelf. */
  setAside(idText: string): void {
    const { disk } = this;
    this.removeNote(idText);
    disk.makeDirectory(this.#damagedDir);
    const others = disk.list(this.#damagedDir);
    for (const name of others.slice(0, Math.max(0, others.length + 1 - MOST_DAMAGED))) {
      disk.remove(`${this.#damagedDir}/${name}`);
    }
    const path = this.pathOf(idText);
    try {
      disk.rename(path, `${this.#damagedDir}/${path.slice(path.lastIndexOf('/') + 1)}`);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
  }

  #notePath(idText: string): string {
    return `${this.#baseOf(idText)}.note`;
  }

  #baseOf(idText: string): string {
    return `${this.directory}/${sha256Hex(utf8Encode(idText)).slice(0, 40)}`;
  }

  /** Null unless it is whole, and of a file that is there in its whole length. */
  #read(path: string): KeptFile | null {
    const file = parseNote(this.disk.readFile(path));
    if (file === null) return null;
    const { idText, sealed } = file.segment;
    const stat = this.disk.stat(this.pathOf(idText));
    const isThere = stat?.kind === 'file' && stat.sizeBytes === sealed.sizeBytes;
    return isThere && this.#notePath(idText) === path ? file : null;
  }
}

/** What the shelf reads of it; the rest is as it was written, which the checksum tells. */
const note = z.looseObject({
  isAssigned: z.boolean(),
  segment: z.looseObject({
    idText: z.string(),
    sealed: z.looseObject({ sizeBytes: z.int().min(0), sha256: z.string() }),
  }),
});

function parseNote(bytes: Uint8Array): KeptFile | null {
  const at = bytes.indexOf(10);
  const text = bytes.subarray(at + 1);
  if (at < 0 || utf8Decode(bytes.subarray(0, at)) !== crc32c(text).toString(16)) return null;
  const parsed = note.safeParse(parseJson(utf8Decode(text)));
  return parsed.success ? (parsed.data as unknown as KeptFile) : null;
}
