/** Time stamps that processes of one machine can compare: its monotonic clock, as a text of 16 digits, in microseconds. */
export function stamp() {
  return String(process.hrtime.bigint() / 1000n).padStart(16, '0');
}

/** The milliseconds since a stamp. */
export function sinceMs(text) {
  return (Number(process.hrtime.bigint() / 1000n) - Number(text)) / 1000;
}

/** Calls `next` with each stamp (`T` and 16 digits) in what a socket sends, also where it is cut in two. */
export function stampReader(next) {
  let rest = '';
  return (chunk) => {
    const text = rest + chunk.latin1Slice();
    let at = text.indexOf('T');
    let used = 0;
    for (; at >= 0 && at + 17 <= text.length; at = text.indexOf('T', at + 1)) {
      const digits = text.slice(at + 1, at + 17);
      if (!/^\d{16}$/.test(digits)) continue;
      next(digits);
      used = at + 17;
    }
    rest = text.slice(Math.max(used, text.length - 17));
  };
}
