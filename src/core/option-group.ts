import { z } from 'zod'

/** A group of options, which says what it may hold, and what to do where it is missing. */
export const group = <Shape extends z.core.$ZodLooseShape>(shape: Shape, missingMessage?: string) =>
  z.strictObject(shape, {
    error: (issue) => {
      if (issue.code === 'unrecognized_keys') {
        const { keys } = issue
        const names = keys.map((key) => JSON.stringify(key)).join(', ')
        return `unknown ${keys.length === 1 ? 'key' : 'keys'} ${names}; there are: ${Object.keys(shape).join(', ')}`
      }
      return issue.input === undefined || issue.input === null ? missingMessage : undefined
    },
  })
