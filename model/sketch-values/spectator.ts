import { CorruptSketchError, isJsonObject, parseJson, UserError } from '../../core/index.js';
import { isBucket, readSpectatorImage, SpectatorHistogram } from '../../sketches/index.js';
import { Json } from '../json/json.js';

/** The buckets that have numbers, and how many, as Druid shows a histogram. */
export const shownSpectator = (histogram: SpectatorHistogram): Readonly<Record<string, number>> =>
  Object.fromEntries(histogram.buckets());

/** The histogram that a text stands for: JSON of counts by bucket, or bytes in base64. Throws CorruptSketchError. */
export const spectatorOfText = (text: string): SpectatorHistogram =>
  isObjectText(text)
    ? spectatorOfCounts(parsed(text))
    : readSpectatorImage(Buffer.from(text, 'base64'));

/** The histogram of counts by bucket, an object or its JSON; null of what is no object. Throws CorruptSketchError. */
export function spectatorOfJson(value: unknown): SpectatorHistogram | null {
  if (typeof value === 'string') return isObjectText(value) ? spectatorOfText(value) : null;
  if (value instanceof Json) return spectatorOfCounts(value.value);
  if (!isJsonObject(value) || value instanceof Uint8Array) return null;
  return spectatorOfCounts(value);
}

const isObjectText = (text: string): boolean => text.trimStart().startsWith('{');

function spectatorOfCounts(counts: unknown): SpectatorHistogram {
  if (!isJsonObject(counts)) throw damaged('no counts by bucket');
  const histogram = new SpectatorHistogram();
  for (const [key, count] of Object.entries(counts)) {
    const bucket = /^\d{1,3}$/.test(key) ? Number(key) : Number.NaN;
    if (!isBucket(bucket)) throw damaged(`bucket "${key}"`);
    if (!(isCount(count) && isCount(histogram.count + count))) {
      throw damaged(`a count of ${String(count)}`);
    }
    histogram.addTo(bucket, count);
  }
  return histogram;
}

const isCount = (count: unknown): count is number =>
  Number.isSafeInteger(count) && (count as number) >= 0;

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof UserError || error instanceof SyntaxError) throw damaged(error.message);
    throw error;
  }
}

const damaged = (detail: string): CorruptSketchError =>
  new CorruptSketchError('Spectator histogram', detail);
