import { setTimeout as pause } from 'node:timers/promises'
import { type ShopServer, startShopServer } from './shop-server.ts'

/** A shop that sees what is being worked at: orders that are read, and handlers that say so. */
export interface WorkFloor {
  readonly server: ShopServer
  /** How often something was begun. */
  readonly begunCount: (what: string) => number
  /** What was begun while it was under way. */
  readonly overlaps: readonly string[]
  /** Lets something not go on once it was begun; `begun` tells when it is. */
  readonly hold: (what: string) => { readonly begun: Promise<void>; readonly release: () => void }
}

/** Starts one; everything takes it `latencyMs` at least. */
export async function startWorkFloor({ latencyMs = 0 }: { readonly latencyMs?: number } = {}): Promise<WorkFloor> {
  const server = await startShopServer({ orderCount: 1 })
  const begun = new Map<string, number>()
  const underWay = new Map<string, number>()
  const overlaps: string[] = []
  const holds = new Map<string, { readonly tellBegun: () => void; readonly released: Promise<void> }>()
  server.intercept = async ({ url }, response) => {
    const what = /^\/(?:work|orders)\/([\w-]+)$/.exec(url)?.[1]
    if (what === undefined) return false
    begun.set(what, (begun.get(what) ?? 0) + 1)
    const others = underWay.get(what) ?? 0
    if (others > 0) overlaps.push(what)
    underWay.set(what, others + 1)
    // Also when whoever asked has died.
    response.once('close', () => underWay.set(what, (underWay.get(what) ?? 1) - 1))
    const hold = holds.get(what)
    hold?.tellBegun()
    await hold?.released
    if (latencyMs > 0) await pause(latencyMs)
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id: what, total: '1.00' }))
    return true
  }
  return {
    server,
    begunCount: (what) => begun.get(what) ?? 0,
    overlaps,
    hold: (what) => {
      let tellBegun = () => {}
      let release = () => {}
      const isBegun = new Promise<void>((resolve) => {
        tellBegun = resolve
      })
      const released = new Promise<void>((resolve) => {
        release = resolve
      })
      holds.set(what, { tellBegun, released })
      return { begun: isBegun, release }
    },
  }
}
