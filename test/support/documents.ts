import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './server-process.js';

/** A fenced example of a document. */
export interface Example {
  readonly document: string;
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a Markdown file of the repository. */
export function examplesOf(document: string): Example[] {
  const text = readFileSync(join(REPOSITORY, document), 'utf8');
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', body = '']) => ({
    document,
    language,
    text: body,
  }));
}
