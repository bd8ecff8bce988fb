import { isConnectorsError } from '../core/domain/errors.ts'
import { type Action, type ActionEnd, FormRefused } from './action.ts'
import { describeFailure } from './describe-failure.ts'
import type { Visit } from './visit.ts'

/** Performs an action and writes down who did what, how it ended included. What it throws is the page that can't be. */
export async function perform(
  visit: Visit,
  action: Action,
  form: FormData,
  parameters: Readonly<Record<string, string>>,
): Promise<Pick<ActionEnd, 'notice' | 'leave'> & { readonly to: string }> {
  const { id, eventId } = parameters
  const connectionId = id ?? (await visit.sight.webhookEvent(eventId ?? '')).connectionId
  const connection = await visit.sight.connection(connectionId)
  const verbs = visit.sight.of(connection.tenantId)
  const record = (outcome: string, details: object) =>
    verbs.executions.record({
      connectionId: connection.id,
      actor: visit.operator.actor,
      action: action.name,
      details: { ...details },
      ...(outcome !== '' && { outcome: outcome.slice(0, 2_000) }),
    })
  let end: ActionEnd
  try {
    end = await action.run({ visit, connection, verbs, form, parameters })
  } catch (error) {
    const isRefusal = error instanceof FormRefused
    await record(isRefusal ? 'refused: the form is not filled in rightly' : describeFailure(error).text, {
      ...parameters,
    })
    if (isRefusal || !isConnectorsError(error)) throw error
    return {
      notice: { tone: 'bad', text: error.message },
      to: eventId === undefined ? `/connections/${connection.id}` : `/webhooks/${eventId}`,
    }
  }
  const { notice, details = {}, to = `/connections/${connection.id}`, leave } = end
  await record(notice.text, details)
  return { notice, to, ...(leave !== undefined && { leave }) }
}
