import { type Condition, definePolicy, type ExecutionContext, type Message, type Policy } from '@sluice/core';

/** The configuration of the `message-filtering` policy. */
export interface MessageFilteringConfig {
  readonly filter: string;
  readonly ackFilteredMessage: boolean;
  readonly filterMessageOnFilteringError: boolean;
}

/** Filters that came out of the filter itself, such as a subscriber's own; the oldest is forgotten above this. */
const MAX_OWN_FILTERS = 1000;

/** What a subscriber may make the gateway compile. */
const MAX_OWN_FILTER_LENGTH = 4096;

/**
 * Lets a message through when the filter holds. A filter that gives a text without looking at a message (a
 * subscriber's metadata, say) names the filter that is then applied.
 */
export default definePolicy<MessageFilteringConfig>({
  kind: 'policy',
  id: 'message-filtering',
  formatOptions: 'all',
  aliases: ['policy-message-filtering'],
  phases: ['publish', 'subscribe'],
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['filter'],
    properties: {
      filter: { type: 'string', minLength: 1, description: 'The expression that must hold.' },
      ackFilteredMessage: {
        type: 'boolean',
        default: true,
        description:
          'Only true is possible: a dropped message that is never acknowledged would hold its group back.',
      },
      filterMessageOnFilteringError: {
        type: 'boolean',
        default: true,
        description:
          'Whether a message that the filter fails on is dropped; else that message ends with the error.',
      },
    },
  },
  create(config, { expressions, log }): Policy {
    if (!config.ackFilteredMessage) {
      log.warn(
        { policy: 'message-filtering' },
        'ackFilteredMessage false is taken as true: see its documentation',
      );
    }
    const own = new Map<string, Condition>();
    const perMessage = expressions.condition(config.filter);
    const withoutMessage = expressions.template(config.filter);
    const conditions = new WeakMap<ExecutionContext, Promise<Condition>>();

    const ownCondition = (text: string): Condition => {
      const known = own.get(text);
      if (known !== undefined) return known;
      if (text.length > MAX_OWN_FILTER_LENGTH) {
        throw new Error(`a filter of a subscriber has at most ${MAX_OWN_FILTER_LENGTH} characters`);
      }
      const compiled = expressions.condition(text);
      if (own.size >= MAX_OWN_FILTERS) own.delete(own.keys().next().value as string);
      own.set(text, compiled);
      return compiled;
    };
    const conditionOf = async (ctx: ExecutionContext): Promise<Condition> => {
      let value: unknown;
      try {
        value = await withoutMessage.evaluate(ctx);
      } catch {
        return perMessage;
      }
      if (typeof value !== 'string' || value === '' || /^(true|false)$/i.test(value)) return perMessage;
      try {
        return ownCondition(value);
      } catch (error) {
        ctx.log.warn({ filter: value.slice(0, 200), err: error }, 'the filter of a subscriber cannot work');
        throw error;
      }
    };
    const filter = async (message: Message, ctx: ExecutionContext): Promise<Message | null> => {
      try {
        const condition = conditions.get(ctx) ?? conditionOf(ctx);
        conditions.set(ctx, condition);
        return (await (await condition).holds(ctx, message)) ? message : null;
      } catch (error) {
        if (!config.filterMessageOnFilteringError) throw error;
        ctx.log.debug(
          { message: message.id, err: error },
          'the filter failed on a message, which is dropped',
        );
        return null;
      }
    };
    return { onPublish: filter, onSubscribe: filter };
  },
});
