import { ConnectorsError } from '../domain/errors.ts'
import type { Choice } from '../domain/provider.ts'

/** More than a person can choose from, and than a form should have to carry. */
const mostChoices = 10_000

/**
 * Checks what a provider says a field may be, and answers copies that have nothing else in them.
 *
 * @param name - provider and field, for people.
 * @throws {ConnectorsError} `PROVIDER_FAILED`, naming the field and what is wrong.
 */
export function checkChoices(choices: unknown, name: string): readonly Choice[] {
  const wrong = (what: string) => new ConnectorsError('PROVIDER_FAILED', `The choices of ${name} ${what}.`)
  if (!Array.isArray(choices)) throw wrong('are no list of { value, label }')
  if (choices.length > mostChoices) throw wrong(`are more than ${mostChoices}: the provider has to tell fewer`)
  return choices.map((choice: unknown, index) => {
    if (!isChoice(choice)) {
      throw wrong(`have no { value, label } at position ${index}: a text, number or boolean, and a text for people`)
    }
    return { value: choice.value, label: choice.label }
  })
}

function isChoice(choice: unknown): choice is Choice {
  if (typeof choice !== 'object' || choice === null || !('value' in choice) || !('label' in choice)) return false
  const { value, label } = choice
  const isValue = ['string', 'boolean'].includes(typeof value) || Number.isFinite(value)
  return isValue && typeof label === 'string'
}
