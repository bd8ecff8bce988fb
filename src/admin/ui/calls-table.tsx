import type { ExecutionLog } from '../../core/domain/execution-log.ts'
import type { ConnectionNames } from '../connection-names.ts'
import type { Visit } from '../visit.ts'
import { Badge, type Tone } from './badge.tsx'
import { ConnectionLink } from './connection-link.tsx'
import { duration, Instant } from './instant.tsx'
import { type Column, Table } from './table.tsx'

/** Calls to providers, with what was kept of their bodies. */
export function CallsTable({
  visit,
  calls,
  names = null,
  empty,
}: {
  visit: Visit
  calls: readonly ExecutionLog[]
  /** What their connections are called; `null` where all are of one, which needn't be named. */
  names?: ConnectionNames | null
  empty: string
}) {
  const columns: readonly Column<ExecutionLog>[] = [
    { head: 'When', cell: ({ createdAt }) => <Instant at={createdAt} now={visit.now} /> },
    {
      head: 'Call',
      cell: (call) => (
        <>
          <span class="mono clamp" title={call.url}>
            <strong>{call.method}</strong> {call.url}
          </span>
          <span class="sub">
            {call.action}
            {call.attempt > 1 ? `, attempt ${call.attempt}` : ''}
          </span>
          <Kept call={call} />
        </>
      ),
    },
    { head: 'Result', cell: (call) => <Result call={call} /> },
    { head: 'Duration', isNumber: true, cell: ({ durationMs }) => duration(durationMs) },
    ...(names === null
      ? []
      : [
          {
            head: 'Connection',
            cell: (call: ExecutionLog) => <ConnectionLink visit={visit} names={names} row={call} />,
          },
        ]),
  ]
  return <Table caption="Calls" columns={columns} rows={calls} empty={empty} />
}

function Result({ call: { responseStatus, error, method } }: { call: ExecutionLog }) {
  if (method === 'ACT') return <Badge tone="info">by hand</Badge>
  if (responseStatus === null) return <Badge tone="bad">{error === null ? 'none' : 'no answer'}</Badge>
  const tone: Tone =
    responseStatus >= 500 ? 'bad' : responseStatus >= 400 ? 'warn' : responseStatus >= 300 ? 'info' : 'good'
  return <Badge tone={tone}>{responseStatus}</Badge>
}

function Kept({ call: { requestPayload, responsePayload, error } }: { call: ExecutionLog }) {
  if (requestPayload === null && responsePayload === null && error === null) return null
  return (
    <details>
      <summary>What was kept</summary>
      {error === null ? null : <p>{error}</p>}
      {requestPayload === null ? null : <pre>{requestPayload}</pre>}
      {responsePayload === null ? null : <pre>{responsePayload}</pre>}
    </details>
  )
}
