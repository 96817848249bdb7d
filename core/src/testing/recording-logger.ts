import type { Logger } from '../contract/logger.js';

/** One line that was logged. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly members: Readonly<Record<string, unknown>>;
}

/** A logger that keeps its lines; children write to the same list, with their own members added. */
export interface RecordingLogger extends Logger {
  readonly lines: readonly LogLine[];
}

/** A {@link RecordingLogger} without lines. */
export function recordingLogger(): RecordingLogger {
  return loggerInto([], {});
}

function loggerInto(lines: LogLine[], bound: object): RecordingLogger {
  const at = (level: LogLine['level']) => (members: object, message: string) => {
    lines.push({ level, message, members: { ...bound, ...members } });
  };
  return {
    lines,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (members) => loggerInto(lines, { ...bound, ...members }),
  };
}
