import { z } from 'zod';
import { ResourceLimitError } from '../../../core/index.js';
import { type JavaRegex, wholeJavaRegex } from '../../../model/index.js';
import { readFields, requiredText, shown, textsField } from '../../spec/fields.js';
import type { InputBatch } from '../batch.js';
import { BatchBuilder } from '../batch-builder.js';
import { linesOf } from '../lines.js';
import type { InputEntity } from '../sources/source.js';
import { cellValue, checkNames, DEFAULT_LIST_DELIMITER, delimiterField } from './columns.js';
import type { InputFormat } from './format.js';

const RegexSpec = z.object({
  pattern: requiredText,
  columns: textsField,
  listDelimiter: delimiterField(DEFAULT_LIST_DELIMITER),
});

interface RegexSettings {
  /** Matches a whole line. */
  readonly pattern: JavaRegex;
  /** As the spec has it, for messages. */
  readonly written: string;
  /** Names of the groups, in order; groups beyond them are not read. */
  readonly names: readonly string[];
  readonly listDelimiter: string;
}

/** Lines that a Java regular expression matches as a whole: its groups are the fields, `column_1` … where they have no names. */
export function readRegexFormat(json: unknown, field: string): InputFormat {
  const { pattern: written, columns, listDelimiter } = readFields(RegexSpec, json, field);
  checkNames(columns, `${field}.columns`);
  const pattern = wholeJavaRegex(written, `${field}.pattern`);
  const names =
    columns.length > 0
      ? columns
      : Array.from({ length: pattern.groupCount }, (_, i) => `column_${i + 1}`);
  const settings = { pattern, written, names, listDelimiter };
  return { type: 'regex', read: (entity) => readMatches(entity, settings) };
}

async function* readMatches(
  entity: InputEntity,
  { pattern, written, names, listDelimiter }: RegexSettings,
): AsyncIterable<InputBatch> {
  for await (const { texts, bad, bytes } of linesOf(entity.chunks())) {
    const batch = new BatchBuilder();
    batch.addBad(bad);
    for (const line of texts) {
      const match = matchOf(pattern, line);
      if (match === null) batch.bad(line, `the line does not match the pattern ${shown(written)}`);
      else if (typeof match === 'string') batch.bad(line, match);
      else {
        const count = Math.min(names.length, match.length - 1);
        for (let i = 0; i < count; i++) {
          batch.set(names[i]!, cellValue(match[i + 1] ?? null, listDelimiter));
        }
        batch.endRecord();
      }
    }
    yield batch.build(bytes);
  }
}

/** The match, null without one, or why it cannot be told. */
function matchOf(pattern: JavaRegex, line: string): RegExpExecArray | string | null {
  try {
    return pattern.exec(line);
  } catch (error) {
    if (error instanceof ResourceLimitError) return error.message;
    throw error;
  }
}
