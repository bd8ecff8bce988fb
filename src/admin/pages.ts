import type { Child } from 'hono/jsx'
import type { Action } from './action.ts'
import { connectionActions } from './actions/connection-actions.ts'
import { syncActions } from './actions/sync-actions.ts'
import { webhookActions, webhooksOfConnectionActions } from './actions/webhook-actions.ts'
import { activityPage } from './pages/activity-page.tsx'
import { callsPage } from './pages/calls-page.tsx'
import { catalogPage } from './pages/catalog-page.tsx'
import { connectionPage } from './pages/connection-page.tsx'
import { connectionsPage } from './pages/connections-page.tsx'
import { overviewPage } from './pages/overview-page.tsx'
import { syncsPage } from './pages/syncs-page.tsx'
import { webhookPage } from './pages/webhook-page.tsx'
import { webhooksPage } from './pages/webhooks-page.tsx'
import type { Visit } from './visit.ts'

/** Makes a page for a visit; `parameters` are those of its path. */
export type PageOf = (visit: Visit, parameters: Readonly<Record<string, string>>) => Promise<Child>

/** The pages by their paths below the base path. */
export const pages: Readonly<Record<string, PageOf>> = {
  '/': overviewPage,
  '/connections': connectionsPage,
  '/connections/:id': connectionPage,
  '/syncs': syncsPage,
  '/webhooks': webhooksPage,
  '/webhooks/:eventId': webhookPage,
  '/calls': callsPage,
  '/activity': activityPage,
  '/catalog': catalogPage,
}

const under = (path: string, actions: Readonly<Record<string, Action>>) =>
  Object.entries(actions).map(([name, action]) => [`${path}/${name}`, action] as const)

/** The actions by their paths below the base path. */
export const actions: Readonly<Record<string, Action>> = Object.fromEntries([
  ...under('/connections/:id', connectionActions),
  ...under('/connections/:id/syncs/:resource', syncActions),
  ...under('/connections/:id/webhooks', webhooksOfConnectionActions),
  ...under('/webhooks/:eventId', webhookActions),
])
