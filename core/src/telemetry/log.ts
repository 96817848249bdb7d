import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Logger } from '../contract/logger.js';

/** pino's levels that `--log-level` takes. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The process's logger: JSON lines on stdout, pretty when stdout is a terminal. */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = { level, base: { pid: process.pid } };
  const stdout = process.stdout.isTTY
    ? pretty({ colorize: true, ignore: 'pid', translateTime: 'HH:MM:ss.l', sync: true })
    : pino.destination({ fd: 1, sync: true });
  const logger: PinoLogger = pino(options, destination ?? stdout);
  return logger;
}
