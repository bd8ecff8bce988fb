/** Milliseconds of CPU that a process has used so far. */
export type CpuClock = () => number | Promise<number>

/** Of this process. */
export const ownCpu: CpuClock = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
