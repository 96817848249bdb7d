import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
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
  UnexpectedEndOfString: 'a closing double quote is missing',
  InvalidCharacter: 'this character must be escaped in a JSON string',
};

/** Parses strict JSON (RFC 8259). Every syntax problem is reported, not only the first. */
export function parseJsonText(text: string): JsonText | readonly JsonSyntaxProblem[] {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  if (errors.length > 0 || root === undefined) {
    if (errors.length === 0) return [{ line: 1, column: 1, message: 'the document is empty' }];
    return errors.map((error) => {
      const code = printParseErrorCode(error.error);
      return { ...positionAt(text, error.offset), message: WORDS[code] ?? code };
    });
  }
  return {
    value: JSON.parse(text),
    locate: (path) => positionAt(text, offsetOf(root, path)),
  };
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
