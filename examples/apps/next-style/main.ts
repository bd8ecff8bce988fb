import { readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toNodeHandler } from 'bapp-connectors/http'

// Stands in for Next.js, which is not started here: it finds the route handlers by their folders, as Next.js does.
// In an application of yours this file doesn't exist.

type RouteHandler = (request: Request, context: { readonly params: Promise<object> }) => Promise<Response>

interface Route {
  readonly path: RegExp
  readonly handlers: Readonly<Record<string, RouteHandler | undefined>>
}

const app = new URL('./app/', import.meta.url)
const files = (await readdir(app, { recursive: true })).filter((file) => file.endsWith('/route.ts'))
const routes = await Promise.all(
  files.map(async (file): Promise<Route> => {
    const path = file
      .replace(/\/route\.ts$/, '')
      .replace(/\[\.\.\.(\w+)\]/, '(?<$1>.+)')
      .replace(/\[(\w+)\]/g, '(?<$1>[^/]+)')
    return { path: new RegExp(`^/${path}$`), handlers: await import(new URL(encodeURI(file), app).href) }
  }),
)

process.env.NEXT_RUNTIME = 'nodejs'
const { register } = await import('./instrumentation.ts')
register()

const server = createServer(
  toNodeHandler(async (request) => {
    const { pathname } = new URL(request.url)
    for (const { path, handlers } of routes) {
      const params = path.exec(pathname)?.groups
      if (params === undefined && !path.test(pathname)) continue
      const handler = handlers[request.method]
      return handler?.(request, { params: Promise.resolve({ ...params }) }) ?? new Response(null, { status: 405 })
    }
    return new Response('no such page', { status: 404 })
  }),
)
server.listen(Number(process.env.PORT ?? 3000), () => {
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo
  console.log(`listening on http://localhost:${port}`)
})
