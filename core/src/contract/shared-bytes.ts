const LINE_END = '\r\n';

/** The chunk (RFC 9112 §7.1) that bytes lie in. */
const chunks = new WeakMap<Buffer, Buffer>();

/**
 * The bytes of a text that many clients are written. They lie in a chunk of HTTP, so that a sink that sends chunks has nothing
 * to put together for each client. An empty text is no chunk: it would be the last one.
 */
export function sharedBytes(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const head = length.toString(16) + LINE_END;
  const whole = Buffer.allocUnsafe(head.length + length + LINE_END.length);
  whole.write(head, 'latin1');
  whole.write(text, head.length, 'utf8');
  whole.write(LINE_END, head.length + length, 'latin1');
  const bytes = whole.subarray(head.length, head.length + length);
  if (length > 0) chunks.set(bytes, whole);
  return bytes;
}

/** The whole chunk around bytes made by {@link sharedBytes}; undefined for all others. */
export function chunkOf(bytes: Buffer | string): Buffer | undefined {
  return typeof bytes === 'string' ? undefined : chunks.get(bytes);
}
