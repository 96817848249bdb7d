import type { ExecutionContext } from '../contract/context.js';
import type { Message } from '../contract/message.js';
import type { PolicyPlugin } from '../contract/plugin.js';
import type { Expressions, Phase } from '../contract/policy.js';

/** A configuration that must not be deployed. */
export interface WrongConfig {
  readonly config: unknown;
  /** What one of the reasons given must say. */
  readonly says: RegExp;
}

/** What a plugin's author says of a policy, so that the suite knows which promises to try. */
export interface PolicyHarness {
  readonly plugin: PolicyPlugin;
  /** A configuration as in a definition, without its defaults, with which the policy has something to do. */
  readonly config: unknown;
  readonly wrong: readonly WrongConfig[];
  /** What compiles expressions; {@link fakeExpressions} without a table when absent. */
  readonly expressions?: Expressions;
  /** Options that have no default because leaving them out means something, as paths: `rate.key`. */
  readonly withoutDefault?: readonly string[];
  /** Whether it may write the content of this message; never when absent. */
  writesContent?(message: Message): boolean;
  /** Names of message headers that it may write or remove, in lower case; none when absent. */
  readonly headers?: readonly string[];
  /** Whether it hands on this message; always when absent. Others are dropped, or end with an error. */
  passes?(message: Message): boolean;
  /** The exchange a case runs for, such as one with attributes that the configuration names. */
  context?(name: string): ExecutionContext;
  /** The phases to try; those of the manifest when absent. */
  readonly phases?: readonly Phase[];
}
