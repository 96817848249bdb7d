import {
  findNodeAtLocation,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
  visit,
} from 'jsonc-parser';
import { tooDeepAt } from '../contract/json.js';
import type { JsonPath } from './problem.js';

/** A place in a text, both numbers from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** A parsed JSON text that still knows where each member stands. */
export interface JsonText {
  readonly value: unknown;
  /** The position of the member at `path`, or of its nearest ancestor that exists. */
  locate(path: JsonPath): TextPosition;
}

/** Why a text is not JSON, in words, with its place. */
export interface JsonSyntaxProblem extends TextPosition {
  readonly message: string;
}

const WORDS: Readonly<Record<string, string>> = {
  InvalidSymbol: 'this is not a JSON value; strings need double quotes',
  InvalidNumberFormat: 'this is not a JSON number',
  PropertyNameExpected:
    'a member name in double quotes must stand here (is there a comma too many before it?)',
  ValueExpected: 'a value must stand here (is there a comma too many before it?)',
  ColonExpected: 'a colon must stand here',
  CommaExpected: 'a comma must stand here',
  CloseBraceExpected: 'a closing brace } is missing',
  CloseBracketExpected: 'a closing bracket ] is missing',
  EndOfFileExpected: 'the document ends before this; remove what follows',
  InvalidCommentToken: 'JSON has no comments',
  UnexpectedEndOfComment: 'JSON has no comments',
  UnexpectedEndOfString: 'a closing double quote is missing',
  UnexpectedEndOfNumber: 'this is not a JSON number',
  InvalidUnicode: 'four hexadecimal digits must follow \\u in a JSON string',
  InvalidEscapeCharacter: 'a backslash in a JSON string must be written twice',
  InvalidCharacter: 'this character must be escaped in a JSON string',
};

/** How deep objects and arrays may be nested; what reads a document does so recursively. */
const MAX_DEPTH = 200;

/**
 * Parses strict JSON (RFC 8259), after a byte order mark if there is one. Every syntax problem is reported, not
 * only the first. A member that stands twice in an object is one: all parsers take one of the two in silence.
 */
export function parseJsonText(document: string): JsonText | readonly JsonSyntaxProblem[] {
  const text = document.replace(/^\uFEFF/, '');
  const deep = tooDeepAt(text, MAX_DEPTH);
  if (deep !== undefined) {
    return [{ ...positionAt(text, deep), message: `nested more than ${MAX_DEPTH} levels deep` }];
  }
  if (text.trim() === '') return [{ line: 1, column: 1, message: 'the document is empty' }];
  const value = parsed(text);
  const twice = value === undefined ? [] : membersTwice(text);
  if (twice.length > 0) return twice;
  // What can be read seldom has a problem: where its members stand is worked out when it has one.
  let tree: Node | undefined;
  const known = () => {
    tree ??= parseTree(text) as Node;
    return tree;
  };
  if (value !== undefined) return { value, locate: (path) => positionAt(text, offsetOf(known(), path)) };
  const errors: ParseError[] = [];
  parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  return withoutConsequences(errors).map((error) => {
    const code = printParseErrorCode(error.error);
    return { ...positionAt(text, error.offset), message: WORDS[code] ?? code };
  });
}

function membersTwice(text: string): readonly JsonSyntaxProblem[] {
  const found: JsonSyntaxProblem[] = [];
  const open: Set<string>[] = [];
  visit(text, {
    onObjectBegin: () => void open.push(new Set()),
    onObjectEnd: () => void open.pop(),
    onObjectProperty: (name, offset) => {
      const names = open.at(-1);
      if (names?.has(name) === true)
        found.push({
          ...positionAt(text, offset),
          message: `the member "${name}" stands here a second time; remove one`,
        });
      names?.add(name);
    },
  });
  return found;
}

/** Undefined when it is not JSON, which is no value of JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The parser goes on at once after what it could not read, and often finds the next thing wrong there. */
function withoutConsequences(errors: readonly ParseError[]): readonly ParseError[] {
  return errors.filter(({ offset }, index) => {
    const before = errors[index - 1];
    return before === undefined || offset > before.offset + before.length;
  });
}

function offsetOf(root: Node, path: JsonPath): number {
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(root, path.slice(0, length));
    if (node !== undefined) return node.parent?.type === 'property' ? node.parent.offset : node.offset;
  }
  return root.offset;
}

function positionAt(text: string, offset: number): TextPosition {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}
