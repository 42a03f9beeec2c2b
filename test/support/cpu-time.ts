/**
 * Returns the CPU time that this thread has taken, ms: a limit for synchronous work. Unlike time on the clock it does not grow while
 * other processes have the processor, nor while other threads collect garbage or compile.
 */
export function cpuNow(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
