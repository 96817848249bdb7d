/** One dispatched event. */
export interface SseEvent {
  readonly type: string;
  readonly data: string;
  readonly lastEventId: string;
}

/** What a client has made of the bytes of an event stream. */
export interface SseReading {
  readonly events: readonly SseEvent[];
  /** The id a client would send now, also when the event that set it was not dispatched. */
  readonly lastEventId: string;
  readonly retryMs: number | undefined;
  readonly comments: readonly string[];
}

/** Reads an event stream by the text of the standard (WHATWG HTML §9.2.6), knowing nothing of who wrote it. */
export function parseSse(stream: string): SseReading {
  const events: SseEvent[] = [];
  const comments: string[] = [];
  let [data, type, idBuffer, lastEventId] = ['', '', '', ''];
  let retryMs: number | undefined;
  const lines = stream.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  // What follows the last line end is an unfinished line, and an unfinished block is never dispatched.
  for (const line of lines.slice(0, -1)) {
    if (line === '') {
      lastEventId = idBuffer;
      if (data !== '') events.push({ type: type || 'message', data: data.replace(/\n$/, ''), lastEventId });
      [data, type] = ['', ''];
      continue;
    }
    const colon = line.indexOf(':');
    if (colon === 0) comments.push(line.slice(1));
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data += `${value}\n`;
    else if (field === 'event') type = value;
    else if (field === 'id' && !value.includes('\0')) idBuffer = value;
    else if (field === 'retry' && /^\d+$/.test(value)) retryMs = Number(value);
  }
  return { events, lastEventId, retryMs, comments };
}
