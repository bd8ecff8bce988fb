import type { CatalogResource } from '../../core/domain/catalog.ts'
import type { ConnectionView } from '../../core/domain/connection.ts'
import type { SyncStateView } from '../../core/domain/sync-state.ts'
import { scheduleChoices } from '../actions/sync-actions.ts'
import { mayDo } from '../operator.ts'
import type { Visit } from '../visit.ts'
import { ActionForm } from './action-form.tsx'
import { Due, Instant } from './instant.tsx'
import { SyncBadge, scheduleWords } from './sync-badge.tsx'
import { type Column, Table } from './table.tsx'

type Row = CatalogResource & { readonly state: SyncStateView | null }

/** The resources of a connection, where their syncs stand, and what can be done about them. */
export function ResourceSyncs({
  visit,
  connection,
  resources,
  states,
}: {
  visit: Visit
  connection: ConnectionView
  resources: readonly CatalogResource[]
  states: readonly (SyncStateView | null)[]
}) {
  if (resources.length === 0) return null
  const path = (name: string, verb: string) => `/connections/${connection.id}/syncs/${name}/${verb}`
  const columns: readonly Column<Row>[] = [
    { head: 'Resource', cell: ({ label }) => <strong>{label}</strong> },
    {
      head: 'State',
      cell: ({ state }) => (
        <>
          <SyncBadge state={state} />
          {state?.lastError ? <span class="sub">{state.lastError}</span> : null}
        </>
      ),
    },
    {
      head: 'Last end',
      cell: ({ state }) => <Instant at={state?.lastSyncAt ?? null} now={visit.now} missing="never" />,
    },
    { head: 'Items', isNumber: true, cell: ({ state }) => String(state?.itemsSynced ?? 0) },
    {
      head: 'Runs',
      cell: ({ state }) => (
        <>
          {scheduleWords(state ?? { schedule: null })}
          {state?.dueAt ? (
            <span class="sub">
              <Due at={state.dueAt} now={visit.now} />
            </span>
          ) : null}
        </>
      ),
    },
    ...(mayDo(visit.operator, 'operate')
      ? [
          {
            head: 'Actions',
            cell: ({ name, state }: Row) => (
              <div class="row-actions">
                {state?.isRunning ? (
                  <ActionForm visit={visit} action={path(name, 'cancel')} needs="operate" label="Cancel" />
                ) : (
                  <ActionForm visit={visit} action={path(name, 'run')} needs="operate" label="Run" />
                )}
                <details>
                  <summary>More</summary>
                  <ActionForm visit={visit} action={path(name, 'schedule')} needs="operate" label="Schedule">
                    <label for={`every-${name}`}>Every</label>
                    <select id={`every-${name}`} name="every">
                      {scheduleChoices.map((choice) => (
                        <option value={choice}>{choice}</option>
                      ))}
                    </select>
                    <label for={`cron-${name}`}>or cron</label>
                    <input id={`cron-${name}`} type="text" name="cron" placeholder="0 3 * * *" />
                  </ActionForm>
                  {state?.schedule ? (
                    <ActionForm
                      visit={visit}
                      action={path(name, state.schedule.isPaused ? 'resume' : 'pause')}
                      needs="operate"
                      label={state.schedule.isPaused ? 'Resume the schedule' : 'Suspend the schedule'}
                    />
                  ) : null}
                  {state?.schedule ? (
                    <ActionForm
                      visit={visit}
                      action={path(name, 'unschedule')}
                      needs="operate"
                      label="Take the schedule away"
                    />
                  ) : null}
                  <ActionForm
                    visit={visit}
                    action={path(name, 'full')}
                    needs="manage"
                    label="Sync everything anew"
                    tone="danger"
                  >
                    <label for={`full-${name}`}>Type {name}</label>
                    <input id={`full-${name}`} type="text" name="confirmation" autocomplete="off" required />
                  </ActionForm>
                  <ActionForm
                    visit={visit}
                    action={path(name, 'reset')}
                    needs="manage"
                    label="Forget the cursor"
                    tone="danger"
                  >
                    <label for={`reset-${name}`}>Type {name}</label>
                    <input id={`reset-${name}`} type="text" name="confirmation" autocomplete="off" required />
                  </ActionForm>
                </details>
              </div>
            ),
          },
        ]
      : []),
  ]
  return (
    <section class="card" aria-labelledby="syncs">
      <h2 id="syncs">Syncs</h2>
      <Table
        caption="Syncs"
        columns={columns}
        rows={resources.map((resource, index) => ({ ...resource, state: states[index] ?? null }))}
        empty=""
      />
    </section>
  )
}
