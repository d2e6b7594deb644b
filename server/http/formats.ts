import { preferences } from './preferences.js';

/** In which an answer may leave. */
export type Format = 'json' | 'msgpack' | 'arrow';

/** What an answer in a format says that it is. */
export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  json: 'application/json',
  msgpack: 'application/msgpack',
  arrow: 'application/vnd.apache.arrow.stream',
};

/** Formats that are asked for by name, the better first. */
const NAMED: readonly (readonly [type: string, format: Format])[] = [
  [CONTENT_TYPES.arrow, 'arrow'],
  [CONTENT_TYPES.msgpack, 'msgpack'],
  ['application/x-msgpack', 'msgpack'],
  ['application/vnd.msgpack', 'msgpack'],
];

/** The format that a client wants by its Accept: JSON unless it likes a named one better. */
export function chosenFormat(header: string | undefined): Format {
  const wanted = preferences(header ?? '');
  const anything = wanted.get('application/*') ?? wanted.get('*/*') ?? 0;
  let best: Format = 'json';
  let most = wanted.get(CONTENT_TYPES.json) ?? 0;
  for (const [type, format] of NAMED) {
    const quality = wanted.get(type) ?? 0;
    // What is named comes before JSON that anything stands for.
    if (quality <= most || quality < anything) continue;
    best = format;
    most = quality;
  }
  return best;
}
