const INSTANT =
  /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d\d):(\d\d)))?$/i;

/**
 * A date, which is its midnight in UTC, or a date and time with its offset from UTC (RFC 3339; seconds may be left out).
 * @returns milliseconds since the epoch; undefined for anything else, such as a day that the calendar does not have
 */
export function readInstant(text: string): number | undefined {
  const parts = INSTANT.exec(text);
  if (parts === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(numberOf);
  const [offsetHours = 0, offsetMinutes = 0] = parts.slice(9, 11).map(numberOf);
  const isOnClock = hour < 24 && minute < 60 && second < 60 && offsetHours < 24 && offsetMinutes < 60;
  const midnight = new Date(0);
  // Not Date.UTC, for which the years below 100 are those of another century.
  midnight.setUTCFullYear(year, month - 1, day);
  const isInCalendar = midnight.getUTCMonth() === month - 1 && midnight.getUTCDate() === day;
  if (!isOnClock || !isInCalendar) return undefined;
  const milliseconds = Math.floor(Number(`0.${parts[7] ?? 0}`) * 1000);
  const offset = (offsetHours * 60 + offsetMinutes) * (parts[8] === '-' ? -1 : 1);
  return midnight.getTime() + ((hour * 60 + minute - offset) * 60 + second) * 1000 + milliseconds;
}

function numberOf(digits: string | undefined): number {
  return Number(digits ?? 0);
}
