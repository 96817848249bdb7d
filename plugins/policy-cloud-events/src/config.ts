import { type ConfigSchema, textOfForm } from '@sluice/core';

/** The configuration of the `cloud-events` policy. Texts may hold expressions. */
export interface CloudEventsConfig {
  readonly format: 'structured' | 'binary';
  readonly id?: string;
  readonly type?: string;
  readonly source?: string;
  readonly subject?: string;
  readonly time?: string;
  readonly dataContentType?: string;
  readonly dataSchema?: string;
  readonly extensions: readonly { readonly name: string; readonly value: string }[];
}

const text = (description: string) => ({ type: 'string', minLength: 1, description });

/** JSON Schema of {@link CloudEventsConfig}. */
export const CLOUD_EVENTS_SCHEMA: ConfigSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    scope: { type: 'string', description: 'Has no effect: the phase a step stands in decides.' },
    format: {
      enum: ['structured', 'binary'],
      default: 'structured',
      description:
        '`structured`: the content is the whole event as `application/cloudevents+json`; `binary`: the content is the data, the attributes are headers `ce_…`.',
    },
    id: text("The event's id; `ce_id`, else the message's own, else a new one, when absent."),
    type: text("The event's type; `ce_type` when absent, and one of the two must be there."),
    source: text('Where it comes from; `ce_source`, else the path of the API, when absent.'),
    subject: text('What it is about; `ce_subject`, else none, when absent.'),
    time: text("When it happened, RFC 3339; `ce_time`, else the message's time, when absent."),
    dataContentType: text('The type of the data; the header `content-type`, else none, when absent.'),
    dataSchema: text('Where the schema of the data is; `ce_dataschema`, else none, when absent.'),
    extensions: {
      type: 'array',
      default: [],
      description: 'Further attributes of the event; `ce_…` headers that are none of the above are too.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'value'],
        properties: {
          name: {
            ...textOfForm('^[a-z0-9]{1,20}$', 'up to 20 lower-case letters and digits'),
            description: 'Lower-case letters and digits.',
          },
          value: { type: 'string', description: 'The value.' },
        },
      },
    },
  },
};
