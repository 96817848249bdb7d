import { describe, expect, test } from 'vitest';
import { chooseMedia } from '../src/accept.js';

describe('the media type', () => {
  test.each([
    [undefined, 'text'],
    [[''], 'text'],
    [['*/*'], 'json'],
    [['application/json'], 'json'],
    [['Application/JSON; charset=utf-8'], 'json'],
    [['application/xml'], 'xml'],
    [['text/plain'], 'text'],
    [['application/octet-stream'], 'octet-stream'],
    [['text/plain;q=0.1, application/xml;q=0.5, application/json;q=0.4'], 'xml'],
    [['text/plain;q=0.5, application/xml;q=0.5'], 'text'],
    [['text/plain;q=0.5', 'application/json'], 'json'],
    [['text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8'], 'xml'],
    [['text/html, */*;q=0.8'], 'json'],
    [['*/*, text/plain;q=0.5'], 'json'],
    [['application/octet-stream;q=0.1, */*;q=0.01'], 'octet-stream'],
    [['application/*'], 'json'],
    [['text/*, application/*;q=0.5'], 'text'],
    [['application/json;q=0, */*'], 'xml'],
    [['application/json;q=0, application/xml;q=0, */*'], 'text'],
    [['application/json;q=nonsense'], 'json'],
    [['text/event-stream, application/json;q=0.1'], 'json'],
  ])('%j is %s', (accept, media) => {
    expect(chooseMedia(accept)).toBe(media);
  });

  test.each([
    [['text/html']],
    [['application/json;q=0']],
    [['text/event-stream']],
    [['image/*', 'x']],
    [['*/*;q=0']],
  ])('%j is refused with what it said', (accept) => {
    expect(() => chooseMedia(accept)).toThrow(
      expect.objectContaining({
        key: 'UNSUPPORTED_ACCEPT',
        status: 400,
        message: expect.stringContaining(`Unsupported accept header: [${accept.join(', ')}]`),
      }),
    );
  });
});
