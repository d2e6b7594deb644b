import { parseEach, type SpecReader } from '../../../model/index.js';
import { childField } from '../../native/fields.js';
import type { WindowColumn } from '../window-rows.js';
import { type Processor, togetherOf } from './processor.js';

/** Several processors, each of which sees what those before it made. */
export const readComposing: SpecReader<Processor> = ({ processors }, field, parse) => {
  const all = parseEach(processors, childField(field, 'processors'), parse);
  return {
    ...togetherOf(all),
    *process(rows, pace) {
      const made: WindowColumn[] = [];
      let seen = rows;
      for (const each of all) {
        const columns = yield* each.process(seen, pace);
        made.push(...columns);
        seen = seen.with(columns);
      }
      return made;
    },
  };
};
