/** Ends this process in good order when it is told to: by Ctrl-C, or by whatever runs it. A second time changes nothing. */
export function onStop(stop: () => Promise<void>): void {
  let isStopping = false
  const begin = () => {
    if (isStopping) return
    isStopping = true
    stop().catch((error: unknown) => {
      console.error(error)
      process.exitCode = 1
    })
  }
  process.on('SIGINT', begin)
  process.on('SIGTERM', begin)
}
