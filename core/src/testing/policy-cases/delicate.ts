import type { Message } from '../../contract/message.js';
import { textMessage } from '../messages.js';

/** Every byte there is, which is no valid text. */
const allBytes = () => Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

/** Everything beside the content that is often lost when a message is copied. */
const place = (): Partial<Message> => ({
  id: 'topic@3#42',
  key: allBytes(),
  timestampMs: 1_700_000_000_123,
  metadata: { topic: 'topic', partition: 3, offset: 42, sourceTimestamp: 1_700_000_000_123 },
  attributes: { noted: { before: true }, exchange: 'of the message' },
  headers: [
    ['repeated', Buffer.from('first')],
    ['Other', Buffer.from('between')],
    ['repeated', Buffer.from('second')],
    ['nothing', null],
    ['empty', Buffer.alloc(0)],
    ['__proto__', Buffer.from('a name like others')],
    ['Binary', allBytes()],
    ['repeated', Buffer.from('first')],
  ],
});

/** Messages that are often spoiled on the way, by what is delicate about them; new on each call. */
export function delicateMessages(): readonly (readonly [what: string, message: Message])[] {
  return [
    ['a JSON content', textMessage('{"multi":"byte ✓ 💧","n":1}', place())],
    ['a text that is not JSON', textMessage('{"multi":"byte ✓ 💧"}\r\n\n,', place())],
    ['a tombstone', { ...textMessage('', place()), content: null }],
    ['an empty content', textMessage('', place())],
    ['a binary content', { ...textMessage('', place()), content: allBytes() }],
    ['a message with neither key, header nor attribute', textMessage('{"n":2}')],
  ];
}
