import { storageFamily, storageMethods } from '../../families/storage/index.ts'
import { bearer, defineProvider } from '../kit/index.ts'
import { createDropboxAdapter } from './dropbox-adapter.ts'
import { dropboxCredentials } from './dropbox-credentials.ts'
import { dropboxErrors } from './dropbox-errors.ts'
import type { DropboxHosts } from './dropbox-hosts.ts'
import { dropboxOAuth } from './dropbox-oauth.ts'
import { dropboxSettings } from './dropbox-settings.ts'
import { dropboxWebhooks } from './dropbox-webhooks.ts'

/** The provider, for a Dropbox that is found at these origins. */
export function defineDropbox(hosts: DropboxHosts) {
  return defineProvider({
    family: 'storage',
    name: 'dropbox',
    familyPresentation: storageFamily,
    label: 'Dropbox',
    version: '1.0.0',
    description: 'Files and folders of a Dropbox account.',
    docsUrl: 'https://developers.dropbox.com/oauth-guide',
    allowMultiple: true,
    credentials: dropboxCredentials,
    settings: dropboxSettings,
    implements: storageMethods,
    http: { baseUrl: () => hosts.api, auth: ({ accessToken }) => bearer(accessToken), errors: dropboxErrors },
    adapter: (parts) => createDropboxAdapter(parts, hosts.content),
    test: (adapter) => adapter.getAccount(),
    resources: {
      files: { incremental: true, fetch: (adapter, request) => adapter.getChanges(request) },
    },
    webhooks: dropboxWebhooks,
    oauth: dropboxOAuth(hosts),
  })
}
