/** Letters, marks, digits and what joins them, of any script. */
const WORD = /[\p{L}\p{M}\p{N}\p{Pc}]+/gu;

/** The words of a text in their order, in lower case: runs of letters, marks, digits and connectors such as `_`. */
export const wordList = (text: string): readonly string[] => text.toLowerCase().match(WORD) ?? [];

/** The same, each once. */
export const wordsOf = (text: string): string[] => [...new Set(wordList(text))];
