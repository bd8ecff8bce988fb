import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A proxy on this machine that can be told to fall silent. */
export interface TcpProxy {
  readonly port: number
  /** From the next request that contains `text` on, answers don't come back: the connections are cut instead. `null` ends it. */
  readonly cutAnswersTo: (text: string | null) => void
  /** The next request that contains `text` is not passed on: its connection is cut instead. Those after it are. */
  readonly cutBefore: (text: string) => void
  /** Cuts all connections and refuses new ones, until it is called with `false`: what a server that was stopped looks like. */
  readonly stop: (isStopped: boolean) => void
  /** Passes nothing on any more and closes nothing: what a stopped machine, or a net that is cut in two, looks like. */
  readonly freeze: () => void
  readonly close: () => Promise<void>
}

/** Stands between a client and a server that understand each other without encryption. */
export async function tcpProxy(host: string, port: number): Promise<TcpProxy> {
  let trigger: string | null = null
  let stop: string | null = null
  let isFrozen = false
  let isStopped = false
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    if (isStopped) {
      client.destroy()
      return
    }
    let isCut = false
    const upstream = connect(port, host)
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        if (!isFrozen) other.destroy()
      })
    }
    client.on('data', (chunk) => {
      if (isFrozen) return
      if (stop !== null && chunk.includes(stop)) {
        stop = null
        client.destroy()
        return
      }
      isCut ||= trigger !== null && chunk.includes(trigger)
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) => {
      if (isFrozen) return
      if (isCut) client.destroy()
      else client.write(chunk)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The proxy has no port.')
  return {
    port: address.port,
    cutAnswersTo: (text) => {
      trigger = text
    },
    cutBefore: (text) => {
      stop = text
    },
    stop: (stopped) => {
      isStopped = stopped
      if (stopped) for (const socket of sockets) socket.destroy()
    },
    freeze: () => {
      isFrozen = true
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
