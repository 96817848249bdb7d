/**
 * The one gate for regular expressions that a definition, a schema or a client brings.
 * @packageDocumentation
 */
export type { Dialect } from './char-sets.js';
export { compilePattern, type PatternOptions } from './compile-pattern.js';
export { PatternSyntaxError, PatternTimeout, PatternTooLarge } from './faults.js';
export type { Pattern, PatternMatch } from './pattern.js';
export { underWatch } from './watch.js';
