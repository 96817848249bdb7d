import type { ExecutionContext } from '../contract/context.js';
import type { SluiceError } from '../contract/errors.js';
import type { Message } from '../contract/message.js';
import type { Condition, Expressions, MaybePromise } from '../contract/policy.js';
import { metadataOf } from '../definition/metadata.js';
import type { ApiDefinition } from '../definition/model.js';
import {
  compileAccessRule,
  compileCondition,
  compileTemplate,
  envSecrets,
  expressionScope,
  fileSecrets,
  secretResolver,
} from '../expression/index.js';

/** What expressions may name beside the exchange, the message and the definition. */
export interface ExpressionSources {
  /** The folder of the secrets' provider `file`; without it there is only `env`. */
  readonly secretsFolder?: string;
  /** What `node` gives; nothing when absent. */
  readonly node?: NodeFacts;
}

/** A gateway as expressions see it. */
export interface NodeFacts {
  readonly id: string;
  readonly version: string;
  readonly tenant?: string;
  readonly shardingTags: readonly string[];
}

/** The names of the providers of secrets there are. */
export function secretProviders({ secretsFolder }: ExpressionSources): readonly string[] {
  return secretsFolder === undefined ? ['env'] : ['env', 'file'];
}

/** A text of a response template, compiled: expressions in it may name the `error` and its `parameters` too. */
export interface ErrorText {
  /** @throws SluiceError `EXPRESSION_FAILED` */
  evaluate(ctx: ExecutionContext, error: SluiceError): MaybePromise<unknown>;
}

/** Compiles the texts of response templates. */
export interface ErrorExpressions {
  /** @throws Error as `template` */
  errorText(text: string): ErrorText;
}

/** All that the definition of an API may be compiled with. */
export type ApiExpressions = Expressions & ErrorExpressions & AccessRules;

/** Compiles the rules that say whom a plan takes. */
export interface AccessRules {
  /**
   * As `condition`, but what is compared with a value that is not there makes the rule not hold.
   * @throws Error as `template`
   */
  accessRule(text: string): Condition;
}

/** The expressions of one API: what they name is found in the exchange, the message and the definition. */
export function apiExpressions(
  definition: ApiDefinition,
  { secretsFolder, node }: ExpressionSources = {},
): ApiExpressions {
  const files = secretsFolder === undefined ? {} : { file: fileSecrets(secretsFolder) };
  const secrets = secretResolver({ env: envSecrets(), ...files });
  const properties = Object.fromEntries(definition.properties.map(({ key, value }) => [key, value ?? '']));
  const metadata = metadataOf(definition);
  const seen = node === undefined ? {} : { node };
  const endpoints = definition.endpointGroups.flatMap((group) => group.endpoints.map(({ name }) => name));
  const scope = (ctx: ExecutionContext, message?: Message, error?: SluiceError) =>
    expressionScope({ ctx, message, error, properties, endpoints, secrets, metadata, ...seen });
  return {
    errorText(text) {
      const compiled = compileTemplate(text);
      return { evaluate: (ctx, error) => compiled.evaluate(scope(ctx, undefined, error)) };
    },
    template(text) {
      const compiled = compileTemplate(text);
      // Most texts of steps hold no expression: no scope is made for them.
      if (compiled.constant) return { evaluate: () => compiled.evaluate(NOTHING) };
      return { evaluate: (ctx, message) => compiled.evaluate(scope(ctx, message)) };
    },
    accessRule(text) {
      const compiled = compileAccessRule(text);
      return { holds: (ctx) => compiled.matches(scope(ctx)) };
    },
    condition(text) {
      const compiled = compileCondition(text);
      return { holds: (ctx, message) => compiled.matches(scope(ctx, message)) };
    },
  };
}

/** Of what names nothing. */
const NOTHING = () => undefined;
