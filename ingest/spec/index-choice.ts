import { UserError } from '../../core/index.js';
import { type IndexableColumn, type IndexChoice, indexKinds } from '../../indexes/index.js';
import { JSON_TYPE, type ValueType } from '../../model/index.js';
import { pathTo, shown } from './fields.js';

/** What a spec says of the indexes of a column, each null where it says nothing. */
export interface IndexFields {
  readonly createBitmapIndex: boolean | null;
  readonly indexes: readonly string[];
}

/** Which indexes a column of the type shall have; undefined where nothing is said. Throws UserError for a name that is none of its. */
export function readIndexChoice(
  { createBitmapIndex, indexes }: IndexFields,
  type: ValueType,
  field: string,
): IndexChoice | undefined {
  if (createBitmapIndex === null && indexes.length === 0) return undefined;
  const known = kindsFor(type);
  for (const [i, name] of indexes.entries()) {
    if (known.includes(name)) continue;
    const path = `${pathTo(field, 'indexes')}[${i}]`;
    const want = known.length === 0 ? 'none, there are none' : `one of ${known.join(', ')}`;
    throw new UserError(
      `${path}: want ${want} for a column of type ${type}; got ${shown(name)}`,
      'spec',
      path,
    );
  }
  return { bitmap: createBitmapIndex ?? true, kinds: [...new Set(indexes)].sort() };
}

/** The kinds that may be asked for by name; of JSON, for its paths. */
const kindsFor = (type: ValueType): string[] =>
  indexKinds()
    .filter(({ askedFor }) =>
      type === JSON_TYPE ? askedFor.length > 0 : askedFor.includes(type as IndexableColumn['kind']),
    )
    .map(({ name }) => name);
