/** JSON as Druid prints it for `?pretty`: the fields of objects on lines of their own, the items of lists side by side. No text is cut between `parts`. */
export function* prettyJson(parts: Iterable<string>): Iterable<string> {
  const printer = new PrettyPrinter();
  for (const part of parts) yield printer.print(part);
}

/** What stands for itself outside of texts. */
const MARKS = '{}[],:';

class PrettyPrinter {
  readonly #open: string[] = [];
  /** Whether nothing stands yet in what was opened last. */
  #isEmpty = false;

  print(part: string): string {
    let printed = '';
    for (let at = 0; at < part.length; ) {
      const end = tokenEnd(part, at);
      printed += this.#token(part.slice(at, end));
      at = end;
    }
    return printed;
  }

  #token(token: string): string {
    switch (token) {
      case '{':
      case '[': {
        const space = this.#beforeValue();
        this.#open.push(token);
        this.#isEmpty = true;
        return space + token;
      }
      case '}':
      case ']': {
        const isLine = token === '}' && !this.#isEmpty;
        this.#open.pop();
        this.#isEmpty = false;
        return (isLine ? this.#line() : ' ') + token;
      }
      case ',':
        return this.#inObject() ? `,${this.#line()}` : ', ';
      case ':':
        return ' : ';
      default:
        return this.#beforeValue() + token;
    }
  }

  #beforeValue(): string {
    if (!this.#isEmpty) return '';
    this.#isEmpty = false;
    return this.#inObject() ? this.#line() : ' ';
  }

  #inObject(): boolean {
    return this.#open.at(-1) === '{';
  }

  /** A new line, as far in as objects are open. */
  #line(): string {
    return `\n${'  '.repeat(this.#open.filter((mark) => mark === '{').length)}`;
  }
}

/** Where a mark, a text, or a number or word ends that starts at `start`. */
function tokenEnd(json: string, start: number): number {
  const first = json[start]!;
  if (MARKS.includes(first)) return start + 1;
  let end = start + 1;
  if (first === '"') {
    while (json[end] !== '"') end += json[end] === '\\' ? 2 : 1;
    return end + 1;
  }
  while (end < json.length && !MARKS.includes(json[end]!)) end++;
  return end;
}
