import type { CatalogField, CatalogForm } from '../../core/domain/catalog.ts'
import type { Json, JsonObject } from '../../core/domain/json.ts'
import { inputKindOf, inputName, removalName } from '../form-values.ts'

type Issues = readonly { readonly path: string; readonly message: string }[]

/** The inputs of a form that a provider declares. What is secret is only ever asked for. */
export function FormFields({
  form,
  values,
  issues,
  idPrefix,
  isReplacement,
}: {
  form: CatalogForm
  values: JsonObject
  issues: Issues
  idPrefix: string
  /** Everything is asked for anew: nothing that is stored stays. */
  isReplacement: boolean
}) {
  const elsewhere = issues.filter(({ path }) => !form.fields.some(({ name }) => isUnder(path, name)))
  return (
    <>
      {elsewhere.map(({ path, message }) => (
        <p class="notice bad" role="alert">
          {path} {message}
        </p>
      ))}
      {form.fields.map((field) => {
        const id = `${idPrefix}-${field.name}`
        const wrong = issues.filter(({ path }) => isUnder(path, field.name))
        const described = [field.help === null ? '' : `${id}-help`, wrong.length > 0 ? `${id}-error` : '']
        const describedBy = described.filter(Boolean).join(' ')
        return (
          <div class="field">
            <label for={id}>
              {field.label}
              {field.isRequired ? '' : ' (optional)'}
            </label>
            <Input
              form={form}
              field={field}
              id={id}
              value={values[field.name]}
              isWrong={wrong.length > 0}
              describedBy={describedBy}
              isReplacement={isReplacement}
            />
            {field.isSecret && !isReplacement && !field.isRequired ? (
              <label class="check">
                <input type="checkbox" name={removalName(field)} value="yes" /> Take away what is stored
              </label>
            ) : null}
            {field.help === null ? null : (
              <span class="help" id={`${id}-help`}>
                {field.help}
              </span>
            )}
            {wrong.length > 0 ? (
              <span class="error" id={`${id}-error`}>
                {wrong.map(({ message }) => message).join('; ')}
              </span>
            ) : null}
          </div>
        )
      })}
    </>
  )
}

function Input({
  form,
  field,
  id,
  value,
  isWrong,
  describedBy,
  isReplacement,
}: {
  form: CatalogForm
  field: CatalogField
  id: string
  value: Json | undefined
  isWrong: boolean
  describedBy: string
  isReplacement: boolean
}) {
  const input = inputKindOf(form, field)
  const attributes = {
    id,
    name: inputName(field),
    'aria-invalid': isWrong ? 'true' : undefined,
    'aria-describedby': describedBy || undefined,
  } as const
  if (field.isSecret) {
    const placeholder = field.placeholder ?? (isReplacement ? '' : 'stays as it is')
    return <input type="password" autocomplete="new-password" placeholder={placeholder} {...attributes} />
  }
  const text = value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value)
  const options = input.kind === 'flag' ? ['true', 'false'] : input.kind === 'choice' ? input.values.map(String) : null
  if (options !== null) {
    const known = value === undefined || value === null ? '' : String(value)
    return (
      <select {...attributes}>
        <option value="">As the provider has it</option>
        {options.map((option) => (
          <option value={option} selected={option === known}>
            {option}
          </option>
        ))}
      </select>
    )
  }
  if (input.kind === 'json') {
    return (
      <textarea rows={3} class="mono" placeholder={field.placeholder ?? 'JSON'} {...attributes}>
        {text}
      </textarea>
    )
  }
  return <input type="text" value={text} placeholder={field.placeholder ?? ''} {...attributes} />
}

function isUnder(path: string, name: string): boolean {
  return path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`)
}
