import type { Child } from 'hono/jsx'
import { tenantText } from '../../core/domain/tenant.ts'
import { script } from '../script.ts'
import { stylesheet } from '../stylesheet.ts'
import { link, tenantParameter, type Visit } from '../visit.ts'
import { Document } from './document.tsx'

const places = [
  ['/', 'Overview'],
  ['/connections', 'Connections'],
  ['/syncs', 'Syncs'],
  ['/webhooks', 'Webhooks'],
  ['/calls', 'Calls'],
  ['/activity', 'Activity'],
  ['/catalog', 'Catalog'],
] as const

/** A page of the console: where one is, whose things one looks at, what the last action did, and the page itself. */
export function Layout({
  visit,
  title,
  children,
  refreshSeconds,
}: {
  visit: Visit
  title: string
  children?: Child
  /** Loads the page anew by itself, where there are scripts. */
  refreshSeconds?: number
}) {
  const { basePath, notice, operator, path } = visit
  return (
    <Document
      title={`${title} · ${visit.title}`}
      stylesheet={basePath + stylesheet.path}
      script={basePath + script.path}
      refreshSeconds={refreshSeconds ?? null}
    >
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="bar">
        <a class="brand" href={link(visit, '/')}>
          <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
            <path
              fill="none"
              stroke="currentColor"
              stroke-width="2.2"
              stroke-linecap="round"
              d="M9.5 14.5l5-5M11 7l1.6-1.6a4.2 4.2 0 0 1 6 6L17 13M13 17l-1.6 1.6a4.2 4.2 0 0 1-6-6L7 11"
            />
          </svg>
          {visit.title}
        </a>
        <nav aria-label="Main">
          {places.map(([to, label]) => (
            <a href={link(visit, to)} aria-current={isUnder(path, to) ? 'page' : undefined}>
              {label}
            </a>
          ))}
        </nav>
        <TenantChoice visit={visit} />
        <p class="who">
          <span>{operator.actor}</span> <span class="muted">may {operator.level}</span>
        </p>
      </header>
      <main id="main">
        {notice === null ? null : (
          <p class={`notice ${notice.tone}`} role="status">
            {notice.text}
          </p>
        )}
        {children}
      </main>
    </Document>
  )
}

function isUnder(path: string, place: string): boolean {
  return place === '/' ? path === '/' : path === place || path.startsWith(`${place}/`)
}

function TenantChoice({ visit }: { visit: Visit }) {
  const { tenantId, tenants } = visit.sight
  if (tenants !== 'all' && tenants.length === 1) {
    return <p class="tenant">Tenant {tenants.map(tenantText)}</p>
  }
  return (
    <form
      class="tenant"
      method="get"
      action={link({ ...visit, sight: { ...visit.sight, tenantId: null } }, '/')}
      data-live=""
    >
      <label for="tenant">Tenant</label>
      {tenants === 'all' ? (
        <input
          type="search"
          id="tenant"
          name="tenant"
          value={tenantParameter(visit.sight) ?? ''}
          placeholder="all"
          maxlength={200}
        />
      ) : (
        <select id="tenant" name="tenant">
          {tenants.map((id) => (
            <option value={tenantText(id)} selected={tenantId !== null && tenantText(id) === tenantText(tenantId)}>
              {tenantText(id)}
            </option>
          ))}
        </select>
      )}
      <button type="submit">Show</button>
    </form>
  )
}
