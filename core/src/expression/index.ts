/**
 * Expressions: compiled when a definition is deployed, evaluated for each request or message.
 * @packageDocumentation
 */
export { compileAccessRule } from './access-rule.js';
export { type Condition, compileCondition, compileTemplate, type Expression } from './expression.js';
export { ExpressionSyntaxError } from './faults.js';
export { fileSecrets } from './file-secrets.js';
export { DEFAULT_LIMITS, type ExpressionLimits } from './limits.js';
export { expressionScope, type ScopeParts } from './scope.js';
export type { Scope } from './scope-type.js';
export { envSecrets, type SecretProvider, secretResolver } from './secrets.js';
export { hasExpression } from './template.js';
