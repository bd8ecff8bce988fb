import { createRequire } from 'node:module'
import { sign } from '@octokit/webhooks-methods'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { verifySignature } from '../../../src/core/domain/signature.ts'
import { type GitHubEvent, github } from '../../../src/providers/github/github.ts'
import { githubEventActions } from '../../../src/providers/github/github-event-types.ts'

describe('webhooks of GitHub', () => {
  const { webhooks } = github
  if (webhooks === null) throw new Error('GitHub has webhooks')

  interface Example {
    readonly name: string
    readonly examples: readonly Record<string, unknown>[]
  }
  // Written for CommonJS; the types are those of its README.
  const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as readonly Example[]
  const deliveries = examples.flatMap(({ name, examples: payloads }) => payloads.map((payload) => ({ name, payload })))
  const bytes = (text: string) => new TextEncoder().encode(text)

  it('reads all 329 example payloads, signed by GitHub’s own code', async () => {
    expect(deliveries).toHaveLength(329)
    for (const { name, payload } of deliveries) {
      const text = JSON.stringify(payload)
      const headers = {
        'x-github-event': name,
        'x-github-delivery': 'd',
        'x-hub-signature-256': await sign('whs', text),
      }
      const delivery = { headers, rawBody: bytes(text) }
      expect(
        verifySignature(webhooks.signature, { ...delivery, secrets: ['whs'], url: null, now: new Date(0) }),
      ).toEqual({ isValid: true })
      const event = webhooks.parse(delivery)
      const type = typeof payload.action === 'string' ? `${name}.${payload.action}` : name
      expect(event.type).toBe(type)
      expect(webhooks.eventType(headers, event.payload)).toBe(type)
      expect(event.payload).toEqual(payload)
      expect(event.repository !== null).toBe(payload.repository != null)
      expect(event.sender !== null).toBe(payload.sender != null)
      expect(event.issue !== null).toBe(payload.issue != null)
      expect(event.pullRequest !== null).toBe(payload.pull_request != null)
    }
  })

  it('knows the type of every example, but for the actions that people make up', () => {
    const actions: Readonly<Record<string, readonly string[]>> = githubEventActions
    for (const { name, payload } of deliveries) {
      if (name === 'repository_dispatch') continue
      if (payload.action === undefined) expect(actions[name], name).toEqual([])
      else expect(actions[name], name).toContain(payload.action)
    }
    expectTypeOf<'issues.opened' | 'push' | 'repository_dispatch.deploy'>().toExtend<GitHubEvent['type']>()
    expectTypeOf<'issues.opend'>().not.toExtend<GitHubEvent['type']>()
    expectTypeOf<'issues'>().not.toExtend<GitHubEvent['type']>()
    expectTypeOf<string>().not.toExtend<GitHubEvent['type']>()
  })

  it('reads events and actions that are newer than its list', () => {
    for (const [event, body, type] of [
      ['teleport', '{}', 'teleport'],
      ['issues', '{"action":"enchanted"}', 'issues.enchanted'],
    ] as const) {
      const read = webhooks.parse({ headers: { 'x-github-event': event }, rawBody: bytes(body) })
      expect(read.type).toBe(type)
    }
  })

  it('gives the basics of an event, typed', () => {
    const found = deliveries.find(({ name, payload }) => name === 'issues' && payload.action === 'opened')
    const event = webhooks.parse({
      headers: { 'x-github-event': 'issues' },
      rawBody: bytes(JSON.stringify(found?.payload)),
    })
    expect(event).toMatchObject({
      type: 'issues.opened',
      action: 'opened',
      repository: { id: 186853002, fullName: 'Codertocat/Hello-World' },
      sender: { id: 21031067, login: 'Codertocat' },
      issue: { id: expect.any(Number), number: expect.any(Number), title: expect.any(String) },
      pullRequest: null,
    })
  })

  it('refuses bodies that are not JSON, and says so for form-encoded ones', () => {
    const parse = (body: Uint8Array, type = 'application/json') =>
      webhooks.parse({ headers: { 'x-github-event': 'push', 'content-type': type }, rawBody: body })
    for (const body of [bytes(''), bytes('{"a":'), bytes('hello'), new Uint8Array([0x22, 0xff, 0x22])]) {
      expect(() => parse(body)).toThrow(expect.objectContaining({ code: 'PROVIDER_FAILED' }))
    }
    expect(() => parse(bytes('payload=%7B%7D'), 'application/x-www-form-urlencoded')).toThrow('application/json')
    for (const body of ['null', '[]', '7', '{"sender":{"id":"x"}}']) {
      expect(() => parse(bytes(body))).toThrow(expect.objectContaining({ code: 'PROVIDER_FAILED' }))
    }
  })

  it('names the type of anything without throwing', () => {
    for (const payload of [undefined, null, [], 'x', 7, { action: 7 }, { action: '' }]) {
      expect(webhooks.eventType({ 'x-github-event': 'ping' }, payload)).toBe('ping')
    }
    expect(webhooks.eventType({}, undefined)).toBe('unknown')
  })
})
