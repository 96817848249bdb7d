/** What may name a topic, as a JSON Schema has it: Kafka refuses `.` and `..` too. */
export const TOPIC_NAME = '^(?!\\.{1,2}$)[A-Za-z0-9._-]{1,249}$';

const PATTERN = new RegExp(TOPIC_NAME);

/** Whether Kafka can have a topic of this name. */
export function isTopicName(text: string): boolean {
  return PATTERN.test(text);
}
