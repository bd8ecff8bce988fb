import { Hono } from 'hono'
import { type Action, FormRefused } from './action.ts'
import type { AdminConnectors } from './admin-connectors.ts'
import type { ResolvedAdminOptions } from './admin-options.ts'
import { type Csrf, csrfField, csrfOf } from './csrf.ts'
import { describeFailure } from './describe-failure.ts'
import { createHourlyStats } from './hourly-stats.ts'
import { noticeCookie, readNotice } from './notice.ts'
import { isOperator, mayDo, type Operator } from './operator.ts'
import { connectionPage } from './pages/connection-page.tsx'
import { actions, type PageOf, pages } from './pages.ts'
import { perform } from './perform.ts'
import { readForm } from './read-form.ts'
import { bareResponse, htmlResponse, redirectResponse } from './respond.tsx'
import { isSameOrigin } from './same-origin.ts'
import { script } from './script.ts'
import { createSight } from './sight.ts'
import { stylesheet } from './stylesheet.ts'
import { Failure } from './ui/failure.tsx'
import { Leaving } from './ui/leaving.tsx'
import { link, type Visit } from './visit.ts'
import { WriteRefused } from './write-refused.ts'

/** The console behind its door. */
export function createConsole(
  connectors: AdminConnectors,
  options: ResolvedAdminOptions,
): (request: Request) => Promise<Response> {
  const { authorize, basePath, origin, hasWorkers, title } = options
  const isSecure = (request: Request) => new URL(origin ?? request.url).protocol === 'https:'
  const hourly = createHourlyStats()
  /** What the application does with an error can't hurt the answer, whether it throws or rejects. */
  const tell = (error: unknown, request: Request): void => {
    new Promise((resolve) => resolve(options.onError(error, request))).catch(() => {})
  }
  const cookieAt = (request: Request) => ({ path: basePath || '/', isSecure: isSecure(request) })
  const notFound = () => bareResponse(basePath, 404, 'Not found', 'There is no such page.')
  const refused = () => bareResponse(basePath, 403, 'No access', 'You may not use this console.')

  const admit = async (request: Request): Promise<Operator | Response> => {
    const answer = await authorize(request)
    if (answer instanceof Response) return answer
    return isOperator(answer) && (answer.tenants === 'all' || answer.tenants.length > 0) ? answer : refused()
  }

  const visitOf = async (request: Request, operator: Operator, csrf: Csrf): Promise<Visit> => {
    const url = new URL(request.url)
    return {
      basePath,
      title,
      path: url.pathname.slice(basePath.length).replace(/\/$/, '') || '/',
      query: url.searchParams,
      operator,
      sight: await createSight(connectors, operator, url.searchParams.get('tenant') || null),
      providers: connectors.providers,
      hourly,
      enqueue: hasWorkers ? connectors.enqueue : null,
      origin: origin ?? url.origin,
      csrfToken: csrf.tokenFor(operator.actor),
      notice: readNotice(request),
      refused: null,
      now: connectors.operator.now(),
    }
  }

  /** Lets an operator in, and answers with what `work` makes of the visit, or with a page that says why not. */
  const receive = async (
    request: Request,
    work: (visit: Visit, csrf: Csrf) => Promise<Response>,
  ): Promise<Response> => {
    const operator = await admit(request)
    if (operator instanceof Response) return operator
    const csrf = csrfOf(request, isSecure(request))
    let visit: Visit | null = null
    try {
      visit = await visitOf(request, operator, csrf)
      return await work(visit, csrf)
    } catch (error) {
      const failure = describeFailure(error)
      if (failure.status === 500) tell(error, request)
      if (visit === null) return bareResponse(basePath, failure.status, failure.title, failure.text)
      return htmlResponse(<Failure visit={visit} failure={failure} />, failure.status)
    }
  }

  const show = (request: Request, page: PageOf, parameters: Record<string, string>) =>
    receive(request, async (visit, { cookie }) =>
      htmlResponse(await page(visit, parameters), 200, [
        ...(cookie === null ? [] : [cookie]),
        ...(visit.notice === null ? [] : [noticeCookie(null, cookieAt(request))]),
      ]),
    )

  const act = (request: Request, action: Action, parameters: Record<string, string>) =>
    receive(request, async (visit, csrf) => {
      if (!isSameOrigin(request, origin)) throw new WriteRefused('It was not sent from a page of this console.')
      if (!mayDo(visit.operator, action.needs)) throw new WriteRefused(`It takes an operator who may ${action.needs}.`)
      const form = await readForm(request)
      if (!csrf.isValid(visit.operator.actor, form.get(csrfField))) {
        throw new WriteRefused('The form is too old, or not yours. Go back, load the page anew, and send it again.')
      }
      try {
        const { notice, to, leave } = await perform(visit, action, form, parameters)
        if (leave !== undefined) {
          return htmlResponse(
            <Leaving visit={visit} url={leave.url} to={to} />,
            200,
            leave.cookie === null ? [] : [leave.cookie],
          )
        }
        return redirectResponse(link(visit, to), [noticeCookie(notice, cookieAt(request))])
      } catch (error) {
        if (!(error instanceof FormRefused)) throw error
        return htmlResponse(await connectionPage({ ...visit, refused: error }, parameters), 422)
      }
    })

  const app = new Hono({ strict: false }).basePath(basePath)
  for (const file of [stylesheet, script]) app.get(file.path, (context) => file.respond(context.req.raw))
  for (const [path, page] of Object.entries(pages)) {
    app.get(path, (context) => show(context.req.raw, page, context.req.param()))
  }
  for (const [path, action] of Object.entries(actions)) {
    app.post(path, (context) => act(context.req.raw, action, context.req.param()))
  }
  app.notFound(async (context) => {
    const operator = await admit(context.req.raw)
    return operator instanceof Response ? operator : notFound()
  })
  // Hono hands over nothing but instances of Error, and applications throw responses too: all are met below.
  app.onError((error) => {
    throw error
  })
  return async (request) => {
    try {
      return await app.fetch(request)
    } catch (error) {
      tell(error, request)
      return bareResponse(basePath, 500, 'Something went wrong', 'The page could not be made. Try again.')
    }
  }
}
