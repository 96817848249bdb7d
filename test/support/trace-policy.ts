import { definePolicy, type Message, type PolicyPlugin, SluiceError } from '@sluice/core';

/** What a step of the trace policy does beside noting that it ran. */
interface TraceConfig {
  readonly label: string;
  readonly drop: boolean;
  readonly fail: boolean;
}

/** A policy that notes, in `trace`, each step that ran, as `phase:label`; and marks messages with a header. */
export function tracePolicy(trace: string[]): PolicyPlugin {
  return definePolicy<TraceConfig>({
    kind: 'policy',
    id: 'trace',
    phases: ['request', 'response', 'publish', 'subscribe'],
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['label'],
      properties: {
        label: { type: 'string' },
        drop: { type: 'boolean', default: false },
        fail: { type: 'boolean', default: false },
      },
    },
    create({ label, drop, fail }) {
      const note = (phase: string) => {
        trace.push(`${phase}:${label}`);
        if (fail)
          throw new SluiceError('POLICY_INTERRUPTED', {
            status: 412,
            code: 'TRACED',
            message: `no ${label}`,
          });
      };
      const mark = (phase: string) => (message: Message) => {
        note(phase);
        return drop
          ? null
          : { ...message, headers: [...message.headers, ['trace', Buffer.from(label)] as const] };
      };
      return {
        onRequest: () => note('request'),
        onResponse: (_ctx, response) => {
          note('response');
          response.headers.set('x-trace', [...(response.headers.get('x-trace') ?? []), label]);
        },
        onPublish: mark('publish'),
        onSubscribe: mark('subscribe'),
      };
    },
  });
}
