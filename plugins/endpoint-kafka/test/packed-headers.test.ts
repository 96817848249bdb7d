import { expect, test } from 'vitest';
import { fc } from '../../../test/support/property.js';
import { unpackHeaders } from '../src/packed-headers.js';

/** As the patch of node-rdkafka writes them. */
function packed(headers: readonly (readonly [string, Buffer | null])[]): Buffer {
  const parts = headers.flatMap(([name, value]) => {
    const bytes = Buffer.from(name);
    const head = Buffer.alloc(8);
    head.writeInt32LE(bytes.length);
    head.writeInt32LE(value === null ? -1 : value.length, 4);
    return [head, bytes, ...(value === null ? [] : [value])];
  });
  return Buffer.concat(parts);
}

const bytes = fc.uint8Array({ maxLength: 20 }).map((list) => Buffer.from(list));
const header = fc.tuple(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.option(bytes));

test('what was packed comes out, in its order', () => {
  fc.assert(
    fc.property(fc.array(header), (headers) => {
      expect(unpackHeaders(packed(headers))).toEqual(headers);
    }),
  );
});

test('a record without headers has none', () => {
  expect(unpackHeaders(undefined)).toEqual([]);
});
