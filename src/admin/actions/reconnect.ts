import { isConnectorsError } from '../../core/domain/errors.ts'
import type { ActionContext, ActionEnd } from '../action.ts'
import { link } from '../visit.ts'

/** Begins to connect the account of a connection anew, on the consent page of its provider. */
export async function reconnect({ visit, verbs, connection }: ActionContext): Promise<ActionEnd> {
  const { id } = connection
  const request = {
    provider: visit.providers.get(`${connection.provider.family}.${connection.provider.name}`),
    actor: visit.operator.actor,
    connectionId: id,
  }
  const returnTo = visit.origin + link(visit, `/connections/${id}`)
  // The console's origin needn't be one that the application lets consent pages lead back to.
  const authorization = await verbs.oauth.authorize({ ...request, returnTo }).catch((error: unknown) => {
    if (isConnectorsError(error, 'INVALID_INPUT')) return verbs.oauth.authorize(request)
    throw error
  })
  const { url, cookie } = authorization
  return {
    notice: { tone: 'info', text: `Sent to the consent page of ${new URL(url).host}.` },
    leave: { url, cookie },
  }
}
