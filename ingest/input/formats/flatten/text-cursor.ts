import { UserError } from '../../../../core/index.js';

/** Reads a small language from left to right; what it cannot read is a UserError that names field and character. */
export class TextCursor {
  at = 0;

  constructor(
    readonly text: string,
    private readonly field: string,
    /** What the text should be, for messages: `a JSONPath`. */
    private readonly language: string,
  ) {}

  get isEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** The next character; '' at the end. */
  get next(): string {
    return this.text.charAt(this.at);
  }

  startsWith(part: string): boolean {
    return this.text.startsWith(part, this.at);
  }

  skipBlanks(): void {
    while (/\s/.test(this.next)) this.at++;
  }

  /** Goes behind `part` where it comes next. */
  accept(part: string): boolean {
    if (!this.startsWith(part)) return false;
    this.at += part.length;
    return true;
  }

  expect(part: string): void {
    if (!this.accept(part)) throw this.fail(`want ${JSON.stringify(part)} here`);
  }

  /** What `pattern`, which must be sticky, matches next; null where it does not. */
  match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found !== null) this.at = pattern.lastIndex;
    return found;
  }

  fail(why: string): UserError {
    return new UserError(
      `${this.field}: ${JSON.stringify(this.text)} is not ${this.language} that can be read, at character ${this.at + 1}: ${why}`,
      'spec',
      this.field,
    );
  }
}
