import { type Finding, findingOf } from './finding.ts'
import { countText, type Patient } from './patient.ts'

/** Whether everything that is sealed can be opened here, and by keys that are to stay. */
export async function checkKeys({ connectors }: Patient): Promise<readonly Finding[]> {
  const { keys, unreadableCount } = await connectors.operator.credentials.keyUsage()
  const inUse = keys.filter(({ valueCount }) => valueCount > 0)
  const idOf = ({ id }: { readonly id: string }) => id
  const missing = inUse
    .filter(({ isConfigured }) => !isConfigured)
    .flatMap((key) =>
      findingOf([key], idOf, () => ({
        code: 'KEY_MISSING',
        message: `${countText(key.valueCount, 'value')} can't be opened here: the key "${key.id}" isn't configured.`,
        advice: 'Add it to encryption.keys, or have these connections get new credentials.',
      })),
    )
  const old = inUse
    .filter(({ isActive, isConfigured }) => isConfigured && !isActive)
    .flatMap((key) =>
      findingOf([key], idOf, () => ({
        code: 'KEY_OLD',
        message: `The key "${key.id}", which isn't active, still seals something: ${countText(key.valueCount, 'value')}.`,
        advice: 'Keep it until npx bapp-connectors reencrypt has sealed them anew.',
      })),
    )
  const unreadable: readonly Finding[] =
    unreadableCount === 0
      ? []
      : [
          {
            code: 'VALUE_UNREADABLE',
            message: `${countText(unreadableCount, 'sealed value')} can't be opened by any key: something else wrote them.`,
            advice:
              'Run npx bapp-connectors reencrypt, which names them, and have these connections get new credentials.',
            examples: [],
          },
        ]
  return [...missing, ...unreadable, ...old]
}
