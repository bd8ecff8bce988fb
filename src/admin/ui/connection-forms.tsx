import type { Child } from 'hono/jsx'
import type { CatalogProvider } from '../../core/domain/catalog.ts'
import type { ConnectionView } from '../../core/domain/connection.ts'
import { pauseChoices } from '../actions/connection-actions.ts'
import { mayDo } from '../operator.ts'
import type { Visit } from '../visit.ts'
import { ActionForm } from './action-form.tsx'
import { FormFields } from './form-fields.tsx'

/** What can be changed about a connection, each in a drawer of its own. */
export function ConnectionForms({
  visit,
  connection,
  provider,
}: {
  visit: Visit
  connection: ConnectionView
  provider: CatalogProvider | null
}) {
  if (!mayDo(visit.operator, 'operate')) return null
  const path = `/connections/${connection.id}`
  const { refused } = visit
  const issuesOf = (form: 'settings' | 'credentials') => (refused?.form === form ? refused.issues : [])
  return (
    <section class="card" aria-labelledby="change">
      <h2 id="change">Change</h2>
      {provider !== null && provider.settings.fields.length > 0 && mayDo(visit.operator, 'manage') ? (
        <Drawer title="Settings" isOpen={refused?.form === 'settings'}>
          <ActionForm visit={visit} action={`${path}/settings`} needs="manage" label="Save the settings" tone="primary">
            <FormFields
              form={provider.settings}
              values={refused?.form === 'settings' ? refused.values : connection.settings}
              issues={issuesOf('settings')}
              idPrefix="settings"
              isReplacement={false}
            />
          </ActionForm>
        </Drawer>
      ) : null}
      {provider !== null && provider.credentials.fields.length > 0 && mayDo(visit.operator, 'manage') ? (
        <Drawer title="Credentials" isOpen={refused?.form === 'credentials'}>
          <p class="muted small">
            What is stored is never shown. All fields are replaced, then the connection is tested.
          </p>
          <ActionForm
            visit={visit}
            action={`${path}/credentials`}
            needs="manage"
            label="Replace the credentials"
            tone="primary"
          >
            <FormFields
              form={provider.credentials}
              values={{}}
              issues={issuesOf('credentials')}
              idPrefix="credentials"
              isReplacement
            />
          </ActionForm>
        </Drawer>
      ) : null}
      {mayDo(visit.operator, 'manage') && provider?.webhooks ? (
        <Drawer title="Webhooks">
          <ActionForm visit={visit} action={`${path}/webhook-register`} needs="manage" label="Register at the provider">
            <TextField id="events" label="Events" hint="orders.*, invoices.paid" isRequired />
          </ActionForm>
          <ActionForm visit={visit} action={`${path}/webhook-secret`} needs="manage" label="Replace the webhook secret">
            <div class="field">
              <label for="secret">New webhook secret</label>
              <input id="secret" name="secret" type="password" autocomplete="new-password" required />
            </div>
          </ActionForm>
        </Drawer>
      ) : null}
      <Drawer title="Pause or disable">
        <ActionForm visit={visit} action={`${path}/pause`} needs="operate" label="Pause">
          <div class="field">
            <label for="length">For</label>
            <select id="length" name="length">
              {pauseChoices.map((choice) => (
                <option value={choice}>{choice}</option>
              ))}
            </select>
          </div>
          <TextField id="pause-reason" name="reason" label="Reason" />
        </ActionForm>
        {connection.isEnabled ? (
          <ActionForm
            visit={visit}
            action={`${path}/disable`}
            needs="operate"
            label="Disable"
            tone="danger"
            confirm={`Disable ${connection.displayName}?`}
          >
            <TextField id="disable-reason" name="reason" label="Reason" />
          </ActionForm>
        ) : null}
      </Drawer>
      {mayDo(visit.operator, 'manage') ? (
        <Drawer title="Rename or delete">
          <ActionForm visit={visit} action={`${path}/rename`} needs="manage" label="Rename">
            <TextField id="displayName" label="Name" value={connection.displayName} isRequired />
          </ActionForm>
          <ActionForm visit={visit} action={`${path}/delete`} needs="manage" label="Delete for good" tone="danger">
            <TextField id="confirmation" label={`Type ${connection.displayName} to delete it`} isRequired />
          </ActionForm>
        </Drawer>
      ) : null}
    </section>
  )
}

function Drawer({ title, isOpen = false, children }: { title: string; isOpen?: boolean; children?: Child }) {
  return (
    <details open={isOpen}>
      <summary>{title}</summary>
      <div class="form">{children}</div>
    </details>
  )
}

function TextField({
  id,
  name = id,
  label,
  hint = '',
  value = '',
  isRequired = false,
}: {
  id: string
  name?: string
  label: string
  hint?: string
  value?: string
  isRequired?: boolean
}) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        name={name}
        type="text"
        value={value}
        placeholder={hint}
        required={isRequired}
        maxlength={500}
        autocomplete="off"
      />
    </div>
  )
}
