import type { DataContents } from '../data-files.js';
import type { ApiExpressions } from '../expressions.js';
import type { FlowCompiler } from '../flow/compile-flows.js';

/** What plans are compiled with. */
export interface PlanCompiler extends FlowCompiler {
  readonly data: DataContents;
  readonly expressions: ApiExpressions;
  /** Whether a plan whose security is not installed keeps the API from being served though others would work. */
  readonly strict?: boolean;
}
