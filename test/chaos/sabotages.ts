/** A guard of the library that is taken out, to see that the test would notice: files below `src`, and what is replaced in them. */
export type Sabotage = Readonly<Record<string, readonly (readonly [from: string, to: string])[]>>

/** They can be asked for with `--sabotage`: with each of them the test has to fail. */
export const sabotages: Readonly<Record<'fence' | 'revision', Sabotage>> = {
  /** Whoever once had the lease may write. */
  fence: {
    'adapters/prisma/prisma-sync-states.ts': [
      [
        'const held = { ...key(ref), ...guard,',
        'const { fence: _, ...rest } = guard; const held = { ...key(ref), ...rest,',
      ],
    ],
    'core/services/commit-page.ts': [['state?.fence === fence && ', 'state !== null && ']],
  },
  /** Nobody asks whether a COMMIT without an answer took place. */
  revision: {
    'adapters/prisma/prisma-sync-states.ts': [['{ fence, revision },', '{ fence },']],
    'core/services/commit-page.ts': [[' && state.revision === revision + 1', '']],
  },
}

/** The source without the guard. @throws {Error} if it isn't where it was. */
export function applySabotage(source: string, replacements: Sabotage[string]): string {
  return replacements.reduce((text, [from, to]) => {
    if (text.split(from).length !== 2) throw new Error(`There is not one ${JSON.stringify(from)} to take out.`)
    return text.replace(from, () => to)
  }, source)
}
