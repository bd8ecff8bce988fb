import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { field } from '../../../src/core/domain/field.ts'
import { fieldNamesOf, isSecretField, secretsOfCredentials } from '../../../src/core/domain/secret-field.ts'

const secret = { secret: true } as const

interface Tree {
  readonly name: string
  readonly children?: readonly Tree[] | undefined
}
const tree: z.ZodType<Tree> = z.lazy(() => z.object({ name: z.string(), children: z.array(tree).optional() }))

describe('a field', () => {
  it.each([
    ['declared secret', field(z.string(), secret)],
    ['declared secret with other words beside it', field(z.string(), { label: 'Token', ...secret })],
    ['declared secret by plain metadata', z.string().meta({ secret: true })],
    ['declared writeOnly, as JSON Schema says', z.string().meta({ writeOnly: true })],
    ['that is checked further after it was declared secret', field(z.string(), secret).min(3).trim()],
    ['that became optional after it was declared secret', field(z.string(), secret).optional()],
    ['that is optional and then declared secret', field(z.string().optional(), secret)],
    ['with a default', field(z.string(), secret).default('x')],
    ['of an enum', field(z.enum(['a', 'b']), secret).nullable()],
    ['that is transformed', field(z.string(), secret).transform(Number)],
    ['that is preprocessed', z.preprocess(String, field(z.string(), secret))],
    ['that is the end of a pipe', z.string().pipe(field(z.string(), secret))],
    ['one alternative of which is secret', z.union([z.number(), field(z.string(), secret)])],
    ['with a secret inside', z.object({ host: z.string(), auth: z.object({ password: field(z.string(), secret) }) })],
    ['with secrets in a list', z.array(field(z.string(), secret))],
    ['with secrets in a record', z.record(z.string(), field(z.string(), secret))],
    ['with secrets in a tuple', z.tuple([z.string(), field(z.string(), secret)])],
    ['with secrets in a map', z.map(z.string(), field(z.string(), secret))],
    ['that is lazy', z.lazy(() => field(z.string(), secret))],
    ['that catches what is wrong', field(z.string(), secret).catch('x')],
    ['that is read only', field(z.string(), secret).readonly()],
  ])('%s is secret', (_title, schema) => {
    expect(isSecretField(z.object({ schema, other: z.string() }), 'schema')).toBe(true)
    expect(isSecretField(z.object({ schema, other: z.string() }), 'other')).toBe(false)
  })

  it.each([
    ['without any description', z.string()],
    ['with a description that says nothing of secrecy', field(z.string(), { label: 'Region', help: 'Where it is' })],
    ['declared not to be secret', field(z.string(), { secret: false })],
    ['that refers to itself', tree],
    ['named like a member of every object', z.record(z.string(), z.string())],
  ])('%s is not secret', (_title, schema) => {
    expect(isSecretField(z.object({ schema }), 'schema')).toBe(false)
  })

  it('is secret if one of several alternatives of the whole says so', () => {
    const schema = z
      .discriminatedUnion('mode', [
        z.object({ mode: z.literal('key'), key: field(z.string(), secret) }),
        z.object({ mode: z.literal('none'), key: z.string().optional(), note: z.string() }),
      ])
      .and(z.object({ region: z.string() }))
      .prefault({ mode: 'none', note: '', region: 'eu' })
    expect(fieldNamesOf(schema)).toEqual(['mode', 'key', 'note', 'region'])
    expect(fieldNamesOf(schema).filter((name) => isSecretField(schema, name))).toEqual(['key'])
  })

  it('that the schema does not name is what the rest of the schema says', () => {
    const open = z.object({ name: z.string() }).catchall(field(z.string(), secret))
    expect([isSecretField(open, 'name'), isSecretField(open, 'other')]).toEqual([false, true])
    expect(isSecretField(z.record(z.string(), field(z.string(), secret)), 'any')).toBe(true)
    expect(isSecretField(z.strictObject({}), 'constructor')).toBe(false)
  })

  it('is secret where the whole is', () => {
    expect(isSecretField(field(z.object({ a: z.string() }), secret), 'a')).toBe(true)
    expect(isSecretField(field(z.object({ a: z.string() }), secret).optional(), 'a')).toBe(true)
  })
})

describe('credentials', () => {
  const address = field(z.url(), { secret: false })
  const values = { address: 'https://shop.test', key: 'k' }

  it('are secret but for the fields that are declared to be none', () => {
    expect(secretsOfCredentials(z.object({ address, key: z.string() }), values)).toEqual({ key: 'k' })
    expect(secretsOfCredentials(z.object({ address: z.url(), key: z.string() }), values)).toEqual(values)
    expect(secretsOfCredentials(z.string(), 'token')).toBe('token')
  })

  it.each([
    ['another alternative says nothing of the kind', z.union([z.object({ address }), z.object({ address: z.url() })])],
    ['a part of the field is secret', z.object({ address: z.tuple([field(z.url(), secret)]).meta({ secret: false }) })],
    ['the schema is secret as a whole', z.object({ address }).meta({ secret: true })],
    ['the schema does not name it', z.looseObject({ key: z.string() })],
  ])('stay secret where %s', (_title, schema) => {
    expect(secretsOfCredentials(schema, values)).toEqual(values)
  })
})
