import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';
import type { Logger } from '../contract/logger.js';

// Most processes never need it, and its modules are a part of the start that can be measured.
const pretty = process.stdout.isTTY ? (await import('pino-pretty')).default : undefined;

/** pino's levels that `--log-level` takes. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The process's logger: JSON lines on stdout, pretty when stdout is a terminal. */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = { level, base: { pid: process.pid } };
  const stdout = pretty
    ? pretty({ colorize: true, ignore: 'pid', translateTime: 'HH:MM:ss.l', sync: true })
    : pino.destination({ fd: 1, sync: true });
  const logger: PinoLogger = pino(options, destination ?? stdout);
  return logger;
}
