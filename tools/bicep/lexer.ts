/** Splits the text of a Bicep file into tokens. */
import { BicepSyntaxError, type Place } from './ast.js';

/** `text-start`, `text-middle` and `text-end` are the texts round the expressions of an interpolated string. */
export type TokenKind =
  'newline' | 'text' | 'text-start' | 'text-middle' | 'text-end' | 'integer' | 'name' | 'sign' | 'end';

export interface Token extends Place {
  readonly kind: TokenKind;
  readonly value: string;
}

export interface Tokens {
  readonly tokens: readonly Token[];
  /** Rules that `#disable-next-line` names, by the line they are meant for. */
  readonly disabled: ReadonlyMap<number, readonly string[]>;
}

/** Longer signs first: the first that fits is taken. */
const signs = '... ?? => == != =~ !~ <= >= && || :: .? [? { } [ ] ( ) . , : ? = < > + - * / % ! | @'.split(
  ' ',
);

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', "'": "'", '\\': '\\', $: '$' };

class Lexer {
  private readonly tokens: Token[] = [];
  private readonly disabled = new Map<number, readonly string[]>();
  private offset = 0;
  private line = 1;
  private lineStart = 0;
  /** One number for each open `${`: how many braces are open inside it. */
  private readonly interpolations: number[] = [];

  constructor(private readonly source: string) {}

  run(): Tokens {
    while (this.offset < this.source.length) this.next();
    this.push('end', '', this.here());
    return { tokens: this.tokens, disabled: this.disabled };
  }

  private here(): Place {
    return { line: this.line, column: this.offset - this.lineStart + 1 };
  }

  private fail(message: string): never {
    throw new BicepSyntaxError(message, this.here());
  }

  private push(kind: TokenKind, value: string, place: Place): void {
    this.tokens.push({ kind, value, line: place.line, column: place.column });
  }

  /** What the pattern, which is sticky, finds here. */
  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.offset;
    return pattern.exec(this.source)?.[0];
  }

  private skip(text: string): void {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      this.line += 1;
      this.lineStart = this.offset + at + 1;
    }
    this.offset += text.length;
  }

  private next(): void {
    const space = this.match(/[ \t\uFEFF\u00a0]+|\/\/[^\r\n]*|\/\*[^]*?\*\//y);
    if (space !== undefined) {
      this.skip(space);
      return;
    }
    if (this.source.startsWith('/*', this.offset)) this.fail('unterminated comment');
    const place = this.here();
    const newline = this.match(/\r?\n|\r/y);
    if (newline !== undefined) {
      this.skip(newline);
      this.push('newline', '\n', place);
      return;
    }
    const directive = this.match(/#(?:disable|restore)[^\r\n]*/y);
    if (directive !== undefined) {
      this.noteDirective(directive);
      this.skip(directive);
      return;
    }
    this.nextToken(place);
  }

  private noteDirective(directive: string): void {
    const [, rules] = /^#disable-next-line\s+(.*)$/.exec(directive) ?? [];
    if (rules !== undefined) this.disabled.set(this.line + 1, rules.trim().split(/\s+/));
  }

  private nextToken(place: Place): void {
    if (this.match(/\$*'''/y) !== undefined) {
      this.multiLine(place);
    } else if (this.source[this.offset] === "'") {
      this.offset += 1;
      this.textUntilBreak('text', 'text-start', place);
    } else {
      const integer = this.match(/\d+/y);
      const name = this.match(/[A-Za-z_]\w*/y);
      if (integer !== undefined) this.take('integer', integer, place);
      else if (name !== undefined) this.take('name', name, place);
      else this.sign(place);
    }
  }

  private take(kind: TokenKind, value: string, place: Place): void {
    this.offset += value.length;
    this.push(kind, value, place);
  }

  /** Interpolation in `$'''` stays part of the text: nothing here uses it. */
  private multiLine(place: Place): void {
    const opening = this.match(/\$*'''(?:\r?\n)?/y) ?? '';
    const body = this.source.indexOf("'''", this.offset + opening.length);
    if (body < 0) this.fail('unterminated multi-line string');
    let end = body;
    while (this.source[end + 3] === "'") end += 1;
    const value = this.source.slice(this.offset + opening.length, end);
    this.skip(`${opening}${value}'''`);
    this.push('text', value, place);
  }

  /** Reads text up to its closing quote (`whole`) or up to `${` (`broken`). */
  private textUntilBreak(whole: TokenKind, broken: TokenKind, place: Place): void {
    let value = '';
    for (;;) {
      const character = this.source[this.offset];
      if (character === undefined || character === '\n' || character === '\r') {
        this.fail('unterminated string');
      }
      if (character === "'") {
        this.offset += 1;
        if (whole === 'text-end') this.interpolations.pop();
        this.push(whole, value, place);
        return;
      }
      if (this.source.startsWith('${', this.offset)) {
        this.offset += 2;
        if (broken === 'text-start') this.interpolations.push(0);
        this.push(broken, value, place);
        return;
      }
      value += character === '\\' ? this.escape() : this.plain(character);
    }
  }

  private plain(character: string): string {
    this.offset += 1;
    return character;
  }

  private escape(): string {
    const code = this.match(/\\u\{[0-9a-fA-F]+\}/y);
    if (code !== undefined) {
      this.offset += code.length;
      return String.fromCodePoint(Number.parseInt(code.slice(3, -1), 16));
    }
    const meant = escapes[this.source[this.offset + 1] ?? ''];
    if (meant === undefined) this.fail('unknown escape sequence');
    this.offset += 2;
    return meant;
  }

  private sign(place: Place): void {
    const depth = this.interpolations.at(-1);
    if (depth === 0 && this.source[this.offset] === '}') {
      this.offset += 1;
      this.textUntilBreak('text-end', 'text-middle', place);
      return;
    }
    const sign = signs.find((candidate) => this.source.startsWith(candidate, this.offset));
    if (sign === undefined) this.fail(`unexpected '${this.source[this.offset] ?? ''}'`);
    if (depth !== undefined) {
      const change = sign === '{' ? 1 : sign === '}' ? -1 : 0;
      this.interpolations[this.interpolations.length - 1] = depth + change;
    }
    this.take('sign', sign, place);
  }
}

/** Splits a text into tokens. Throws BicepSyntaxError for what is no token. */
export function tokensOf(source: string): Tokens {
  return new Lexer(source).run();
}
