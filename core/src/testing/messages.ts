import { type Message, newMessage } from '../contract/message.js';

/** A message to publish: its content as text, other members as given. */
export function textMessage(content: string, more: Partial<Message> = {}): Message {
  return { ...newMessage(Buffer.from(content), [], 1_700_000_000_000), ...more };
}

/** Messages whose contents are the numbers from `first` on. */
export function numberedMessages(count: number, first = 0): readonly Message[] {
  return Array.from({ length: count }, (_, index) => textMessage(String(first + index)));
}
