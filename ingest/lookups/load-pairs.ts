import { ResourceLimitError, UserError } from '../../core/index.js';
import { LookupBuilder, type LookupTable } from '../../model/index.js';
import { linesOf } from '../input/lines.js';
import type { InputEntity, InputEnvironment } from '../input/sources/source.js';
import type { UriFactory } from './factory.js';

/** What came of reading a lookup's file. */
export interface LoadedPairs {
  readonly table: LookupTable;
  /** Where it was. */
  readonly uri: string;
  /** Lines that had no key or no value. */
  readonly skipped: number;
}

/**
 * Reads the pairs of a lookup, unpacked as the name of the file says. Throws what the input throws, UserError for a line that cannot
 * be read, and ResourceLimitError beyond `maxBytes`.
 */
export async function loadPairs(
  { place, format }: UriFactory,
  environment: InputEnvironment,
  maxBytes: number,
): Promise<LoadedPairs> {
  const entity = place.entity(environment);
  const builder = new LookupBuilder();
  let skipped = 0;
  for await (const part of entity.parts()) {
    const read = format.reader((key, value) => {
      if (key === null || value === null) skipped++;
      else builder.add(key, value);
    });
    await readLines(part, (lines) => {
      read(lines);
      checkSize(builder.sizeBytes, maxBytes, entity.uri);
    });
  }
  return { table: builder.build(), uri: entity.uri, skipped };
}

/** What is wrong with a line is told with the name of the file. */
async function readLines(
  entity: InputEntity,
  read: (lines: readonly string[]) => void,
): Promise<void> {
  for await (const { texts, bad } of linesOf(entity.chunks())) {
    const [long] = bad;
    if (long !== undefined) throw new UserError(`${entity.uri}: ${long.reason}`);
    try {
      read(texts);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new UserError(`${entity.uri}: ${error.message}`);
    }
  }
}

function checkSize(bytes: number, maxBytes: number, uri: string): void {
  if (bytes <= maxBytes) return;
  throw new ResourceLimitError(
    `${uri}: its pairs take more than ${maxBytes} bytes; make it smaller, or raise lookups.maxBytes in the configuration`,
    maxBytes,
    bytes,
  );
}
