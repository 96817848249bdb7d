import { readFileSync } from 'node:fs';

/**
 * Says clearly when this many connections cannot be opened by one process; node itself raises the soft limit to the hard one.
 * @throws Error with what to do
 */
export function needOpenFiles(connections) {
  const wanted = connections + 500;
  const [, hard] = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
  if (hard === 'unlimited' || Number(hard) >= wanted) return;
  throw new Error(
    `${connections} connections need ${wanted} open files a process, and ${hard} are allowed: raise the hard limit (ulimit -Hn ${wanted}, as root) or leave this row out`,
  );
}
