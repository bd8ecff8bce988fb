import { type Action, done, textOf } from '../action.ts'

const replayable = ['dead', 'failed', 'unhandled'] as const

/** What operators do to one delivery, by the last part of the path. */
export const webhookActions: Readonly<Record<string, Action>> = {
  replay: {
    name: 'webhooks.replay',
    needs: 'operate',
    run: async ({ verbs, parameters: { eventId = '' } }) => {
      await verbs.webhooks.replay(eventId)
      const { status } = await verbs.webhooks.process(eventId)
      return {
        notice:
          status === 'processed' ? done('The webhook is processed.') : { tone: 'info', text: `Replayed: ${status}.` },
        details: { eventId },
        to: `/webhooks/${eventId}`,
      }
    },
  },
  skip: {
    name: 'webhooks.skip',
    needs: 'operate',
    run: async ({ verbs, form, parameters: { eventId = '' } }) => {
      const reason = textOf(form, 'reason')
      await verbs.webhooks.skip(eventId, reason === '' ? {} : { reason })
      return { notice: done('The webhook is given up.'), details: { eventId, reason }, to: `/webhooks/${eventId}` }
    },
  },
}

/** What operators do to the deliveries of one connection. */
export const webhooksOfConnectionActions: Readonly<Record<string, Action>> = {
  replay: {
    name: 'webhooks.replay',
    needs: 'operate',
    run: async ({ verbs, connection: { id }, form }) => {
      const wanted = textOf(form, 'status')
      const status = replayable.find((each) => each === wanted) ?? 'dead'
      const { replayedCount, skippedCount } = await verbs.webhooks.replay({ connectionId: id, status })
      return {
        notice: done(`${replayedCount} ${status} webhooks are due again, ${skippedCount} stay as they are.`),
        details: { status, replayedCount },
      }
    },
  },
}
