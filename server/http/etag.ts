import { VARVE_VERSION } from '../version.js';

/** The ETag of an answer in a format, as this version writes it; null where its content has no tag. */
export const entityTag = (contentTag: string | null, format: string): string | null =>
  contentTag === null ? null : `"${contentTag}-${format}-${VARVE_VERSION}"`;

/**
 * Whether an If-None-Match header names the tag, as weak comparison has it (what was compressed on the way has a weak one);
 * also without the quotes, as Druid writes its own.
 */
export function isKnown(header: string | undefined, tag: string | null): boolean {
  if (header === undefined || tag === null) return false;
  return header.split(',').some((each) => opaque(each) === opaque(tag));
}

const opaque = (tag: string): string => tag.trim().replace(/^W\//, '').replaceAll('"', '');
