/** Characters that stand for themselves in quoted text: the ones Druid's SQL planner leaves alone. */
const SAFE = /[^\p{L}\p{Nd} ,._\-;:(){}[\]<>!@#$%^&*`~?]/gu;

/** Letters, digits and harmless punctuation stay; every other UTF-16 unit becomes `\uXXXX`. */
function escapeText(text: string): string {
  return text.replace(SAFE, (match) => {
    let escaped = '';
    for (let i = 0; i < match.length; i++) {
      escaped += `\\u${match.charCodeAt(i).toString(16).toUpperCase().padStart(4, '0')}`;
    }
    return escaped;
  });
}

/** An identifier for use in expression text, whatever the name holds: `"a b"`. */
export const quoteIdentifier = (name: string): string => `"${escapeText(name)}"`;

/** A string literal for use in expression text, whatever the text holds: `'it\u0027s'`. */
export const quoteString = (text: string): string => `'${escapeText(text)}'`;
