import { UnsupportedError } from '../../../core/index.js';
import type { CallNode, ExpressionNode } from './ast.js';
import { parseTypeName } from './literals.js';
import type { TokenStream } from './token-stream.js';

/** Functions whose first argument is a bare time unit. */
const UNIT_FIRST = new Set(['TIMESTAMPADD', 'TIMESTAMPDIFF']);

/** Calls with a grammar of their own; each is entered behind the opening bracket. */
const SPECIAL: ReadonlyMap<string, (tokens: TokenStream, call: CallNode) => CallNode> = new Map([
  ['TRIM', parseTrim],
  ['POSITION', parsePosition],
  ['SUBSTRING', parseSubstring],
  ['EXTRACT', parseExtract],
  ['FLOOR', parseRound],
  ['CEIL', parseRound],
  ['CEILING', parseRound],
  ['JSON_OBJECT', parseJsonObject],
  ['JSON_VALUE', parseJsonValue],
]);

/** `NAME(…) [FILTER (WHERE …)]`. */
export function parseCall(tokens: TokenStream): CallNode {
  const { upper: name, position } = tokens.take();
  tokens.expect('(');
  const empty: CallNode = {
    kind: 'call',
    name,
    distinct: false,
    operands: [],
    filter: null,
    position,
  };
  const special = SPECIAL.get(name);
  const call = special === undefined ? parseArguments(tokens, empty) : special(tokens, empty);
  tokens.expect(')');
  return parseAfterCall(tokens, call);
}

function parseArguments(tokens: TokenStream, call: CallNode): CallNode {
  if (tokens.at(')')) return call;
  const distinct = tokens.accept('DISTINCT');
  if (!distinct) tokens.accept('ALL');
  const unit =
    UNIT_FIRST.has(call.name) && tokens.peek().kind === 'word' && tokens.peek(1).upper === ',';
  if (!unit) return { ...call, distinct, operands: tokens.list(() => parseArgument(tokens)) };
  const first = parseUnit(tokens);
  tokens.expect(',');
  const operands = [first, ...tokens.list(() => parseArgument(tokens))];
  return { ...call, distinct, operands };
}

/** An argument may be a query without brackets of its own, as Druid's own tests write it. */
function parseArgument(tokens: TokenStream): ExpressionNode {
  const { position } = tokens.peek();
  return tokens.at('SELECT')
    ? { kind: 'subquery', query: tokens.query(), position }
    : tokens.expression();
}

function parseAfterCall(tokens: TokenStream, call: CallNode): CallNode {
  if (tokens.at('OVER')) {
    throw new UnsupportedError(`${call.name} OVER (…): window functions are not supported`);
  }
  if (!tokens.accept('FILTER')) return call;
  tokens.expect('(', 'WHERE');
  const filter = tokens.expression();
  tokens.expect(')');
  return { ...call, filter };
}

function parseUnit(tokens: TokenStream): ExpressionNode {
  const { kind, upper, position } = tokens.peek();
  if (kind !== 'word') throw tokens.unexpected('a time unit');
  tokens.take();
  return { kind: 'unit', unit: upper.replace(/^SQL_TSI_/, ''), position };
}

/** TRIM([BOTH | LEADING | TRAILING] [chars] FROM text) or TRIM(text[, chars]). */
function parseTrim(tokens: TokenStream, call: CallNode): CallNode {
  const side = tokens.peek().upper;
  const sided = side === 'BOTH' || side === 'LEADING' || side === 'TRAILING';
  if (sided) tokens.take();
  const name = side === 'LEADING' ? 'LTRIM' : side === 'TRAILING' ? 'RTRIM' : 'BTRIM';
  if (tokens.accept('FROM')) return { ...call, name, operands: [tokens.expression()] };
  const first = tokens.expression();
  if (tokens.accept('FROM')) return { ...call, name, operands: [tokens.expression(), first] };
  if (sided) throw tokens.unexpected('FROM');
  const rest = tokens.accept(',') ? [tokens.expression()] : [];
  return { ...call, name, operands: [first, ...rest] };
}

/** POSITION(needle IN text [FROM start]). */
function parsePosition(tokens: TokenStream, call: CallNode): CallNode {
  const needle = tokens.operand();
  if (!tokens.accept(',')) tokens.expect('IN');
  const operands = [needle, tokens.operand()];
  if (tokens.accept('FROM') || tokens.accept(',')) operands.push(tokens.operand());
  return { ...call, operands };
}

/** SUBSTRING(text FROM start [FOR length]) or with commas. */
function parseSubstring(tokens: TokenStream, call: CallNode): CallNode {
  const operands = [tokens.expression()];
  const comma = tokens.accept(',');
  if (!comma && !tokens.accept('FROM')) throw tokens.unexpected('FROM or a comma');
  operands.push(tokens.expression());
  if (tokens.accept(comma ? ',' : 'FOR')) operands.push(tokens.expression());
  return { ...call, operands };
}

/** EXTRACT(unit FROM time). */
function parseExtract(tokens: TokenStream, call: CallNode): CallNode {
  const unit = parseUnit(tokens);
  tokens.expect('FROM');
  return { ...call, operands: [unit, tokens.expression()] };
}

/** FLOOR(number), FLOOR(time TO unit); CEIL likewise. */
function parseRound(tokens: TokenStream, call: CallNode): CallNode {
  const operands = [tokens.expression()];
  if (tokens.accept('TO')) operands.push(parseUnit(tokens));
  return { ...call, name: call.name === 'FLOOR' ? 'FLOOR' : 'CEIL', operands };
}

/** JSON_OBJECT(KEY k VALUE v, …), JSON_OBJECT(k : v, …), JSON_OBJECT(k VALUE v). */
function parseJsonObject(tokens: TokenStream, call: CallNode): CallNode {
  if (tokens.at(')')) return call;
  const operands = tokens.list(() => {
    tokens.accept('KEY');
    const key = tokens.expression();
    if (!tokens.accept('VALUE') && !tokens.accept(':')) throw tokens.unexpected('VALUE');
    return [key, tokens.expression()];
  });
  return { ...call, operands: operands.flat() };
}

/** JSON_VALUE(json, path [RETURNING type] [NULL ON EMPTY] [NULL ON ERROR]): what is missing, or does not fit, is NULL anyway. */
function parseJsonValue(tokens: TokenStream, call: CallNode): CallNode {
  const plain = parseArguments(tokens, call);
  const { position } = tokens.peek();
  const returning: ExpressionNode[] = tokens.accept('RETURNING')
    ? [{ kind: 'literal', type: 'string', value: parseTypeName(tokens), position }]
    : [];
  while (tokens.accept('NULL')) {
    tokens.expect('ON');
    if (!tokens.accept('EMPTY')) tokens.expect('ERROR');
  }
  return { ...plain, operands: [...plain.operands, ...returning] };
}
