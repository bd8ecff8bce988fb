import { createHmac } from 'node:crypto'
import { registerProviderContract } from 'bapp-connectors/testing'
import { describe, test } from 'vitest'
import { defineDropbox } from '../../../src/providers/dropbox/define-dropbox.ts'
import { dropboxAccountId, dropboxToken, startDropboxServer } from '../../support/dropbox-server.ts'

// A tenant can't choose where Dropbox is: the tests say it to the provider.
const hosts = { web: 'https://dropbox.test', api: 'https://dropbox.test', content: 'https://dropbox.test' }
const delivery = (...accounts: readonly string[]) => ({ list_folder: { accounts }, delta: { users: [12345678] } })

registerProviderContract({ describe, test }, defineDropbox(hosts), {
  async start() {
    const dropbox = await startDropboxServer()
    const { origin } = dropbox.service
    Object.assign(hosts, { web: origin, api: origin, content: origin })
    const names = Array.from({ length: 130 }, (_, index) => `/reports/${index + 1}.txt`)
    dropbox.mkdir('/reports')
    for (const name of names) dropbox.put(name, `content of ${name}`)
    return {
      service: dropbox.service,
      credentials: { accessToken: dropboxToken },
      secrets: [dropboxToken],
      items: { files: ['/reports', ...names] },
    }
  },
  idOf: (item) => String((item as { readonly path?: unknown }).path),
  call: (adapter) => adapter.getEntry('/reports/1.txt'),
  says: {
    unauthorized: {
      status: 401,
      body: { error_summary: 'expired_access_token/..', error: { '.tag': 'expired_access_token' } },
    },
    forbidden: {
      status: 401,
      body: {
        error_summary: 'missing_scope/..',
        error: { '.tag': 'missing_scope', required_scope: 'files.metadata.read' },
      },
    },
    rateLimited: {
      status: 429,
      body: {
        error_summary: 'too_many_requests/..',
        error: { reason: { '.tag': 'too_many_requests' }, retry_after: 120 },
      },
    },
  },
  webhooks: {
    secret: 'secret-of-the-app',
    sign: ({ rawBody, secret }) => ({
      'x-dropbox-signature': createHmac('sha256', secret).update(rawBody).digest('hex'),
    }),
    deliveries: [
      { type: 'files.changed', body: delivery(dropboxAccountId) },
      { type: 'files.changed', body: delivery(dropboxAccountId, 'dbid:AAX') },
    ],
  },
})
