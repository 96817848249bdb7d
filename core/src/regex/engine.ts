import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';

const require = createRequire(import.meta.url);

/** The library that matches in linear time, loaded when the first pattern is compiled. */
function library(): typeof import('re2js') {
  return require('re2js');
}

/** Compiles what RE2 reads. @throws Error in the library's words */
export function compileRe2(source: string, isCaseless = false): RE2JS {
  const { RE2JS: Engine } = library();
  return Engine.compile(source, Engine.LOOKBEHINDS | (isCaseless ? Engine.CASE_INSENSITIVE : 0));
}
