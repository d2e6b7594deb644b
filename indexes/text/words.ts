/** Letters, marks, digits and what joins them, of any script. */
const WORD = /[\p{L}\p{M}\p{N}\p{Pc}]+/gu;

/** The words of a text, in lower case, each once: runs of letters, marks, digits and connectors such as `_`. */
export const wordsOf = (text: string): string[] => [...new Set(text.toLowerCase().match(WORD))];
