type CpuUsage = (this: NodeJS.Process) => NodeJS.CpuUsage;

// Of this thread alone where Node.js can tell (from 23.9 on), else of the process.
const ofThread = (process as unknown as { readonly threadCpuUsage?: CpuUsage }).threadCpuUsage;

/** Milliseconds of processor time that have been used: while others have the processor, it stands still. */
export function cpuMs(): number {
  const { user, system } = ofThread === undefined ? process.cpuUsage() : ofThread.call(process);
  return (user + system) / 1000;
}

/**
 * Whether work whose time was over had less than half of it, since the machine was busy with something else.
 * @param sinceMs what {@link cpuMs} said when it began
 */
export function wasHeldUp(sinceMs: number, timeMs: number): boolean {
  return cpuMs() - sinceMs < timeMs / 2;
}
