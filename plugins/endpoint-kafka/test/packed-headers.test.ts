import { expect, test } from 'vitest';
import { fc } from '../../../test/support/property.js';
import { countHeaders, unpackHeaders } from '../src/packed-headers.js';
import { RecordMessage } from '../src/record.js';

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

test('the first of them come alone, and are counted', () => {
  fc.assert(
    fc.property(fc.array(header), fc.nat(5), (headers, most) => {
      expect(unpackHeaders(packed(headers), most)).toEqual(headers.slice(0, most));
      expect(countHeaders(packed(headers))).toBe(headers.length);
    }),
  );
});

test.each([undefined, 'k'])(
  'a record gives the first as it gives all, its key among them: %s',
  (keyHeader) => {
    const headers = [1, 2, 3].map((at) => [`h${at}`, Buffer.from('v')] as const);
    const raw = { value: null, key: Buffer.from('key'), topic: 't', partition: 0, offset: 0, size: 0 };
    const form = { removeConfluentHeader: false, ...(keyHeader === undefined ? {} : { keyHeader }) };
    for (const most of [0, 2, 3, 4, 10]) {
      const fresh = () => new RecordMessage({ ...raw, packedHeaders: packed(headers) }, form);
      const all = fresh().headers;
      const first = fresh().firstHeaders(most);
      expect(first).toEqual({ headers: all.slice(0, most), count: all.length });
    }
  },
);
