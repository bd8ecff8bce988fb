import { isConnectorsError } from '../../core/domain/errors.ts'
import { type Action, type ActionContext, done, FormRefused, textOf } from '../action.ts'
import { formFor } from '../form-for.ts'
import { formValues } from '../form-values.ts'
import type { Notice } from '../notice.ts'
import { reconnect } from './reconnect.ts'

const pauses: Readonly<Record<string, number>> = { '15 minutes': 900_000, '1 hour': 3_600_000, '24 hours': 86_400_000 }

/** For how long a connection can be paused by hand. */
export const pauseChoices = Object.keys(pauses)

/** What operators do to a connection as a whole, by the last part of the path. */
export const connectionActions: Readonly<Record<string, Action>> = {
  test: {
    name: 'connections.test',
    needs: 'operate',
    run: async ({ verbs, connection: { id } }) => ({ notice: toldBy(await verbs.connections.test(id)) }),
  },
  enable: {
    name: 'connections.enable',
    needs: 'operate',
    run: async ({ verbs, connection: { id } }) => ({ notice: toldBy(await verbs.connections.enable(id)) }),
  },
  disable: {
    name: 'connections.disable',
    needs: 'operate',
    run: async ({ verbs, connection: { id }, form }) => {
      const reason = textOf(form, 'reason')
      await verbs.connections.disable(id, reason === '' ? {} : { reason })
      return { notice: done('The connection is disabled: nothing is sent any more.'), details: { reason } }
    },
  },
  pause: {
    name: 'connections.pause',
    needs: 'operate',
    run: async ({ verbs, connection: { id }, form }) => {
      const length = textOf(form, 'length')
      const reason = textOf(form, 'reason')
      const forMs = pauses[length] ?? 900_000
      await verbs.connections.pause(id, { forMs, ...(reason !== '' && { reason }) })
      return { notice: done('The connection is paused.'), details: { forMs, reason } }
    },
  },
  resume: {
    name: 'connections.resume',
    needs: 'operate',
    run: async ({ verbs, connection: { id } }) => {
      await verbs.connections.resume(id)
      return { notice: done('The pause is over.') }
    },
  },
  rename: {
    name: 'connections.update',
    needs: 'manage',
    run: async ({ verbs, connection: { id }, form }) => {
      const displayName = textOf(form, 'displayName')
      await verbs.connections.update(id, { displayName })
      return { notice: done('The connection has a new name.'), details: { displayName } }
    },
  },
  settings: { name: 'connections.updateSettings', needs: 'manage', run: changeSettings },
  credentials: { name: 'connections.rotateCredentials', needs: 'manage', run: rotateCredentials },
  'webhook-secret': {
    name: 'connections.rotateWebhookSecret',
    needs: 'manage',
    run: async ({ verbs, connection: { id }, form }) => {
      await verbs.connections.rotateWebhookSecret(id, { secret: textOf(form, 'secret') })
      return { notice: done('The webhook secret is replaced; the old one is accepted for 24 hours more.') }
    },
  },
  'webhook-register': {
    name: 'webhooks.register',
    needs: 'manage',
    run: async ({ verbs, connection: { id }, form }) => {
      const events = textOf(form, 'events')
        .split(/[\s,]+/)
        .filter(Boolean)
      // Which types there are, the provider says; what it doesn't know is refused.
      const present = await verbs.webhooks.register(id, events as never)
      return {
        notice: done(`The provider delivers to this application: ${present.length} webhooks.`),
        details: { events },
      }
    },
  },
  reconnect: { name: 'oauth.authorize', needs: 'manage', run: reconnect },
  delete: {
    name: 'connections.delete',
    needs: 'manage',
    run: async ({ verbs, connection: { id, displayName }, form }) => {
      if (textOf(form, 'confirmation') !== displayName) {
        return { notice: { tone: 'bad', text: 'Nothing was deleted: type the name of the connection to delete it.' } }
      }
      await verbs.connections.delete(id)
      return { notice: done(`${displayName} is deleted.`), details: { displayName }, to: '/connections' }
    },
  },
}

function toldBy({ status, message }: { readonly status: string; readonly message: string }): Notice {
  return { tone: status === 'connected' ? 'good' : 'bad', text: `${status}: ${message}` }
}

async function changeSettings({ visit, verbs, connection, form }: ActionContext) {
  const described = formFor(visit.providers, connection, 'settings')
  const settings = formValues(described, form)
  const checked = await verbs.connections.validateSettings(connection.id, settings)
  if (!checked.isValid) {
    const isShown = (name: string) => described.fields.some((field) => field.name === name && !field.isSecret)
    const shown = Object.fromEntries(Object.entries(settings).filter(([name]) => isShown(name)))
    throw new FormRefused('settings', checked.issues, shown)
  }
  await verbs.connections.updateSettings(connection.id, settings as never)
  return { notice: done('The settings are saved.'), details: { fields: Object.keys(settings) } }
}

async function rotateCredentials({ visit, verbs, connection, form }: ActionContext) {
  const described = formFor(visit.providers, connection, 'credentials')
  const credentials = formValues(described, form)
  try {
    await verbs.connections.rotateCredentials(connection.id, credentials as never)
  } catch (error) {
    if (!isConnectorsError(error, 'INVALID_CREDENTIALS')) throw error
    throw new FormRefused('credentials', [{ path: '', message: error.message }])
  }
  const { status, message } = await verbs.connections.test(connection.id)
  return {
    notice: toldBy({ status, message: `the credentials are replaced. ${message}` }),
    details: { fields: Object.keys(credentials) },
  }
}
