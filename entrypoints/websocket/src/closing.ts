import type { SluiceError } from '@sluice/core';
import type { WebSocket } from 'ws';

/** How long the other side has to answer a close: a client that reads nothing never will. */
const CLOSE_MS = 2000;

/** RFC 6455 §5.5: a control frame has 125 bytes, two of them the code. */
const MAX_REASON_BYTES = 123;

/** Closes a connection (RFC 6455 §7.1.2); one that does not answer is cut. */
export function closing(ws: WebSocket, code: number, reason: string): void {
  const timer = setTimeout(() => ws.terminate(), CLOSE_MS);
  ws.once('close', () => clearTimeout(timer));
  // A socket that was paused would never see the answer.
  ws.resume();
  ws.close(code, reason);
}

/** What a client is told: the key, and the message where there is room for it. */
export function closeReason({ code, message }: SluiceError): string {
  const whole = `${code}: ${message}`;
  return Buffer.byteLength(whole) <= MAX_REASON_BYTES ? whole : code.slice(0, MAX_REASON_BYTES);
}
