/** The part of pino's logger that plugins may use: an object of members first, then the sentence. */
export interface Logger {
  debug(members: object, message: string): void;
  info(members: object, message: string): void;
  warn(members: object, message: string): void;
  error(members: object, message: string): void;
  child(members: Record<string, unknown>): Logger;
}
